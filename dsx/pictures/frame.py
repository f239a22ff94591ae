"""What stands around the points of a figure: axes, histograms, names, legend and caption.

All lengths are points, 1/72 inch; sizes of type hold at any width of the figure.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dsx.pictures import palette, scale
from dsx.pictures.captions import caption_block, legend_rows
from dsx.pictures.naming import placed_names, region_names
from dsx.pictures.png import png_rgba
from dsx.pictures.raster import Mode, PointLayer, Window, draw
from dsx.pictures.svg import FONT, element, number, width_of

if TYPE_CHECKING:
    from dsx.pictures.figure import Axes, Caption, Legend, Regions

SMALL = 7.5
_BARS, _GAP = 22.0, 4.0
_EDGE = 6.0  # of paper around everything


@dataclass(frozen=True, slots=True)
class Paper:
    """How wide the figure is, in points, and the colours of all that is not data."""

    width: float
    theme: palette.Theme

    @property
    def left(self) -> float:
        """Where type and bars begin."""
        return _EDGE

    @property
    def right(self) -> float:
        """Where type and bars end."""
        return self.width - _EDGE

    def ink(self, name: str) -> str:
        """The colour of "surface", "ink", "soft", "line", "grid", "bar", "accent" or "rule"."""
        return _INKS[self.theme][name]


_INKS = {
    "light": {
        "surface": "#ffffff", "ink": "#1c2430", "soft": "#5a6372", "line": "#aab1bc",
        "grid": "#edeff2", "bar": "#b6bcc6", "accent": "#1a66d6", "rule": "#5a6372",
    },
    "dark": {
        "surface": "#111419", "ink": "#e9ecf1", "soft": "#a3abb8", "line": "#4b5360",
        "grid": "#23272e", "bar": "#535b68", "accent": "#6aa8ff", "rule": "#a3abb8",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the paper, and the part of the data plane in it."""

    left: float
    top: float
    width: float
    height: float
    view: Window

    def x(self, value: float) -> float:
        """Where a value stands, from the left of the paper."""
        return self.left + (value - self.view.x0) / (self.view.x1 - self.view.x0) * self.width

    def y(self, value: float) -> float:
        """Where a value stands, from the top of the paper."""
        return self.top + (self.view.y1 - value) / (self.view.y1 - self.view.y0) * self.height


def lay_out(
    paper: Paper,
    points: PointLayer,
    axes: Axes,
    legend: Legend,
    caption: Caption,
    regions: Regions,
    *,
    dpi: float,
    mode: Mode,
    alt: str,
) -> str:
    """The whole figure as an SVG document."""
    head, at = legend_rows(paper, legend, top=_EDGE)
    view = axes.view
    y_ticks = scale.ticks(view.y0, view.y1, 5)
    if axes.bare:
        box = _bare_box(paper, view, at)
        below = box.top + box.height + 2
        around = [_outline(paper, box)]
    else:
        labels = max(width_of(y_ticks.write(value), SMALL) for value in y_ticks.values)
        left = paper.left + SMALL + 6 + labels + 5
        width = paper.right - left - _BARS - _GAP
        high = width * (0.68 if paper.width > 300 else 0.8)
        box = Box(left, at + _BARS + _GAP, width, high, view)
        below = box.top + box.height + 2 * SMALL + 11
        around = [*_grid(paper, box, axes, y_ticks), *_histograms(paper, box, points, axes)]
    foot, end = caption_block(paper, caption, top=below + 6)
    end += _EDGE
    body = [
        element("rect", width=paper.width, height=end, fill=paper.ink("surface")),
        *head,
        *around,
        _raster(points, box, paper.theme, dpi, mode),
        *(
            element(
                "line", x1=box.x(x0), y1=box.y(y0), x2=box.x(x1), y2=box.y(y1),
                stroke=paper.ink("rule"), stroke_width=0.6, stroke_dasharray="3 2",
            )
            for x0, y0, x1, y1 in regions.borders
        ),
        *region_names(paper, box, points, regions),
        *placed_names(paper, box, regions),
        *foot,
    ]  # fmt: skip
    size = f"{number(paper.width)} {number(end)}"
    words = [element("title", text=caption.title), element("desc", text=alt)] if alt else []
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + element(
        "svg", *words, *body,
        xmlns="http://www.w3.org/2000/svg", xmlns_xlink="http://www.w3.org/1999/xlink",
        width=f"{number(paper.width)}pt", height=f"{number(end)}pt", viewBox=f"0 0 {size}",
        font_family=FONT, font_size=SMALL, role="img",
    ).replace("xmlns-xlink", "xmlns:xlink", 1) + "\n"  # fmt: skip


def _bare_box(paper: Paper, view: Window, top: float) -> Box:
    """A box as wide as the figure, in which a step to the right is as long as a step up."""
    width = paper.right - paper.left
    height = width * (0.68 if paper.width > 300 else 0.8)
    return Box(paper.left, top, width, height, view.widened(width / height))


