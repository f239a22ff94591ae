"""The background kernel: a real Jupyter kernel that computes while the notebook stays free.

Nothing heavy is imported with this package: it is also where the kernel itself begins.
"""

from __future__ import annotations

import atexit
import os
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dsx.compute.worker.engine import Engine

_lock = threading.Lock()
_engine: Engine | None = None


def current() -> Engine:
    """The queue in front of this process's worker; made when it is first asked for."""
    global _engine
    with _lock:
        if _engine is None:
            from dsx.compute.worker.engine import Engine
            from dsx.compute.worker.local import Local
            from dsx.compute.worker.session import Session

            session = Session()
            _engine = Engine(Local(session), session)
        return _engine


def start_early() -> None:
    """Start the worker before there is anything for it to do; returns at once."""
    threading.Thread(target=lambda: current().start_early(), name="dsx early", daemon=True).start()


def ask(call: str, arguments: dict[str, Any] | None = None) -> Any:
    """What a function "module:name" returns in the worker: JSON and arrays; waits for no job."""
    return current().ask(call, arguments or {})


def close() -> None:
    """End the worker and remove the session's folder; the next job starts another."""
    global _engine
    with _lock:
        ended, _engine = _engine, None
    if ended is not None:
        ended.close()
        ended.session.close()


def _forked() -> None:
    """A child made by fork has no part in its parent's worker."""
    global _engine, _lock
    left, _engine, _lock = _engine, None, threading.Lock()
    if left is not None:
        left.session.forget()


atexit.register(close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
