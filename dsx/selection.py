"""Which rows are marked: one mask per dataset, with set algebra, undo and events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dsx import errors
from dsx.events import Signal
from dsx.history import Change, History

Rows = Any  # a mask, row numbers, ids or an expression; resolved by the dataset
Resolver = Callable[[Rows], np.ndarray]
OPERATIONS = ("set", "add", "subtract", "intersect", "invert", "clear")


class Selection:
    """The marked rows of a dataset of `n` rows.

    `mask` is a read-only bool array of shape (n,), `rows` the uint32 row numbers in ascending
    order. Every change takes one step on the dataset's undo stack and is announced by `changed`
    with the new revision. Changes accept whatever `ds.select` accepts.
    """

    def __init__(self, n: int, resolve: Resolver, history: History) -> None:
        self._n, self._resolve, self._history = n, resolve, history
        # bits, revision, origin: replaced as one, so that reading them together takes no lock
        self._now = (_pack(np.zeros(n, bool)), 0, "")
        self.changed = Signal()

    # -- reading ----------------------------------------------------------------------------

    @property
    def mask(self) -> np.ndarray:
        """bool (n,), read-only: True where the row is marked."""
        mask = unpack(self.bits, self._n)
        mask.flags.writeable = False
        return mask

    @property
    def rows(self) -> np.ndarray:
        """uint32 (k,): the marked row numbers, ascending."""
        return np.flatnonzero(self.mask).astype(np.uint32)

    @property
    def count(self) -> int:
        """How many rows are marked."""
        return int.from_bytes(self.bits, "little").bit_count()

    @property
    def bits(self) -> bytes:
        """The mask packed to one bit a row, little-endian bit order."""
        return self._now[0]

    @property
    def revision(self) -> int:
        """Grows by one with every change."""
        return self._now[1]

    @property
    def origin(self) -> str:
        """What made the newest change: "python", "lasso", "search", ..."""
        return self._now[2]

    def state(self) -> tuple[bytes, int, str]:
        """(bits, revision, origin) of one moment."""
        return self._now

    def __len__(self) -> int:
        return self.count

    def __bool__(self) -> bool:
        return self.count > 0

    def __iter__(self) -> Iterator[int]:
        return iter(self.rows.tolist())

    def __contains__(self, row: int) -> bool:
        return 0 <= row < self._n and bool(self.bits[row >> 3] >> (row & 7) & 1)

    def __repr__(self) -> str:
        made = f" by {self.origin}" if self.origin else ""
        return f"Selection({self.count:,} of {self._n:,} rows{made})"

    # -- changing ---------------------------------------------------------------------------

    def set(self, rows: Rows, *, origin: str = "python") -> None:
        """Mark exactly these rows."""
        self.apply("set", rows, origin=origin)

    def add(self, rows: Rows, *, origin: str = "python") -> None:
        """Mark these rows too."""
        self.apply("add", rows, origin=origin)

    def subtract(self, rows: Rows, *, origin: str = "python") -> None:
        """Unmark these rows."""
        self.apply("subtract", rows, origin=origin)

    def intersect(self, rows: Rows, *, origin: str = "python") -> None:
        """Keep only those of these rows that are marked."""
        self.apply("intersect", rows, origin=origin)

    def invert(self, *, origin: str = "python") -> None:
        """Mark what is not marked, and the other way round."""
        self.apply("invert", origin=origin)

    def clear(self, *, origin: str = "python") -> None:
        """Mark nothing."""
        self.apply("clear", origin=origin)

    def apply(self, operation: str, rows: Rows = None, *, origin: str = "python") -> None:
        """One of `OPERATIONS` with its rows, against the mask as it is now.

        A late message from a browser names the operation and not its outcome, so it lands
        rightly on a selection that moved meanwhile.
        """
        if operation not in OPERATIONS:
            raise errors.bad_value(
                "operation", "a set operation", operation, errors.offer(operation, OPERATIONS)
            )
        needs_rows = operation not in ("invert", "clear")
        given = self._resolve(rows) if needs_rows else np.zeros(0, bool)

        def plan() -> Change | None:
            before, revision, before_origin = self._now
            after = _pack(_combine(operation, unpack(before, self._n), given))
            if after == before:
                self._now = (before, revision, origin)
                return None
            return (
                lambda: self._restore(after, origin),
                lambda: self._restore(before, before_origin),
            )

        label = "clear selection" if operation == "clear" else f"{operation} selection"
        self._history.do(label, plan, self._notify)

    def undo(self) -> str | None:
        """Take back the dataset's newest step, a selection or a decision; its label."""
        return self._history.undo()

    def redo(self) -> str | None:
        """Do the step undone last again; its label."""
        return self._history.redo()

    def _restore(self, bits: bytes, origin: str) -> None:
        self._now = (bits, self._now[1] + 1, origin)

    def _notify(self) -> None:
        self.changed.emit(self.revision)


def unpack(bits: bytes, n: int) -> np.ndarray:
    """One bit a row, little-endian bit order, to a bool array of shape (n,)."""
    return np.unpackbits(np.frombuffer(bits, np.uint8), count=n, bitorder="little").view(bool)


def _pack(mask: np.ndarray) -> bytes:
    return np.packbits(mask, bitorder="little").tobytes()


def _combine(operation: str, now: np.ndarray, given: np.ndarray) -> np.ndarray:
    if operation == "set":
        return given
    if operation == "add":
        return np.asarray(now | given)
    if operation == "subtract":
        return np.asarray(now & ~given)
    if operation == "intersect":
        return np.asarray(now & given)
    return ~now if operation == "invert" else np.zeros_like(now)