def _outline(paper: Paper, box: Box) -> str:
    return element(
        "rect", x=box.left, y=box.top, width=box.width, height=box.height, fill="none",
        stroke=paper.ink("line"), stroke_width=0.6,
    )  # fmt: skip


def _grid(paper: Paper, box: Box, axes: Axes, y_ticks: scale.Ticks) -> list[str]:
    right, bottom = box.left + box.width, box.top + box.height
    x_ticks = scale.ticks(axes.view.x0, axes.view.x1, max(4, box.width / 75))
    grid: dict[str, Any] = {"stroke": paper.ink("grid"), "stroke_width": 0.6}
    soft: dict[str, Any] = {"fill": paper.ink("soft")}
    parts = [
        element("line", x1=box.x(v), x2=box.x(v), y1=box.top, y2=bottom, **grid)
        for v in x_ticks.values
    ] + [
        element("line", x1=box.left, x2=right, y1=box.y(v), y2=box.y(v), **grid)
        for v in y_ticks.values
    ]
    frame = f"M{number(box.left)} {number(box.top)}V{number(bottom)}H{number(right)}"
    parts.append(element("path", d=frame, fill="none", stroke=paper.ink("line"), stroke_width=0.8))
    for value in x_ticks.values:
        text = x_ticks.write(value)
        at = min(box.x(value), paper.right - width_of(text, SMALL) / 2)
        parts.append(
            element("text", text=text, x=at, y=bottom + SMALL + 3, text_anchor="middle", **soft)
        )
    for value in y_ticks.values:
        at = box.y(value) + SMALL * 0.35
        parts.append(
            element(
                "text", text=y_ticks.write(value), x=box.left - 4, y=at, text_anchor="end", **soft
            )
        )
    parts.append(
        element("text", text=axes.x, x=box.left + box.width / 2, y=bottom + 2 * SMALL + 7,
                text_anchor="middle", **soft)
    )  # fmt: skip
    place = f"{number(paper.left + SMALL * 0.8)} {number(box.top + box.height / 2)}"
    turned = f"translate({place}) rotate(-90)"
    parts.append(element("text", text=axes.y, transform=turned, text_anchor="middle", **soft))
    return parts


def _histograms(paper: Paper, box: Box, points: PointLayer, axes: Axes) -> list[str]:
    view = axes.view
    x, y = (values.astype(np.float64) for values in (points.x, points.y))
    shown = (x >= view.x0) & (x <= view.x1) & (y >= view.y0) & (y <= view.y1)
    if points.faint is not None:
        shown &= ~points.faint
    layers = [(shown, paper.ink("bar"), 0.5)]
    if points.selected is not None and (points.selected & shown).any():
        layers.append((points.selected & shown, paper.ink("accent"), 1.2))
    parts = []
    for up in (True, False):
        values, low, high = (x, view.x0, view.x1) if up else (y, view.y0, view.y1)
        length = box.width if up else box.height
        edges = scale.bins(low, high, length / (9 if up else 6.5), axes.ends[0 if up else 1])
        most = 0.0
        for which, colour, least in layers:
            # a value stored as 0.29999998 belongs to the bin that starts at 0.3
            counts, _ = np.histogram(np.clip(values[which] + 1e-7, edges[0], edges[-1]), edges)
            most = most or float(max(1, counts.max(initial=0)))
            path = "".join(
                _bar(box, up, edges[k], edges[k + 1], max(least, count / most * _BARS))
                for k, count in enumerate(counts.tolist())
                if count
            )
            parts.append(element("path", d=path, fill=colour))
    return [part for part in parts if " d=" in part]


def _bar(box: Box, up: bool, low: float, high: float, size: float) -> str:
    if up:
        a, b = max(box.x(low), box.left), min(box.x(high), box.left + box.width)
        base = box.top - _GAP
        return f"M{number(a)} {number(base)}v{number(-size)}h{number(b - a - 0.5)}v{number(size)}z"
    a, b = max(box.y(high), box.top), min(box.y(low), box.top + box.height)
    start = box.left + box.width + _GAP
    return f"M{number(start)} {number(a)}h{number(size)}v{number(b - a - 0.5)}h{number(-size)}z"


def _raster(points: PointLayer, box: Box, theme: palette.Theme, dpi: float, mode: Mode) -> str:
    wide, high = (max(1, round(length / 72 * dpi)) for length in (box.width, box.height))
    image = draw(points, box.view, wide, high, theme=theme, ratio=dpi / 96, mode=mode)
    data = base64.b64encode(png_rgba(image, dpi=dpi)).decode("ascii")
    return element(
        "image", x=box.left, y=box.top, width=box.width, height=box.height,
        preserveAspectRatio="none", xlink_href=f"data:image/png;base64,{data}",
    )  # fmt: skip
