"""What runs in the worker: one fixed function calls another by name, and its messages go back."""

from __future__ import annotations

import importlib
import json
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from dsx.compute import crossing

_COMM = "dsx"


class Channel:
    """Sends the messages of one call to whoever asked; usable from any thread."""

    def __init__(self) -> None:
        from ipykernel.kernelbase import Kernel

        self._kernel = Kernel.instance()
        self._parent = self._kernel.get_parent()

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
    try:
        request = json.loads(text)
        known = set(sys.path)
        sys.path.extend(path for path in request["path"] if path not in known)
        function = named(request["call"])
        function(channel, **request["arguments"])
    except KeyboardInterrupt:
        channel.send({"kind": "cancelled"})
    except BaseException as error:  # noqa: BLE001 - it is raised where the job was submitted
        channel.send({"kind": "error", "error": crossing.error_out(error)})
    finally:
        if threading.current_thread() is threading.main_thread():
            # an interrupt that comes late hits nobody; ipykernel puts its own handler back
            signal.signal(signal.SIGINT, signal.SIG_IGN)


def named(name: str) -> Any:
    """The object "module:name"."""
    module, _, inside = name.partition(":")
    found: Any = importlib.import_module(module)
    for part in inside.split("."):
        found = getattr(found, part)
    return found


def ready(channel: Channel) -> None:
    """Import what nearly every job needs."""
    import sklearn.decomposition
    import sklearn.feature_extraction.text  # noqa: F401

    import dsx.compute.runner
    import dsx.measures  # noqa: F401

    channel.send({"kind": "done", "version": dsx.__version__})


def answer(channel: Channel, call: str, arguments: dict[str, Any]) -> None:
    """Call a function that looks something up; arrays in what it returns travel as buffers."""
    value, arrays = crossing.arrays_out(named(call)(**arguments))
    channel.send({"kind": "done", "value": value}, [np.ascontiguousarray(a) for a in arrays])
