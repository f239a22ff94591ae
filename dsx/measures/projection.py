"""A place on a plane for every row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from dsx.dataset import Dataset
from dsx.measures.base import Measure, Place, make, parameter
from dsx.measures.inputs import Inputs, Tally
from dsx.measures.result import Result
from dsx.measures.space import ENCODER, NEEDS, embedding, encoder_of, space
from dsx.stats import Estimate, undefined
from dsx.vectors import pca


@dataclass(frozen=True, kw_only=True)
class Projection(Measure):
    """Vectors laid out on a plane, by principal components, UMAP, or around places that stay.

    Row columns (float32): `x` and `y`, null where a row has no vector. "pca" projects on the two
    directions of largest variance, exactly; the summary holds each one's share of the variance.
    """

    key: ClassVar = "projection"
    title: ClassVar = "Projection"
    unit: ClassVar = "row"
    needs: ClassVar = NEEDS
    reads: ClassVar = "whole"
    repeatable: ClassVar = True
    order_free: ClassVar = False
    papers: ClassVar = ("pearson1901lines", "mcinnes2018umap")
    says: ClassVar = (
        "Rows that lie close together were given similar vectors. On a PCA map distances are "
        "those of the two strongest directions; on a UMAP map neighbourhoods count, not distances."
    )
    misleads: ClassVar = (
        "Two numbers cannot hold hundreds: groups can overlap here that are apart in the vectors. "
        "On a UMAP map the gaps between groups, their sizes and their densities mean little. "
        "Colour by map_trust to see whose neighbours are really beside it."
    )
    libraries: ClassVar = ("umap-learn", "numba", "scipy", "scikit-learn")

    encoder: str = parameter("auto", says=ENCODER)
    method: str = parameter(
        "pca",
        choices=("pca", "umap", "placed"),
        says="pca is there at once, umap keeps neighbourhoods and needs umap-learn, placed keeps "
        "the rows of the role position where they are and finds places for the others",
    )
    k: int = parameter(15, at_least=2, at_most=1_000, says="neighbours that shape a UMAP map")
    min_dist: float = parameter(
        0.1, at_least=0, at_most=1, says="how tightly a UMAP map may pack points"
    )

    def resolved(self, dataset: Dataset) -> Measure:
        """With the encoder's real name, and without what the method does not read."""
        known = replace(self, encoder=encoder_of(dataset, self.encoder))
        return replace(known, k=15, min_dist=0.1) if self.method == "pca" else known

    def requires(self, dataset: Dataset) -> tuple[Measure, ...]:
        """The vectors, or for UMAP the neighbours."""
        if self.method == "pca":
            return (embedding(dataset, self.encoder),)
        return (make("neighbours", {"encoder": self.encoder, "k": self.k}).resolved(dataset),)

    def runs(self) -> Place:
        """PCA here: it takes less time than the way to the worker; the others there."""
        return "here" if self.method == "pca" else "worker"

    def compute(self, inputs: Inputs) -> Result:
        """Place the rows that have a vector."""
        return self._pca(inputs)

    def _pca(self, inputs: Inputs) -> Result:
        where = space(inputs, self.encoder)
        tally, vectors, n = where.tally, where.vectors, inputs.n_rows
        inputs.stage("principal components")
        found = pca.components(
            vectors, tally.used, progress=lambda done, total: inputs.progress(done, 2 * total)
        )
        places = pca.placed(
            vectors, tally.used, found,
            progress=lambda done, total: inputs.progress(n + done, 2 * total),
        )  # fmt: skip
        notes = []
        if found.n and found.rank == 0:
            notes.append("all vectors are equal, so all rows lie at one point")
        elif found.rank == 1:
            notes.append("the vectors differ in one direction only, so the map is a line")
        return inputs.result(
            self,
            tally,
            rows={"x": np.ascontiguousarray(places[:, 0]), "y": np.ascontiguousarray(places[:, 1])},
            summary={
                f"explained_{axis}": _explained(inputs, tally, share, found.rank)
                for axis, share in zip("xy", found.share.tolist(), strict=True)
            },
            notes=notes,
            backend="numpy (covariance, float64 sums)",
        )


def _explained(inputs: Inputs, tally: Tally, share: float, rank: int) -> Estimate:
    said: dict[str, Any] = {
        "unit": inputs.units(tally)["unit"],
        "n_left_out": tally.n_left_out,
        "reasons": dict(tally.reasons),
    }
    n = int(tally.used.sum())
    if rank == 0:
        return undefined("the vectors do not differ" if n else "no vectors", n, **said)
    return Estimate(share, method="no interval: of exactly these vectors", n=n, **said)
