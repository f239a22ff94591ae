"""Principal components, exactly, in little memory (Pearson 1901).

The covariance of n x d is summed over chunks, products in float32 about a shift near the mean
and sums in float64, then solved; nothing of the size of the data is ever made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dsx.vectors import Progress, quiet

CHUNK = 8_192
# a component whose share of the variance is below this is rounding, not direction
RANK = 1e-10


@dataclass(frozen=True)
class Components:
    """`mean` (d,) and `axes` (c, d), both float64, and each component's `share` of the variance.

    `share` (c,) is 0, and the axis zero, where the data have fewer dimensions. `n` rows were used.
    """

    mean: np.ndarray
    axes: np.ndarray
    share: np.ndarray
    n: int

    @property
    def rank(self) -> int:
        """How many of the components the data really have."""
        return int(np.count_nonzero(self.share))


def components(
    vectors: np.ndarray, used: np.ndarray, count: int = 2, *, progress: Progress = quiet
) -> Components:
    """The first components of the rows where `used` (n,) holds.

    The sign of each is such that its largest entry is positive, so the same data always give the
    same picture. `vectors` is (n, d), may be memory-mapped, and is finite where used.
    """
    d, n = vectors.shape[1], int(np.count_nonzero(used))
    axes, share = np.zeros((count, d)), np.zeros(count)
    if n == 0 or d == 0:
        return Components(np.zeros(d), axes, share, n)
    shift = _mean_of_first(vectors, used)
    total, squares = np.zeros(d), np.zeros((d, d))
    for block, done in _blocks(vectors, used):
        progress(done, len(vectors))
        block = block - shift
        total += block.sum(axis=0, dtype=np.float64)
        squares += block.T @ block
    mean = total / n
    covariance = squares / n - np.outer(mean, mean)
    variance = float(np.trace(covariance))
    centre = shift.astype(np.float64) + mean
    size = float(np.abs(centre).max())
    # float32 itself is uncertain by 6e-8 of a number's size: less spread than that is none
    if not variance > d * (1e-7 * size) ** 2:
        return Components(centre, axes, share, n)
    values, found = _largest(covariance, min(count, d))
    for place, (value, axis) in enumerate(zip(values, found.T, strict=True)):
        if value > RANK * variance and place < n - 1:
            axes[place] = axis * np.sign(axis[np.argmax(np.abs(axis))])
            share[place] = value / variance
    return Components(centre, axes, share, n)


def placed(
    vectors: np.ndarray, used: np.ndarray, found: Components, *, progress: Progress = quiet
) -> np.ndarray:
    """float32 (n, c): every used row on the components, NaN for the others."""
    places = np.full((len(vectors), len(found.axes)), np.nan, np.float32)
    axes = found.axes.T.astype(np.float32)
    origin = found.mean.astype(np.float32)
    for start in range(0, len(vectors), CHUNK):
        progress(start, len(vectors))
        some = used[start : start + CHUNK]
        block = _wide(vectors[start : start + CHUNK])
        block = block if some.all() else block[some]
        places[start : start + CHUNK][some] = (block - origin) @ axes
    return places


def _largest(covariance: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    from scipy.linalg import eigh

    d = len(covariance)
    values, vectors = eigh(covariance, subset_by_index=[d - count, d - 1])
    return values[::-1], vectors[:, ::-1]


def _mean_of_first(vectors: np.ndarray, used: np.ndarray) -> np.ndarray:
    first = np.flatnonzero(used)[:CHUNK]
    return np.asarray(_wide(vectors[first]).mean(axis=0, dtype=np.float64), np.float32)


def _blocks(vectors: np.ndarray, used: np.ndarray) -> Iterator[tuple[np.ndarray, int]]:
    for start in range(0, len(vectors), CHUNK):
        some = used[start : start + CHUNK]
        if some.any():
            block = _wide(vectors[start : start + CHUNK])
            yield (block if some.all() else block[some]), start


def _wide(block: np.ndarray) -> np.ndarray:
    return block.astype(np.float32, copy=False)
