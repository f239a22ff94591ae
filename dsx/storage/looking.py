"""`dsx.cache`: where stored results are, how much they are, and clearing them."""

from __future__ import annotations

import re
import time
from html import escape
from pathlib import Path

from dsx import errors
from dsx.storage.entries import Entry, Store
from dsx.storage.place import store

_UNITS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_DAY = 24 * 3600.0


class Cache:
    """What dsx keeps on disk, so that nothing is computed twice.

    Printing it says where it is, how much it holds and of what. `path` is the folder (set the
    environment variable DSX_CACHE to choose another, or to "off" to keep nothing), `size` and
    `limit` are in bytes, `entries()` lists what is there and `clear()` removes it. Above the limit
    what was used longest ago goes; ``dsx.cache.limit = "20 GB"`` sets it for this folder.
    """

    __name__ = "cache"

    @property
    def path(self) -> Path:
        """The folder everything is in."""
        return self._store.path

    @property
    def size(self) -> int:
        """Bytes used now."""
        return self._store.size

    @property
    def limit(self) -> int:
        """Bytes above which what was used longest ago is removed."""
        return self._store.limit

    @limit.setter
    def limit(self, value: int | str) -> None:
        self._store.limit = _bytes(value)

    def entries(self, kind: str | None = None) -> list[Entry]:
        """What is stored (of a kind: "results", "vectors"), the one used longest ago first."""
        return self._store.entries(kind)

    def clear(self, kind: str | None = None, *, unused_days: float | None = None) -> int:
        """Remove what is stored (of a kind; unused for so many days); the bytes freed.

        Results in hand stay usable; they are computed again when they are next asked for.
        """
        kinds = sorted({entry.kind for entry in self.entries()})
        if kind is not None and kind not in kinds:
            if kind in ("results", "vectors"):
                return 0
            raise errors.unknown_choice("kind of entry", kind, {*kinds, "results", "vectors"})
        before = None if unused_days is None else time.time() - unused_days * _DAY
        return self._store.clear(kind, before=before)

    @property
    def _store(self) -> Store:
        return store()

    def _lines(self) -> list[tuple[str, str]]:
        entries = self.entries()
        total = sum(entry.size for entry in entries)
        lines = [
            ("cache", str(self.path)),
            ("holds", f"{_size(total)} of at most {_size(self.limit)}"),
        ]
        for kind in sorted({entry.kind for entry in entries}):
            of = [entry for entry in entries if entry.kind == kind]
            count = f"{len(of):,} {'entry' if len(of) == 1 else 'entries'}"
            lines.append((kind, f"{count}, {_size(sum(entry.size for entry in of))}"))
        if not self._store.lasting:
            lines.append(("note", "a temporary folder: it goes when this session ends"))
        return lines

    def __repr__(self) -> str:
        return "\n".join(f"{name}: {value}" for name, value in self._lines())

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th>"
            f"<td style='text-align:left'>{escape(value)}</td></tr>"
            for name, value in self._lines()
        )
        return f"<table>{cells}</table>"


cache = Cache()


def _size(value: int) -> str:
    """Bytes in words a person reads."""
    amount, unit = float(value), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.1f} {unit}" if unit != "B" else f"{value} B"


def _bytes(value: int | str) -> int:
    """A number of bytes, or a text such as "20 GB" (powers of 1000) or "4 GiB" (of 1024)."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?\s*", str(value).lower())
    if isinstance(value, bool) or not found:
        raise errors.bad_value("limit", 'a number of bytes, or a text such as "20 GB"', value)
    number, unit, binary = found.groups()
    return int(float(number) * (1024 if binary else 1000) ** _UNITS[unit])
