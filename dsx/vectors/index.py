"""Nearly all neighbours of all rows, by faiss's inverted lists (Johnson et al. 2019).

Rows are dealt to the nearest of some centres; a row then looks only through the lists of the
centres nearest to it. How many lists that takes is not guessed: it is read off a sample of rows
whose true neighbours are known. The index holds one copy of the vectors, n x d x 4 bytes, and
8 bytes a row; what is found is another n x (k + 1) x 8.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from dsx import errors
from dsx.vectors import Progress, quiet
from dsx.vectors.search import nearest

NAME = "faiss IVF"
SAMPLE = 500
# the share of the sample's true neighbours that lie in the chosen number of lists
AIM = 0.997
# rows in a list on average, at least: the number of points faiss wants for a centre
FEWEST = 39
# of k-means: more move the centres little, and the probes are counted afterwards anyway
ROUNDS = 4
# multiplications between two calls of `progress`: about half a second on one core
PART = 4e9
MOST_QUERIES = 16_384


@dataclass(frozen=True)
class Index:
    """A faiss index of all `vectors`, and how many of its lists a search looks through."""

    vectors: np.ndarray
    faiss_index: Any
    lists: int
    probed: int

    @property
    def name(self) -> str:
        """For About.backend: "faiss IVF (632 lists, 12 probed)"."""
        return f"{NAME} ({self.lists:,} lists, {self.probed:,} probed)"

    def candidates(self, k: int, progress: Progress = quiet) -> np.ndarray:
        """int64 (n, k): rows near each row, itself nearly always among them, k at most n.

        `progress` is called about twice a second, and may raise to end it.
        """
        found = np.empty((len(self.vectors), k), np.int64)
        done = 0
        for rows in self._parts():
            progress(done, len(found))
            found[rows] = self._look(rows, k, self.probed)
            done += len(rows)
        progress(done, len(found))
        return found

    def _look(self, rows: np.ndarray, k: int, probed: int) -> np.ndarray:
        import faiss

        among = faiss.SearchParametersIVF()
        among.nprobe = probed
        found = np.asarray(self.faiss_index.search(self.vectors[rows], k, params=among)[1])
        few = np.flatnonzero(found[:, -1] < 0)  # where these lists hold fewer than k rows
        if len(few):
            found[few] = self._look(rows[few], k, min(2 * probed, self.lists))
        return found

    def _parts(self) -> Iterator[np.ndarray]:
        """The rows, list by list: those that follow each other read the same lists."""
        order, sizes = _held(self.faiss_index)
        # a row is in a list in proportion to its length, and so are those it looks through
        looked_at = min(self.probed * float((sizes / len(order)) @ sizes), len(order))
        size = int(np.clip(PART / (looked_at * self.vectors.shape[1]), 64, MOST_QUERIES))
        for start in range(0, len(order), size):
            yield order[start : start + size]


def build(vectors: np.ndarray, k: int, seed: int = 0, progress: Progress = quiet) -> Index:
    """An index of unit vectors float32 (n, d) for searches of k rows; one seed, one index.

    There are 2 sqrt(n) lists, fewer where they would hold less than 39 or k rows on average.
    Raises ExtraError where faiss is not installed.
    """
    check()
    import faiss

    n, d = vectors.shape
    random = np.random.default_rng([seed, 0x115])
    lists = max(1, min(round(2 * n**0.5), n // max(FEWEST, k)))
    made = faiss.IndexIVFFlat(faiss.IndexFlatIP(d), d, lists, faiss.METRIC_INNER_PRODUCT)
    made.cp.seed = int(random.integers(2**31))
    made.cp.niter = ROUNDS
    made.cp.max_points_per_centroid = 64
    made.cp.min_points_per_centroid = 1  # no warning on stderr
    progress(0, n)
    made.train(vectors)
    for start in range(0, n, MOST_QUERIES):
        progress(0, n)
        made.add(vectors[start : start + MOST_QUERIES])
    progress(0, n)
    return Index(vectors, made, lists, _probes(vectors, k, made, random))


def check() -> None:
    """Raise ExtraError where faiss is not installed."""
    if not find_spec("faiss"):
        raise errors.missing_extra("neighbours by an index", "faiss-cpu", "map")


def _held(faiss_index: Any) -> tuple[np.ndarray, np.ndarray]:
    """int64 (n,) and (lists,): the rows of the lists, one list after the other, and the sizes."""
    import faiss

    held = faiss_index.invlists
    sizes = np.array([held.list_size(i) for i in range(faiss_index.nlist)])
    full = np.flatnonzero(sizes).tolist()
    views = [faiss.rev_swig_ptr(held.get_ids(i), int(sizes[i])) for i in full]
    return np.concatenate(views), sizes


def _probes(vectors: np.ndarray, k: int, faiss_index: Any, random: np.random.Generator) -> int:
    """How many lists, nearest first, hold the share AIM of the true neighbours of a sample."""
    n = len(vectors)
    rows = np.sort(random.choice(n, min(SAMPLE, n), replace=False))
    true, _ = nearest(vectors[rows], vectors, k)
    near = faiss_index.quantizer.search(vectors[rows], faiss_index.nlist)[1]
    place = np.argsort(near, axis=1)  # of each list in the order from near to far
    order, sizes = _held(faiss_index)
    of = np.empty(n, np.int64)
    of[order] = np.repeat(np.arange(len(sizes)), sizes)
    needed = np.sort(np.take_along_axis(place, of[true], axis=1).ravel())
    return int(needed[int(np.ceil(AIM * len(needed))) - 1]) + 1
