"""The private folder of one session: files that cross to the worker, its log, its sockets."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

if sys.platform != "win32":
    import fcntl

log = logging.getLogger("dsx")

PREFIX = "dsx-session-"
# a folder without a readable owner is left alone this long, in seconds: it may just be made
_GRACE = 3600.0
# how long the path of a socket may be; macOS allows 103 bytes, Linux 107
LONGEST_SOCKET = 100


class Session:
    """A folder only its owner can read, removed at the end of the process.

    The file `pid` in it is locked for as long as the process lives, so that another process can
    tell a folder whose owner crashed (and remove it) from one in use, whatever became of the
    process number.
    """

    def __init__(self) -> None:
        swept()
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()  # 0700 by mkdtemp
        self._locks = [_locked(self.folder)]
        self._sockets: Path | None = None

    def socket_prefix(self) -> str | None:
        """The start of the sockets' paths, "-1" to "-5" to be added; None where none is short."""
        inside = str(self.folder / "s")
        if len(os.fsencode(inside)) <= LONGEST_SOCKET - 2:
            return inside
        if self._sockets is None and Path("/tmp").is_dir():
            self._sockets = Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp"))
            self._locks.append(_locked(self._sockets))
        return str(self._sockets / "s") if self._sockets is not None else None

    def file(self, name: str) -> Path:
        """A path in the folder, which is there."""
        return self.folder / name

    def discard(self, path: Path) -> None:
        """Remove a file or folder nobody needs any more; in a forked child it is the parent's."""
        if not self._locks:
            return
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Remove the folder and all that is in it."""
        self.forget()
        for folder in (self.folder, self._sockets):
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)

    def forget(self) -> None:
        """Let go of the folder, which stays: in a forked child it is the parent's."""
        while self._locks:
            with contextlib.suppress(OSError):
                os.close(self._locks.pop())


def swept() -> list[Path]:
    """Remove the folders of sessions that crashed; those removed."""
    removed = []
    places = {Path(tempfile.gettempdir()), Path("/tmp")}
    for place in places:
        for folder in place.glob(f"{PREFIX}*"):
            with contextlib.suppress(OSError):
                if _mine(folder) and _left(folder):
                    shutil.rmtree(folder, ignore_errors=True)
                    removed.append(folder)
                    log.info("removed the folder %s of a session that ended badly", folder)
    return removed


def _locked(folder: Path) -> int:
    """The number of the open file `pid` of a folder, locked, with this process's number."""
    opened = os.open(folder / "pid", os.O_CREAT | os.O_RDWR, 0o600)
    if sys.platform != "win32":
        fcntl.flock(opened, fcntl.LOCK_EX)
    os.write(opened, str(os.getpid()).encode())
    return opened


def _mine(folder: Path) -> bool:
    owner = os.getuid() if hasattr(os, "getuid") else 0
    return folder.is_dir() and not folder.is_symlink() and folder.lstat().st_uid == owner


def _left(folder: Path) -> bool:
    """Whether the owner is gone."""
    try:
        opened = os.open(folder / "pid", os.O_RDWR)
    except FileNotFoundError:
        return time.time() - folder.stat().st_mtime > _GRACE
    try:
        if sys.platform == "win32":
            return False
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return bool(os.read(opened, 20))  # written once it is locked
    except OSError:
        return False
    finally:
        os.close(opened)
