"""What the measures on vectors share: where the vectors come from, and which rows have one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dsx.dataset import Dataset
from dsx.measures.base import Measure, Need, make
from dsx.measures.inputs import Inputs, Tally
from dsx.vectors import unit

NEEDS = (Need("embedding", "text", "image"),)
ENCODER = "name how rows become vectors, or 'auto'; dsx.measure(ds, 'embedding') lists the ways"
# what a list column of row numbers holds for a row that was left out
NO_ROW = np.uint32(4_294_967_295)


def embedding(dataset: Dataset, encoder: str) -> Measure:
    """The embedding measure that `encoder` means for this dataset, "auto" resolved."""
    return make("embedding", {"encoder": encoder}).resolved(dataset)


def encoder_of(dataset: Dataset, encoder: str) -> str:
    """The name that "auto" and short names stand for here."""
    return str(embedding(dataset, encoder).parameters()["encoder"])


@dataclass(frozen=True)
class Space:
    """Vectors (n, d) as the encoder gave them, and the rows that have one."""

    vectors: np.ndarray
    tally: Tally

    @property
    def rows(self) -> np.ndarray:
        """int64 (m,): numbers of the used rows."""
        return np.flatnonzero(self.tally.used)

    def unit(self) -> np.ndarray:
        """float32 (m, d): the used rows' vectors divided by their lengths."""
        return unit.unit(self.vectors, None if self.tally.all else self.rows)


def space(inputs: Inputs, encoder: str, *, directions: bool = False) -> Space:
    """The vectors of a dataset; rows without one are left out, with the embedding's own reasons.

    With `directions` vectors of length zero are left out too: they have no cosine.
    """
    found = inputs.of(embedding(inputs.dataset, encoder))
    vectors = found.column("embedding")
    tally = Tally(inputs.n_rows)
    if found.about.n_left_out:
        left_out = ~found.used
        # one reason of several rows cannot be told apart from outside: they are kept together
        tally.used &= ~left_out
        tally.reasons.update(found.about.reasons)
    missing, zero = unit.usable(vectors)
    tally.leave_out(missing, unit.NO_VECTOR)
    if directions:
        tally.leave_out(zero, unit.NO_DIRECTION)
    return Space(vectors, tally)


def spread(values: np.ndarray, tally: Tally, empty: Any) -> np.ndarray:
    """An array of the used rows (m, ...) put at their places among all (n, ...)."""
    if tally.all:
        return values
    whole = np.full((len(tally.used), *values.shape[1:]), empty, values.dtype)
    whole[tally.used] = values
    return whole
