"""Where the cache folder is, and what happens where there can be none."""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path

from dsx.storage.entries import Store
from dsx.storage.files import unfinished

log = logging.getLogger("dsx")

VARIABLE = "DSX_CACHE"
OFF = ("off", "none", "0")
_VERSION = "v1"  # of the layout; another one lies beside it
_stores: dict[str, Store] = {}
_lock = threading.Lock()


def store() -> Store:
    """The Store of this process: in the folder DSX_CACHE names, else in the user's cache folder.

    DSX_CACHE=off, or a folder that cannot be made or written (this is logged), gives a private
    temporary folder that goes when the process ends: all works, nothing is found again later.
    """
    wanted = os.environ.get(VARIABLE, "")
    with _lock:
        if wanted not in _stores:
            _stores[wanted] = _open(wanted)
        return _stores[wanted]


def folder() -> Path:
    """The cache folder of this user, whether or not it is there."""
    if wanted := os.environ.get(VARIABLE):
        return Path(wanted).expanduser().absolute()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "dsx"
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "dsx" / "cache"
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "dsx"


def _open(wanted: str) -> Store:
    if wanted.lower() in OFF:
        return _passing()
    try:
        made = Store(folder() / _VERSION)
        with unfinished(made.path) as trial:
            (trial / "trial").write_bytes(b"dsx")
    except (OSError, RuntimeError) as error:  # RuntimeError: there is no home folder
        log.warning(
            "no cache folder: %s. Results last as long as this session; set %s to a folder that "
            "can be written to keep them",
            error,
            VARIABLE,
        )
        return _passing()
    return made


def _passing() -> Store:
    """A Store that goes with this process."""
    path = Path(tempfile.mkdtemp(prefix="dsx-cache-"))
    atexit.register(_remove, path, os.getpid())
    return Store(path / _VERSION, lasting=False)


def _remove(path: Path, owner: int) -> None:
    if os.getpid() == owner:  # not at the end of a child made by fork
        shutil.rmtree(path, ignore_errors=True)


def _forked() -> None:
    """In a child made by fork: a thread that held one of these locks is not there."""
    global _lock
    _lock = threading.Lock()
    for one in _stores.values():
        one.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
