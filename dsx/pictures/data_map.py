"""A data map on paper and in a saved notebook: points, names, legend and words from a result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsx import cite, columns
from dsx.measures.result import Result
from dsx.page.snapshot import MOST_BYTES
from dsx.pictures import palette, scale
from dsx.pictures.coloring import REGIONS, Coloring, by_region, coloring
from dsx.pictures.figure import (
    Axes,
    Caption,
    Figure,
    Legend,
    LegendEntry,
    Region,
    Regions,
    data_map_figure,
)
from dsx.pictures.palette import Theme
from dsx.pictures.png import png_indexed, reduced
from dsx.pictures.raster import Mode, PointLayer, Window, draw, over

if TYPE_CHECKING:
    from dsx.dataset import Dataset

HOME = Window(-0.006, 0.506, -0.014, 1.014)
_NAMES = ("easy to learn", "ambiguous", "hard to learn")


def map_picture(ds: Dataset, result: Result, color: str) -> tuple[bytes, str]:
    """(PNG, words) of a data map for a saved notebook; the page's own picture replaces it."""
    return MapPicture(ds, result, color=color).snapshot()


class MapPicture:
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
        self.ds, self.result = ds, result
        self.x, self.y = result.column("variability"), result.column("confidence")
        self.borders = (
            parameters["variability_threshold"]
            if variability_threshold is None
            else variability_threshold,
            parameters["confidence_threshold"]
            if confidence_threshold is None
            else confidence_threshold,
        )
        self.coloring = self._coloring(color)
        self.faint = ~ds.filter_mask | ds.decisions.dropped
        self.selected = ds.selection.mask & ~self.faint
        self.regions = by_region(self.x, self.y, *self.borders).codes

    def figure(
        self,
        *,
        width: float = 6.5,
        dpi: float = 300,
        theme: Theme = "light",
        mode: Mode = "auto",
    ) -> Figure:
        """The publishable picture; see `data_map_figure`."""
        palette.check_theme(theme)
        return data_map_figure(
            self.points(theme),
            axes=Axes(HOME, "variability", "confidence", ends=(0.5, 1.0)),
            legend=self.legend(theme),
            caption=self.caption(),
            regions=self.named_regions(),
            width=width,
            dpi=dpi,
            theme=theme,
            mode=mode,
            alt=self.alt(),
        )

    def snapshot(self, width: int = 480, height: int = 360) -> tuple[bytes, str]:
        """(PNG, what it shows in words) for a saved notebook: points, grid and borders.

        Of a picture too large for a notebook, first the colours become fewer, then it smaller.
        """
        png = b""
        for part, colours in ((1.0, 128), (1.0, 48), (1.0, 16), (0.6, 32), (0.4, 16)):
            png = self._drawn(int(width * part), int(height * part), colours)
            if len(png) <= MOST_BYTES:
                break
        return png, self.alt()

    def _drawn(self, width: int, height: int, colours: int) -> bytes:
        theme: Theme = "light"
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
        image = over(draw(self.points(theme), HOME, width, height, theme=theme), back)
        return png_indexed(*reduced(image, paper, colours))

    def points(self, theme: Theme) -> PointLayer:
        """Places, slots and colours of all rows."""
        return PointLayer(
            self.x, self.y, self.coloring.codes, self.coloring.colours(theme),
            self.selected if self.selected.any() else None,
            self.faint if self.faint.any() else None,
        )  # fmt: skip

    def legend(self, theme: Theme) -> Legend:
        """What the colours mean, in words."""
        table = palette.table(theme, self.coloring.colours(theme))
        entries = {
            slot: LegendEntry(label, palette.css(table[slot]))
            for slot, label in self.coloring.labels.items()
        }
        scaled = tuple(entry for slot, entry in entries.items() if slot < palette.OTHER)
        rest = tuple(entry for slot, entry in entries.items() if slot >= palette.OTHER)
        return Legend(self.coloring.title, scaled, self.coloring.bar, rest)

    def named_regions(self) -> Regions:
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
        if about.n_left_out:
            why = "; ".join(f"{n:,} {reason}" for reason, n in sorted(about.reasons.items()))
            parts.append(f"Left out: {about.n_left_out:,} rows ({why}).")
        if self.faint.any():
            parts.append(f"{int(self.faint.sum()):,} rows out of scope or dropped in grey.")
        if self.selected.any():
            parts.append(f"{int(self.selected.sum()):,} rows are selected (full colour, outlined).")
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
