"""The neighbour graph as the measures on it read it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dsx.dataset import Dataset
from dsx.measures.base import Measure, make
from dsx.measures.inputs import Inputs, Tally
from dsx.measures.space import NO_ROW

ALONE = "no other row to compare with"


@dataclass(frozen=True)
class Graph:
    """`neighbours` uint32 and `similarity` float32, (n, k), nearest first; `there` bool (n, k).

    Where `there` is False there is no neighbour, and the similarity is NaN.
    """

    neighbours: np.ndarray
    similarity: np.ndarray
    there: np.ndarray

    @property
    def k(self) -> int:
        """How many neighbours a row has at most."""
        return int(self.neighbours.shape[1])

    @property
    def alone(self) -> np.ndarray:
        """bool (n,): rows without any neighbour."""
        return np.asarray(~self.there.any(axis=1))


def neighbours(dataset: Dataset, encoder: str, k: int) -> Measure:
    """The neighbour measure that others build on."""
    return make("neighbours", {"encoder": encoder, "k": k}).resolved(dataset)


def read_graph(inputs: Inputs, encoder: str, k: int, tally: Tally) -> Graph:
    """The graph; rows that it left out are left out of `tally`, with its reasons."""
    found = inputs.of(neighbours(inputs.dataset, encoder, k))
    if found.about.n_left_out:
        # which row had which reason is not told: they are taken over together
        tally.used &= found.used
        tally.reasons.update(found.about.reasons)
    numbers, similarity = found.column("neighbours"), found.column("similarity")
    there = (numbers != NO_ROW) & np.isfinite(similarity)
    return Graph(numbers, similarity, there)
