"""Which rows are in scope: clauses that all views share, each of which a facet can ignore."""

from __future__ import annotations

from typing import Any

import numpy as np

from dsx.events import Signal


class Filter:
    """Rows in scope, for all views of a dataset.

    `base` is the mask set from Python, `clauses` what readers clicked in views (by facet), and
    `mask` all of it together. A filter hides nothing: rows out of scope stay as faint context.
    """

    def __init__(self, n: int, lock: Any) -> None:
        self._n, self._lock = n, lock
        self.base = np.ones(n, bool)
        self.base.flags.writeable = False
        self.mask = self.base
        self.clauses: dict[str, Any] = {}
        self.revision = 0
        self.changed = Signal()

    @property
    def active(self) -> bool:
        """Whether any row is out of scope."""
        return not bool(self.mask.all())

    def set_base(self, mask: np.ndarray | None) -> None:
        """Replace every clause by a mask from Python; None puts all rows in scope."""
        base = np.ones(self._n, bool) if mask is None else mask
        self._replace(base, {}, base)

    def set_clauses(self, clauses: dict[str, Any], mask: np.ndarray) -> None:
        """What a view made of its clauses: `mask` is their meaning, Python's base included."""
        self._replace(self.base if clauses or not mask.all() else mask, clauses, mask)

    def _replace(self, base: np.ndarray, clauses: dict[str, Any], mask: np.ndarray) -> None:
        for array in (base, mask):
            array.flags.writeable = False
        with self._lock:
            self.base, self.clauses, self.mask = base, dict(clauses), mask
            self.revision += 1
            revision = self.revision
        self.changed.emit(revision)

    def __repr__(self) -> str:
        named = ", ".join(self.clauses) or ("python" if self.active else "none")
        return f"Filter({int(self.mask.sum()):,} of {self._n:,} rows in scope; clauses: {named})"
