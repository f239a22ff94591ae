"""A data map on paper and in a saved notebook: points, names, legend and words from a result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsx import cite, columns
from dsx.measures.result import Result
from dsx.pictures import palette, scale
from dsx.pictures.coloring import REGIONS, Coloring, by_region, coloring
from dsx.pictures.figure import Axes, Caption, Region, Regions
from dsx.pictures.picture import PointPicture
from dsx.pictures.raster import Window

if TYPE_CHECKING:
    from dsx.dataset import Dataset

HOME = Window(-0.006, 0.506, -0.014, 1.014)
_NAMES = ("easy to learn", "ambiguous", "hard to learn")


def map_picture(ds: Dataset, result: Result, color: str) -> tuple[bytes, str]:
    """(PNG, words) of a data map for a saved notebook; the page's own picture replaces it."""
    return MapPicture(ds, result, color=color).snapshot()


class MapPicture(PointPicture):
    """What a data map shows at this moment: a result, a colour, two borders, a selection.

    `color` as DataMap takes it; the borders default to those of the result.
    """

    def __init__(
        self,
        ds: Dataset,
        result: Result,
        *,
        color: str = "correctness",
        confidence_threshold: float | None = None,
        variability_threshold: float | None = None,
    ) -> None:
        parameters = result.about.parameters
        self.ds, self.result = ds, result  # what the colours are of
        x, y = self.x, self.y = result.column("variability"), result.column("confidence")
        self.borders = (
            parameters["variability_threshold"]
            if variability_threshold is None
            else variability_threshold,
            parameters["confidence_threshold"]
            if confidence_threshold is None
            else confidence_threshold,
        )
        super().__init__(ds, result, x, y, self._coloring(color))
        self.regions = by_region(self.x, self.y, *self.borders).codes

    def axes(self) -> Axes:
        """Variability to the right, confidence upwards."""
        return Axes(HOME, "variability", "confidence", ends=(0.5, 1.0))

    def named(self) -> Regions:
        """The three regions with their counts, and the borders between them."""
        v, c = self.borders
        boxes = ((0, v, c, 1), (v, 0.5, 0, 1), (0, v, 0, c))
        counts = self._counts(~self.faint)
        chosen = self._counts(self.selected)
        every = zip(_NAMES, REGIONS, counts, chosen, boxes, strict=True)
        parts = tuple(
            Region(
                name, f"{k:,} of {n:,}" if self.selected.any() else f"{n:,}",
                float(x0), float(x1), float(y0), float(y1), short,
            )
            for name, short, n, k, (x0, x1, y0, y1) in every
        )  # fmt: skip
        return Regions(parts, ((v, HOME.y0, v, HOME.y1), (HOME.x0, c, v, c)))

    def caption(self) -> Caption:
        """n, what is shown, the parameters, the selection and the source."""
        v, c = self.borders
        about = self.result.about
        shown = "Each dot is a row: how sure the model was of its label on average over "
        shown += f"{self._epochs()} (confidence) and how much that changed (variability)."
        if self.coloring.title:
            shown += f" Colour: {self.coloring.title}."
        if about.parameters.get("run"):
            shown += f" Run: {about.parameters['run']}."
        rule = (
            f"Regions: ambiguous where variability ≥ {v:g}, else easy to learn where "
            f"confidence ≥ {c:g}, else hard to learn; these borders are a choice."
        )
        parts = [shown, rule]
        parts += self._standing()
        paper = cite.PAPERS[self.result.measure.papers[0]]
        parts.append(f"Source of the method: {paper}")
        return Caption(f"{self.ds.name}, n = {about.n_used:,} rows", " ".join(parts))

    def alt(self) -> str:
        """The picture in words: what it is of, how many rows, and how many in each region."""
        counts = self._counts(~self.faint)
        named = [f"{n:,} {name}" for n, name in zip(counts, _NAMES, strict=True)]
        text = (
            f"Data map of {self.ds.name}: {self.result.about.n_used:,} rows, confidence upwards "
            f"from 0 to 1, variability to the right from 0 to 0.5; {named[0]}, {named[1]}, "
            f"{named[2]}"
        )
        if self.selected.any():
            text += f"; {int(self.selected.sum()):,} selected"
        return f"{text}; colour: {self.coloring.title}." if self.coloring.title else f"{text}."

    def _window(self, width: int, height: int) -> Window:
        return HOME

    def _paper(self, width: int, height: int) -> np.ndarray:
        paper, grid, line = (palette.parse(c) for c in ("#ffffff", "#edeff2", "#8b939f"))
        back = np.tile(paper, (height, width, 1))
        for value in scale.ticks(HOME.x0, HOME.x1, 5).values:
            back[:, _column(value, width)] = grid
        for value in scale.ticks(HOME.y0, HOME.y1, 5).values:
            back[_row(value, height)] = grid
        variability, confidence = self.borders
        edge = _column(variability, width)
        dashes = np.arange(max(height, width)) % 6 < 4
        back[dashes[:height], edge] = line
        back[_row(confidence, height), :edge][dashes[:edge]] = line
        back[_row(0, height)] = back[:, _column(0, width)] = line
        return np.asarray(back)

    def _counts(self, which: np.ndarray) -> list[int]:
        return [int(n) for n in np.bincount(self.regions[which], minlength=256)[:3]]

    def _coloring(self, color: str) -> Coloring:
        if color == "region":
            return by_region(self.x, self.y, *self.borders)
        if color == "correctness":
            known = [name for name in ("n_correct", "correctness") if self._has(name)]
            if not known:
                return by_region(self.x, self.y, *self.borders)
            color = known[0]
        return coloring(self.ds, color, self._n_epochs())

    def _has(self, name: str) -> bool:
        rows = self.result.rows
        return rows is not None and rows.column(name).null_count < len(rows)

    def _n_epochs(self) -> int:
        first = self.result.about.parameters.get("first_epochs")
        found = [r for r in self.ds.roles.values() if r.kind in ("epoch_probs", "epoch_logits")]
        if not found:
            return 0
        n: int = columns.shape(self.ds.table.schema.field(found[0].column).type)[0]
        return min(first, n) if first else n

    def _epochs(self) -> str:
        n = self._n_epochs()
        return f"{n} epochs" if n else "the epochs"


def _column(value: float, width: int) -> int:
    return min(width - 1, int((value - HOME.x0) / (HOME.x1 - HOME.x0) * width))


def _row(value: float, height: int) -> int:
    return min(height - 1, int((HOME.y1 - value) / (HOME.y1 - HOME.y0) * height))
