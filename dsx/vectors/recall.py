"""How many of the true neighbours a search found, on a sample of rows."""

from __future__ import annotations

import numpy as np

from dsx.vectors.search import TIE, Plan, exact, plan

SAMPLE = 500


def sampled(n: int, seed: int) -> np.ndarray:
    """int64, sorted: 500 rows drawn without replacement, or all where there are no more."""
    if n <= SAMPLE:
        return np.arange(n)
    return np.sort(np.random.default_rng([seed, 0x5EC]).choice(n, SAMPLE, replace=False))


def recall(
    vectors: np.ndarray, found: np.ndarray, rows: np.ndarray, how: Plan | None = None
) -> np.ndarray:
    """float64 (m,): for each of `rows` the share of its k found neighbours that are true ones.

    `found` is (n, k) over unit vectors (n, d). A found row counts when it is as similar as the
    k-th true neighbour, to 1e-6: which of equally similar rows were taken says nothing.
    """
    k = found.shape[1]
    cosine = exact(vectors, rows, k, how or plan(vectors.shape, "exact"))[1]
    mine = found[rows].astype(np.int64)
    got = np.einsum("md,mkd->mk", vectors[rows], vectors[mine])
    return np.asarray((got >= cosine[:, -1:] - TIE).mean(axis=1), np.float64)
