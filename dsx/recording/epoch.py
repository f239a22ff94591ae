"""The values of one epoch while they come in."""

from __future__ import annotations

import numpy as np


class Epoch:
    """float32 values by row, growing by doubling; `width` 0 means one value a row.

    `finished` says that the epoch is over, `n_seen` how many rows have come in.
    """

    def __init__(self, capacity: int, width: int, *, finished: bool = False) -> None:
        shape = (capacity, width) if width else (capacity,)
        self._values = np.full(shape, np.nan, np.float32)
        self._seen = np.zeros(capacity, bool)
        self.finished = finished
        self.n_seen = 0

    def has(self, places: np.ndarray) -> np.ndarray:
        """bool (b,): which of these rows have come in."""
        found = np.zeros(len(places), bool)
        known = places < len(self._seen)
        found[known] = self._seen[places[known]]
        return found

    def put(self, places: np.ndarray, values: np.ndarray) -> None:
        """Keep the values (b,) or (b, K) of rows that have not come in yet."""
        top = int(places.max()) + 1 if len(places) else 0
        if top > len(self._seen):
            more = max(top, 2 * len(self._seen)) - len(self._seen)
            empty = np.full((more, *self._values.shape[1:]), np.nan, np.float32)
            self._values = np.concatenate([self._values, empty])
            self._seen = np.concatenate([self._seen, np.zeros(more, bool)])
        self._values[places] = values
        self._seen[places] = True
        self.n_seen += len(places)

    def values(self, n_rows: int) -> np.ndarray:
        """float32 (n,) or (n, K) of the first rows, NaN where none has come in."""
        if n_rows <= len(self._values):
            return self._values[:n_rows]
        empty = np.full((n_rows - len(self._values), *self._values.shape[1:]), np.nan, np.float32)
        return np.concatenate([self._values, empty])
