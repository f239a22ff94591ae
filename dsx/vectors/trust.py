"""How much of the neighbourhoods a map kept (Venna and Kaski 2001)."""

from __future__ import annotations

import numpy as np

from dsx.vectors import Progress, quiet
from dsx.vectors.search import TIE

# rows on which ranks are counted, each against all others
SAMPLE = 1_000
# below this trustworthiness a map is said to mislead about who is near whom
LOW = 0.9
_ROWS = 64


def on_map(places: np.ndarray, k: int) -> np.ndarray:
    """uint32 (n, k): the k nearest rows of each row on the map (n, 2), nearest first, not itself.

    Which of several rows at the same distance come in is left to the k-d tree, and repeatable.
    """
    from scipy.spatial import cKDTree

    n = len(places)
    found = cKDTree(places).query(places, k=min(k, n - 1) + 1, workers=-1)[1]
    own = found == np.arange(n)[:, None]
    own[~own.any(axis=1), -1] = True  # a row with many others at its very place may not be found
    return np.asarray(found[~own].reshape(n, -1), np.uint32)


def kept(
    vectors: np.ndarray, cosine: np.ndarray, near: np.ndarray, *, progress: Progress = quiet
) -> np.ndarray:
    """float64 (n,): the share of each row's k true neighbours that are its k nearest on the map.

    `vectors` (n, d) are of unit length, `cosine` (n, k) the true neighbours' similarities, and
    `near` (n, k) the rows on the map. A row on the map counts when it is as similar as the k-th
    true neighbour to 1e-6, so that ties and duplicates do not count as losses.
    """
    least = cosine.min(axis=1)
    share = np.empty(len(near))
    for start in range(0, len(near), 1_024):
        progress(start, len(near))
        some = slice(start, start + 1_024)
        there = np.einsum("md,mkd->mk", vectors[some], vectors[near[some]])
        share[some] = (there >= least[some, None] - TIE).mean(axis=1)
    return share


def ranked(
    vectors: np.ndarray,
    places: np.ndarray,
    neighbours: np.ndarray,
    near: np.ndarray,
    rows: np.ndarray,
    *,
    progress: Progress = quiet,
) -> tuple[np.ndarray, np.ndarray]:
    """(m,) and (m,): each row's part in trustworthiness and in continuity; their means are those.

    For `rows` (m,) the ranks among all n are counted: in the vectors for the k nearest on the map
    (a stranger there costs trustworthiness), on the map for the k true neighbours (one that was
    torn away costs continuity). Equally near rows share the better rank. 1 <= k < n - 1.
    """
    n, k = near.shape
    trust, continuity = np.empty(len(rows)), np.empty(len(rows))
    # up to here float64 is cheap and tells near ties apart; float32 cannot below 1e-6
    wide = n <= 5_000
    vectors, tie = (vectors.astype(np.float64), 1e-12) if wide else (vectors, TIE)
    worst = k * (2 * n - 3 * k - 1) / 2 if 2 * k < n else (n - k) * (n - k - 1) / 2
    for start in range(0, len(rows), _ROWS):
        progress(start, len(rows))
        some = rows[start : start + _ROWS]
        apart = -(vectors[some] @ vectors.T)
        flat = np.hypot(*(places[some].astype(np.float64)[:, None] - places).T).T
        for i, row in enumerate(some.tolist()):
            far = _ranks(apart[i], near[row], row, tie)
            trust[start + i] = 1 - np.maximum(far - k, 0).sum() / worst
            torn = _ranks(flat[i], neighbours[row], row, 0.0)
            continuity[start + i] = 1 - np.maximum(torn - k, 0).sum() / worst
    return trust, continuity


def _ranks(distance: np.ndarray, which: np.ndarray, row: int, tie: float) -> np.ndarray:
    """1 + how many other rows are strictly nearer, for each of `which`."""
    asked = distance[which] - tie
    distance[row] = np.inf
    return np.asarray(np.searchsorted(np.sort(distance), asked, side="left") + 1)
