"""Which rows are in scope: clauses that all views share, each of which a facet can ignore."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from dsx.events import Signal


class Scope(NamedTuple):
    """A filter at one moment: masks are read-only bool (n,), `mask` is base and clauses."""

    base: np.ndarray
    clauses: Mapping[str, Any]
    mask: np.ndarray
    revision: int


class Filter:
    """Rows in scope, for all views of a dataset.

    `base` is the mask set from Python, `clauses` what readers clicked in views (by facet), and
    `mask` all of it together. A filter hides nothing: rows out of scope stay as faint context.
    """

    def __init__(self, n: int, lock: Any) -> None:
        self._n, self._lock = n, lock
        everything = _frozen(np.ones(n, bool))
        # replaced as one, so that reading takes no lock
        self._now = Scope(everything, MappingProxyType({}), everything, 0)
        self.changed = Signal()

    def state(self) -> Scope:
        """Base, clauses, mask and revision of one moment."""
        return self._now

    @property
    def base(self) -> np.ndarray:
        """bool (n,), read-only: the rows that Python put in scope."""
        return self._now.base

    @property
    def clauses(self) -> Mapping[str, Any]:
        """What readers filter by, by facet."""
        return self._now.clauses

    @property
    def mask(self) -> np.ndarray:
        """bool (n,), read-only: the rows in scope."""
        return self._now.mask

    @property
    def revision(self) -> int:
        """Grows by one with every change."""
        return self._now.revision

    @property
    def active(self) -> bool:
        """Whether any row is out of scope."""
        return not bool(self.mask.all())

    def set_base(self, mask: np.ndarray | None) -> None:
        """Replace every clause by a mask from Python; None puts all rows in scope."""
        base = _frozen(np.ones(self._n, bool) if mask is None else mask)
        with self._lock:
            revision = self.revision + 1
            self._now = Scope(base, MappingProxyType({}), base, revision)
        self.changed.emit(revision)

    def set_clauses(self, clauses: Mapping[str, Any], mask: np.ndarray) -> None:
        """What readers clicked, and the rows that pass it all; Python's base holds beside it."""
        with self._lock:
            base = self.base
            both = base if not clauses else _frozen(base & mask)
            revision = self.revision + 1
            self._now = Scope(base, MappingProxyType(dict(clauses)), both, revision)
        self.changed.emit(revision)

    def __repr__(self) -> str:
        named = ", ".join(self.clauses) or ("python" if self.active else "none")
        return f"Filter({int(self.mask.sum()):,} of {self._n:,} rows in scope; clauses: {named})"


def _frozen(mask: np.ndarray) -> np.ndarray:
    mask.flags.writeable = False
    return mask
