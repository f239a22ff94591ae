"""What the page asked, read with suspicion: types, sizes and rows, before anything changes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from dsx import errors, selection

MOST_ROWS = 10_000  # whose details go into one answer
MOST_NAMES = 200
LONGEST = 10_000  # characters of a word
LARGEST = 1 << 18  # characters of an object as JSON


class Request:
    """One request {op, ...} with its buffers; every reader raises InputError for what is amiss."""

    def __init__(self, content: Any, buffers: list[bytes]) -> None:
        if not isinstance(content, dict):
            raise errors.bad_value("request", "an object with an op", content)
        self._content, self._buffers = content, buffers

    def has(self, name: str) -> bool:
        """Whether the request says anything under that name."""
        return self._content.get(name) is not None

    def word(self, name: str, default: str | None = None) -> str:
        """A string; without a default it must be there."""
        value = self._content.get(name, default)
        if not isinstance(value, str) or len(value) > LONGEST:
            raise errors.bad_value(name, f"a text of at most {LONGEST:,} characters", value)
        return value.encode("utf-8", "replace").decode()  # a page may send half a character

    def words(self, name: str) -> list[str]:
        """A list of strings, empty where it is not there."""
        value = self._content.get(name, [])
        good = isinstance(value, list) and len(value) <= MOST_NAMES
        if not good or not all(isinstance(each, str) for each in value):
            raise errors.bad_value(name, f"a list of at most {MOST_NAMES} names", value)
        return list(value)

    def table(self, name: str) -> dict[str, Any]:
        """A JSON object of moderate size, empty where it is not there."""
        value = self._content.get(name, {})
        if not isinstance(value, dict) or len(json.dumps(value)) > LARGEST:
            raise errors.bad_value(name, f"an object of at most {LARGEST:,} characters", value)
        return value

    def number(self, name: str, default: int | None = None, most: int = 2**53) -> int:
        """A whole number from 0 to `most`; without a default it must be there."""
        value = self._content.get(name, default)
        if type(value) is not int or not 0 <= value <= most:
            raise errors.bad_value(name, f"a whole number from 0 to {most:,}", value)
        return value

    def numbers(self, name: str) -> np.ndarray:
        """int64 (k,): a list of whole numbers, which need not be rows."""
        value = self._content.get(name)
        listed = value if isinstance(value, list) else [None]
        whole = all(type(each) is int and abs(each) < 2**53 for each in listed)
        if not whole or len(listed) > MOST_ROWS:
            raise errors.bad_value(name, f"a list of at most {MOST_ROWS:,} row numbers", value)
        return np.array(listed, np.int64)

    def marked(self, n: int) -> np.ndarray:
        """Rows of a dataset of n, in the first buffer: bool (n,), or uint32 (k,) row numbers.

        `encoding` says which: "bits" (the default; one bit a row, little-endian) or "rows".
        """
        data = self.buffer()
        if self.word("encoding", "bits") != "rows":
            if len(data) != (n + 7) // 8:
                raise errors.bad_value("buffer", f"a bit for each of {n:,} rows", f"{len(data)} B")
            return selection.unpack(data, n)
        if len(data) % 4:
            raise errors.bad_value("buffer", "four bytes a row number", f"{len(data)} B")
        rows = np.frombuffer(data, "<u4")
        if rows.size and int(rows.max()) >= n:
            raise errors.bad_rows_argument(f"row number {int(rows.max())}", n)
        return rows

    def buffer(self) -> bytes:
        """The first buffer."""
        if not self._buffers:
            raise errors.bad_value("buffer", "bytes beside the request", "none")
        return self._buffers[0]
