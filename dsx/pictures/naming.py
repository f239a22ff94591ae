"""Where the names of regions stand in a figure: where they hide the fewest points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsx.pictures.raster import PointLayer
from dsx.pictures.svg import cut, element, width_of

if TYPE_CHECKING:
    from dsx.pictures.figure import Regions
    from dsx.pictures.frame import Box, Paper

_SIZE = 7.5
_HALO = 2.6
_WEIGHT = 40  # how many others a selected point counts for


def region_names(paper: Paper, box: Box, points: PointLayer, regions: Regions) -> list[str]:
    """Each name where it hides the fewest points of all places in its region."""
    cell = 3.0
    columns, rows = int(box.width / cell) + 1, int(box.height / cell) + 1
    x = (points.x.astype(np.float64) - box.view.x0) / (box.view.x1 - box.view.x0) * box.width
    y = (box.view.y1 - points.y.astype(np.float64)) / (box.view.y1 - box.view.y0) * box.height
    known = np.isfinite(x) & np.isfinite(y)
    weights = None if points.selected is None else 1.0 + (_WEIGHT - 1) * points.selected[known]
    counts, _, _ = np.histogram2d(
        x[known], y[known], [columns, rows], [[0, columns * cell], [0, rows * cell]],
        weights=weights,
    )  # fmt: skip
    covered = np.zeros((columns + 1, rows + 1))
    covered[1:, 1:] = counts.cumsum(0).cumsum(1)
    parts = []
    for region in regions.parts:
        name = region.name
        room = box.x(region.x1) - box.x(region.x0) - 10
        if width_of(f"{name} {region.detail}", _SIZE, bold=True) > room:
            name = region.short or name
        bold = width_of(name, _SIZE, bold=True)
        wide, high = bold + 4 + width_of(region.detail, _SIZE), _SIZE
        pad = 5.0
        left, right = box.x(region.x0) - box.left + pad, box.x(region.x1) - box.left - pad - wide
        top, bottom = box.y(region.y1) - box.top + pad, box.y(region.y0) - box.top - pad - high
        left, top = max(left, pad), max(top, pad)
        right = max(left, min(right, box.width - wide - pad))
        bottom = max(top, min(bottom, box.height - high - pad))
        places = [
            (_within(covered, a / cell, b / cell, wide / cell, high / cell), order, a, b)
            for order, (a, b) in enumerate(
                (a, b) for b in np.linspace(top, bottom, 16) for a in np.linspace(left, right, 16)
            )
        ]
        _, _, a, b = min(places)
        parts.append(
            element(
                "text",
                element("tspan", text=name, font_weight="bold", fill=paper.ink("ink")),
                element("tspan", text=region.detail, dx=4, fill=paper.ink("soft")),
                x=box.left + a, y=box.top + b + high * 0.85,
                stroke=paper.ink("surface"), stroke_width=_HALO, stroke_opacity=0.85,
                stroke_linejoin="round", paint_order="stroke",
            )
        )  # fmt: skip
    return parts


def placed_names(paper: Paper, box: Box, regions: Regions) -> list[str]:
    """Each name centred at its point, where it is in view and hides no name before it."""
    taken: list[tuple[float, float, float, float]] = []
    parts = []
    for place in regions.places:
        name = cut(place.name, _SIZE, box.width * 0.4, bold=True)
        wide = width_of(name, _SIZE, bold=True)
        x, y = box.x(place.x), box.y(place.y)
        if not (box.left <= x <= box.left + box.width and box.top <= y <= box.top + box.height):
            continue
        left = min(max(x - wide / 2, box.left + 3), box.left + box.width - wide - 3)
        base = min(max(y + _SIZE * 0.35, box.top + _SIZE + 2), box.top + box.height - 4)
        here = (left - 3, base - _SIZE - 1, left + wide + 3, base + 3)
        if any(_overlap(here, other) for other in taken):
            continue
        taken.append(here)
        parts.append(
            element(
                "text", text=name, x=left, y=base, font_weight="bold", fill=paper.ink("ink"),
                stroke=paper.ink("surface"), stroke_width=_HALO, stroke_opacity=0.85,
                stroke_linejoin="round", paint_order="stroke",
            )
        )  # fmt: skip
    return parts


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _within(covered: np.ndarray, a: float, b: float, wide: float, high: float) -> float:
    """How many points lie under a name, and about it a little."""
    a0, a1 = max(0, int(a - 1)), min(len(covered) - 1, int(a + wide + 2))
    b0, b1 = max(0, int(b - 1)), min(covered.shape[1] - 1, int(b + high + 2))
    return float(covered[a1, b1] - covered[a0, b1] - covered[a1, b0] + covered[a0, b0])
