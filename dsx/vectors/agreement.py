"""How many neighbours two spaces have in common."""

from __future__ import annotations

import numpy as np

_ROWS = 8_192


def shared(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """int64 (n,): how many of the k rows of `one` (n, k) are among the k rows of `other` (n, k)."""
    count = np.empty(len(one), np.int64)
    for start in range(0, len(one), _ROWS):
        some = slice(start, start + _ROWS)
        # sorted together, a row number that is in both stands next to itself
        both = np.sort(np.hstack([one[some], other[some]]), axis=1)
        count[some] = (both[:, 1:] == both[:, :-1]).sum(axis=1)
    return count


def jaccard(common: np.ndarray, k: int) -> np.ndarray:
    """float64 (n,): the size of the intersection over that of the union (Jaccard 1912)."""
    return np.asarray(common / (2 * k - common))
