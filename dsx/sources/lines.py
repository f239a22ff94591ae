"""Lines of a plain or gzipped file, numbered from 1, for messages that say where it breaks."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from dsx import errors
from dsx.sources import refusals


def numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """(line number, bytes) of a file; FileError where a gzip file ends too early."""
    number = 0
    with _open(path) as stream:
        try:
            for number, line in enumerate(stream, 1):
                yield number, line
        except (EOFError, OSError) as error:
            raise refusals.unreadable_file(
                path.name,
                "a whole gzip file",
                f"an end after line {number} ({error})",
                "it was cut while being written or copied: get it again",
            ) from None


def bad_encoding(
    path: Path, number: int, error: UnicodeDecodeError, column: str | None
) -> errors.FileError:
    """Bytes of a file that are not in its encoding: names the line and, if known, the column."""
    inside = f", column {column!r}" if column else ""
    found = error.object[error.start : error.start + 1].hex()
    return refusals.unreadable_file(
        path.name,
        f"text in {error.encoding}",
        f"byte 0x{found} at line {number}{inside}, byte {error.start} of that line",
        "name the encoding it has, for example dsx.read(path, encoding='latin-1')",
    )


def is_wide(encoding: str) -> bool:
    """Whether a line end is more than one byte in this encoding."""
    return encoding.lower().replace("_", "-").startswith(("utf-16", "utf-32"))


def _open(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path)) if path.suffix == ".gz" else path.open("rb")
