"""What runs in the remote kernel beside the measures: files come and go in pieces.

A file is stored once under the digest of its content; folders are put together from these.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import uuid
from pathlib import Path, PurePosixPath
from typing import Any

from dsx import errors
from dsx.compute.worker.session import Session

CHUNK = 4 * 2**20
_session: Session | None = None

Answer = tuple[dict[str, Any], list[Any]]


def begin(channel: Any) -> Answer:
    """A private folder on this machine, gone with the kernel, and what the machine is."""
    global _session
    if _session is None:
        _session = Session()
        atexit.register(_session.close)
        (_session.folder / "parts").mkdir()
        (_session.folder / "files").mkdir()
    said = {"folder": str(_session.folder), "device": device(), "cpus": os.cpu_count() or 1}
    return said, []


def device() -> str:
    """The fastest device as its maker names it, found without importing what would use it."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        if shutil.which("nvidia-smi"):
            asked = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
            said = subprocess.run(asked, capture_output=True, text=True, timeout=10, check=True)
            if names := said.stdout.strip().splitlines():
                more = f" and {len(names) - 1} more" if len(names) > 1 else ""
                return f"{names[0].strip()}{more}"
    if sys.platform == "darwin" and platform.machine() == "arm64":
        return "Apple GPU (mps)"
    return "cpu"


def lacking(channel: Any, digests: list[str]) -> Answer:
    """Which files are not here yet."""
    return {"lacking": [one for one in digests if not _stored(one).exists()]}, []


def write(channel: Any, digest: str, offset: int, size: int) -> Answer:
    """Take a piece of a file: the request's one buffer. The last piece completes it.

    A piece may come twice, where a connection broke before its receipt was known.
    """
    stored, part = _stored(digest), _folder() / "parts" / _name(digest)
    if stored.exists():
        return {"there": size}, []
    (piece,) = channel.buffers or (b"",)
    with part.open("r+b" if part.exists() else "wb") as file:
        file.seek(offset)
        file.write(piece)
        end = file.tell()
    if end >= size:
        if digest_of(part) != digest:
            part.unlink()
            raise errors.transfer_damaged()
        part.replace(stored)
    return {"there": end}, []


def assemble(channel: Any, files: dict[str, str], single: bool) -> Answer:
    """The path of a new folder of files by digest; with `single` that of its one file."""
    folder = _folder() / uuid.uuid4().hex
    folder.mkdir()
    for name, digest in files.items():
        _link(_stored(digest), folder / _name(name))
    return {"path": str(folder / next(iter(files)) if single else folder)}, []


def listing(channel: Any, path: str) -> Answer:
    """Names, sizes and digests of the files of a folder (or of one file), kept for `assemble`."""
    root = Path(path)
    single = root.is_file()
    found = [root] if single else sorted(p for p in root.iterdir() if p.is_file())
    files = []
    for one in found:
        digest = digest_of(one)
        if not _stored(digest).exists():
            _link(one, _stored(digest))
        files.append([one.name, one.stat().st_size, digest])
    return {"files": files, "single": single}, []


def read(channel: Any, digest: str, offset: int) -> Answer:
    """A piece of a file."""
    with _stored(digest).open("rb") as file:
        file.seek(offset)
        return {}, [file.read(CHUNK)]


def remove(channel: Any, path: str) -> Answer:
    """Remove a result that was fetched; its files stay for what needs them next."""
    root = Path(path)
    if root.parent == _folder():
        shutil.rmtree(root, ignore_errors=True)
    return {}, []


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _folder() -> Path:
    if _session is None:
        raise errors.connection_lost("the kernel was started anew")
    return _session.folder


def _stored(digest: str) -> Path:
    return _folder() / "files" / _name(digest)


def _name(name: str) -> str:
    """A plain file name: nothing leaves the session's folder."""
    if PurePosixPath(name).name != name or name in ("", ".", "..") or "\\" in name:
        raise errors.bad_value("name", "a plain file name", name)
    return name


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without links
        shutil.copyfile(source, target)
