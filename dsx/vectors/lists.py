"""Nearly all neighbours of all rows, by inverted lists (as in Johnson et al. 2019).

Rows are dealt to the nearest of some centres; a row then looks only through the lists of the
centres near its own, all rows of one list together, in one product of matrices. How many lists
that takes is not guessed: it is read off a sample of rows whose true neighbours are known.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from dsx.vectors import Progress, quiet
from dsx.vectors.search import best, nearest

# rows in a list on average: fewer make the products small, more make the search coarse
PER_LIST = 200
SAMPLE = 500
# the share of the sample's true neighbours that the chosen number of lists would have found
AIM = 0.997
_ROUNDS = 4
_BLOCK = 4_096


def search(vectors: np.ndarray, k: int, seed: int = 0, progress: Progress = quiet) -> np.ndarray:
    """int64 (n, k): rows near each row of unit vectors (n, d), itself among them, in no order.

    One seed gives the same rows. `progress` is called between lists, and may raise to end it.
    """
    n = len(vectors)
    random = np.random.default_rng([seed, 0x115])
    centres = _centres(vectors, max(1, n // PER_LIST), random)
    of = _nearest_centre(vectors, centres)
    order = np.argsort(of, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(of, minlength=len(centres)))])
    near = np.argsort(-(centres @ centres.T), axis=1, kind="stable")
    probes = _probes(vectors, k, of, near, random)
    found = np.empty((n, k), np.int64)

    def look(centre: int) -> int:
        mine = order[starts[centre] : starts[centre + 1]]
        theirs = _members(order, starts, near[centre], probes, k)
        some = vectors[theirs]
        for begin in range(0, len(mine), _BLOCK):
            rows = mine[begin : begin + _BLOCK]
            found[rows] = theirs[best(vectors[rows], some, k)]
        return len(mine)

    done = 0
    # closed at once when `progress` raises: a traceback would keep the threads at work
    with contextlib.closing(_in_parallel(look, len(centres))) as counts:
        for count in counts:
            done += count
            progress(done, n)
    return found


def _members(
    order: np.ndarray, starts: np.ndarray, near: np.ndarray, probes: int, k: int
) -> np.ndarray:
    """The rows of the first `probes` lists, or of as many as hold k rows."""
    lists = [order[starts[c] : starts[c + 1]] for c in near[:probes].tolist()]
    while sum(map(len, lists)) < k:
        c = int(near[len(lists)])
        lists.append(order[starts[c] : starts[c + 1]])
    return np.sort(np.concatenate(lists))


def _in_parallel(look: Callable[[int], int], count: int) -> Generator[int, None, None]:
    from threadpoolctl import threadpool_limits

    # a product this small gains nothing from threads inside; several of them at once do
    with threadpool_limits(1), ThreadPoolExecutor(_cores()) as pool:
        waiting: list[Future[int]] = [pool.submit(look, c) for c in range(count)]
        try:
            for future in waiting:
                yield future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _centres(vectors: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """float32 (count, d) of unit length: a few rounds of k-means on a sample, by cosine."""
    n = len(vectors)
    some = vectors[np.sort(random.choice(n, min(n, 64 * count), replace=False))]
    centres = some[random.choice(len(some), count, replace=False)]
    for _ in range(_ROUNDS):
        of = _nearest_centre(some, centres)
        sizes = np.bincount(of, minlength=count)
        full = np.flatnonzero(sizes)
        begins = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        sums = np.add.reduceat(some[np.argsort(of, kind="stable")], begins[full], axis=0)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        centres[full] = np.where(lengths > 0, sums / np.maximum(lengths, 1e-20), centres[full])
    return np.asarray(centres)


def _nearest_centre(vectors: np.ndarray, centres: np.ndarray) -> np.ndarray:
    found = np.empty(len(vectors), np.int64)
    for start in range(0, len(vectors), _BLOCK):
        some = slice(start, start + _BLOCK)
        found[some] = (vectors[some] @ centres.T).argmax(axis=1)
    return found


def _probes(
    vectors: np.ndarray, k: int, of: np.ndarray, near: np.ndarray, random: np.random.Generator
) -> int:
    """How many lists, nearest first, hold the share AIM of the true neighbours of a sample."""
    n, count = len(vectors), len(near)
    rows = np.sort(random.choice(n, min(SAMPLE, n), replace=False))
    true, _ = nearest(vectors[rows], vectors, k)
    place = np.empty_like(near)
    np.put_along_axis(place, near, np.broadcast_to(np.arange(count), near.shape), axis=1)
    needed = np.sort(place[of[rows][:, None], of[true]].ravel())
    return int(needed[int(np.ceil(AIM * len(needed))) - 1]) + 1
