"""What runs in the worker: one fixed function calls another by name, and its messages go back."""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
import pyarrow as pa

from dsx import __version__
from dsx.compute import crossing
from dsx.compute.worker.kernel import step_back

log = logging.getLogger("dsx")

Answer = tuple[dict[str, Any], Sequence[Any]]
# held while something compiles by numba ahead of need: not all of its thread pools bear two users
compiling = threading.Lock()
_COMM = "dsx"
RUN = "dsx.compute.runner:run"  # a job; what else is called is a matter of moments


class Channel:
    """Sends the messages of one call to whoever asked; usable from any thread."""

    def __init__(self) -> None:
        from ipykernel.kernelbase import Kernel

        kernel: Any = Kernel.instance()
        self._kernel = kernel
        self._parent: dict[str, Any] = kernel.get_parent()

    @property
    def buffers(self) -> list[Any]:
        """The buffers that came with the request."""
        return list(self._parent.get("buffers") or [])

    def send(self, data: dict[str, Any], buffers: Sequence[Any] = ()) -> None:
        """A JSON message with buffers (anything contiguous)."""
        session, content = self._kernel.session, {"comm_id": _COMM, "data": data}
        session.send(
            self._kernel.iopub_socket, "comm_msg", content, parent=self._parent,
            ident=b"comm-dsx", buffers=[memoryview(buffer) for buffer in buffers],
        )  # fmt: skip


def called(text: str) -> None:
    """Answer one request, a JSON text; the code of every execute_request calls this."""
    channel = Channel()
    last: tuple[dict[str, Any], Sequence[Any]] = ({"kind": "cancelled"}, ())
    try:
        request = json.loads(text)
        known = set(sys.path)
        sys.path.extend(path for path in request["path"] if path not in known)
        said, buffers = named(request["call"])(channel, **request["arguments"])
        last = ({**said, "kind": "done"}, buffers)
    except KeyboardInterrupt:
        log.info("interrupted")
    except BaseException as error:  # noqa: BLE001 - it is raised where the job was submitted
        last = ({"kind": "error", "error": crossing.error_out(error)}, ())
    finally:
        if threading.current_thread() is threading.main_thread():
            # an interrupt that comes late hits nobody; ipykernel puts its own handler back
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        channel.send(*last)
    if last[0]["kind"] != "done" or request["call"] == RUN:
        gc.collect()  # what the error's frames, or a dataset's circles, held: memory and open files


def named(name: str) -> Any:
    """The object "module:name"."""
    module, _, inside = name.partition(":")
    found: Any = importlib.import_module(module)
    for part in inside.split("."):
        found = getattr(found, part)
    return found


def ready(channel: Channel) -> Answer:
    """Import what nearly every job needs, then step back behind other processes.

    scikit-learn, seconds of it, is not among that.
    """
    for name in ("scipy.sparse.linalg", "threadpoolctl", "dsx.measures", "dsx.compute.runner"):
        importlib.import_module(name)
    pa.array(np.zeros(1))  # the first of these imports pandas where that is installed
    gc.collect()
    gc.freeze()  # what is here now stays: no later collection looks at it
    step_back()
    return {"version": __version__, "pid": os.getpid()}, ()


def answer(channel: Channel, call: str, arguments: dict[str, Any]) -> Answer:
    """Call a function that looks something up; arrays in what it returns travel as buffers."""
    value, arrays = crossing.arrays_out(named(call)(**arguments))
    return {"value": value}, [np.ascontiguousarray(array) for array in arrays]


def warm_names(channel: Channel, steps: str) -> Answer:
    """Names of the steps that pay for compilation ahead; none where nothing is to be warmed."""
    if find_spec("umap") is None or find_spec(steps.partition(":")[0]) is None:
        return {"names": []}, ()
    return {"names": [name for name, _ in named(steps)()]}, ()


def warm(channel: Channel, steps: str, number: int) -> Answer:
    """Take one of these steps, at the lowest priority the system has."""
    with contextlib.suppress(OSError, AttributeError):  # on Linux it is this thread's alone
        if sys.platform == "linux":
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
    _, step = named(steps)()[number]
    with compiling:
        step()
    return {}, ()
