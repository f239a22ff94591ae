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
_others: list[Engine] = []  # those not in use now, such as the local one beside a remote one


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


def folder_of(result: Any) -> str:
    """Where the worker can read a result (`saved.load`), for what is asked of it."""
    engine = current()
    return engine.transport.put(engine.parcels.folder(result))


def warm_up() -> Any:
    """The warm-up of the worker (see `WarmUp`), or None where there is none (yet)."""
    return None if _engine is None else _engine.warm_up


def use(engine: Engine) -> None:
    """Send what is submitted from now on to another engine; `close` ends it with the local one."""
    global _engine
    with _lock:
        if _engine is not None and _engine not in _others:
            _others.append(_engine)
        _engine = engine


def close() -> None:
    """End the worker and remove the session's folder; the next job starts another."""
    global _engine
    with _lock:
        ended = [engine for engine in (_engine, *_others) if engine is not None]
        _engine = None
        _others.clear()
    for engine in ended:
        engine.close()
        engine.session.close()


def _forked() -> None:
    """A child made by fork has no part in its parent's worker."""
    global _engine, _lock
    left, _engine, _lock = [*_others, *filter(None, [_engine])], None, threading.Lock()
    _others.clear()
    for engine in left:
        engine.session.forget()


atexit.register(close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
