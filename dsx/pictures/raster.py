"""Points into pixels with numpy: the picture of a map where no browser draws it.

The twin of `widgets/src/raster.ts`: the same sizes, layers and colours. Edges are
smooth because discs are drawn larger and averaged down.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from dsx.pictures import palette
from dsx.pictures.density import density
from dsx.pictures.palette import Theme

Mode = Literal["auto", "points", "density"]
_WRITES = 30_000_000  # most pixels written for the discs of one layer; beyond, points are squares
_PIXELS = 10_000_000  # most pixels of the larger picture that is averaged down


@dataclass(frozen=True, slots=True)
class Window:
    """Part of the data plane in a picture: x0 at its left edge, y0 at its bottom edge."""

    x0: float
    x1: float
    y0: float
    y1: float

    def widened(self, ratio: float) -> Window:
        """The smallest window about this one that is `ratio` times as wide as it is high."""
        wide, high = self.x1 - self.x0, self.y1 - self.y0
        more_x = max(0.0, high * ratio - wide) / 2
        more_y = max(0.0, wide / ratio - high) / 2
        return Window(self.x0 - more_x, self.x1 + more_x, self.y0 - more_y, self.y1 + more_y)


@dataclass(frozen=True, slots=True)
class PointLayer:
    """Points with a slot of `colours` each.

    `x`, `y` float (n,), NaN where a row has no position; `codes` uint8 (n,), 255 where it has no
    value; `colours` uint8 (k, 3); `selected` bool (n,) or None; `faint` bool (n,): out of scope
    or dropped, drawn as context.
    """

    x: np.ndarray
    y: np.ndarray
    codes: np.ndarray
    colours: np.ndarray
    selected: np.ndarray | None = None
    faint: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class _Ink:
    colours: np.ndarray  # uint8 (256, 3)
    alpha: float
    radius: float  # pixels
    rim: tuple[int, int, int, float] | None = None


def draw(
    points: PointLayer,
    view: Window,
    width: int,
    height: int,
    *,
    theme: Theme = "light",
    ratio: float = 1.0,
    mode: Mode = "auto",
) -> np.ndarray:
    """uint8 (height, width, 4), colours not premultiplied, of points on nothing.

    `ratio` is pixels a CSS pixel: sizes are those of the screen. Later rows lie over earlier
    ones, selected rows on top. "auto" draws density where dots would pile up.
    """
    x = (points.x.astype(np.float64) - view.x0) * (width / (view.x1 - view.x0))
    y = (view.y1 - points.y.astype(np.float64)) * (height / (view.y1 - view.y0))
    seen = np.flatnonzero((x >= 0) & (x < width) & (y >= 0) & (y < height))
    x, y, codes = x[seen], y[seen], points.codes[seen]
    n = len(seen)
    faint = np.zeros(n, bool) if points.faint is None else points.faint[seen]
    chosen = np.zeros(n, bool) if points.selected is None else points.selected[seen] & ~faint
    area = width * height / ratio**2
    radius = radius_for(n, area)
    piled = mode == "density" or (mode == "auto" and n * np.pi * radius**2 > 0.55 * area)
    any_chosen = bool(chosen.any())
    colours = palette.table(theme, points.colours)
    canvas = np.zeros((height, width, 4))
    dark = theme == "dark"
    paper = (17, 17, 17, 0.75) if dark else (255, 255, 255, 0.75)
    edge = (242, 244, 248, 0.85) if dark else (28, 36, 48, 0.85)

    grey = np.tile(palette.grey(theme, "faint"), (256, 1))
    base = _Ink(colours, 0.95, radius * ratio, paper if radius >= 2.2 and not piled else None)
    if any_chosen:
        base = replace(base, alpha=0.42 if piled else 0.26, rim=None)
    _layer(canvas, x, y, codes, faint, _Ink(grey, 0.16, min(radius, 2) * ratio), piled)
    _layer(canvas, x, y, codes, ~faint & ~chosen, base, piled)
    few = radius_for(int(chosen.sum()), area) if any_chosen else radius
    large = max(radius, min(few, max(2.4, radius * 1.25)))
    top = _Ink(colours, 1.0, large * ratio, edge if large >= 1.6 else None)
    _layer(canvas, x, y, codes, chosen, top, False)
    return _straight(canvas)


def radius_for(n: int, area: float) -> float:
    """Radius in CSS pixels at which `n` points in a plot of `area` square pixels read well."""
    scale = min(1.15, max(0.75, (area / 315_000) ** 0.25))
    return float(round(min(5.5, 14 * max(n, 60) ** -0.2 * scale) * 4) / 4)


def over(image: np.ndarray, paper: np.ndarray) -> np.ndarray:
    """uint8 (h, w, 3): an image of (h, w, 4) on a paper of (3,) or (h, w, 3)."""
    alpha = image[..., 3:] / 255
    return np.asarray(image[..., :3] * alpha + paper * (1 - alpha) + 0.5).astype(np.uint8)


def _layer(
    canvas: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    codes: np.ndarray,
    which: np.ndarray,
    ink: _Ink,
    piled: bool,
) -> None:
    """Draw some of the points over a canvas of premultiplied floats, alpha in 0..1."""
    if not which.any():
        return
    if not which.all():
        x, y, codes = x[which], y[which], codes[which]
    if piled:
        size = canvas.shape[:2]
        drawn = density(
            x, y, codes, ink.colours, alpha=ink.alpha, radius=ink.radius, size=(size[0], size[1])
        )
    else:
        drawn = _discs(x, y, codes, ink, canvas)
    canvas *= 1 - drawn[..., 3:]
    canvas += drawn


def _discs(
    x: np.ndarray, y: np.ndarray, codes: np.ndarray, ink: _Ink, canvas: np.ndarray
) -> np.ndarray:
    """Opaque discs, later points over earlier ones: the largest number at each pixel wins."""
    height, width = canvas.shape[:2]
    rim = max(1.0, ink.radius * 0.22) if ink.rim else 0.0
    outer = ink.radius + rim
    fine = 3
    while fine > 1 and (
        len(x) * np.pi * (outer * fine) ** 2 > _WRITES or height * width * fine**2 > _PIXELS
    ):
        fine -= 1
    if len(x) * np.pi * outer**2 > _WRITES or ink.radius < 0.75:
        rows, columns = _block(1 if ink.radius < 0.75 else 2)
        body = np.ones(len(rows), bool)
        fine = 1
    else:
        rows, columns, body = _disc(ink.radius * fine, outer * fine)
    margin = int(max(np.abs(rows).max(), np.abs(columns).max())) + 1
    stride = width * fine + 2 * margin
    top = np.zeros((height * fine + 2 * margin) * stride, np.int32)
    home = ((y * fine).astype(np.int64) + margin) * stride + (x * fine).astype(np.int64) + margin
    number = np.arange(1, len(x) + 1, dtype=np.int32) * 2
    for row, column, inside in zip(rows.tolist(), columns.tolist(), body.tolist(), strict=True):
        place, mark = home + (row * stride + column), number + inside
        wins = mark > top[place]
        top[place[wins]] = mark[wins]  # of equal places the last is kept, and it is the largest
    top = top.reshape(-1, stride)[margin : margin + height * fine, margin : margin + width * fine]
    colours = np.zeros((258, 4), np.float32)
    colours[1:257, :3] = ink.colours * (ink.alpha / 255)
    colours[1:257, 3] = ink.alpha
    if ink.rim:
        colours[257] = [*(value * ink.rim[3] / 255 for value in ink.rim[:3]), ink.rim[3]]
    slots = np.full(2 * len(x) + 2, 257, np.int16)  # of each mark: 0 nothing, 257 the rim
    slots[:2], slots[3::2] = 0, codes.astype(np.int16) + 1
    return _averaged(slots, top, colours, fine)


def _averaged(slots: np.ndarray, top: np.ndarray, colours: np.ndarray, fine: int) -> np.ndarray:
    """The colour of each pixel: the mean of its fine x fine parts, strip by strip."""
    height, width = top.shape[0] // fine, top.shape[1] // fine
    drawn = np.zeros((height, width, 4), np.float32)
    for start in range(0, height, 128):
        part = slots[top[start * fine : (start + 128) * fine]]
        for row in range(fine):
            for column in range(fine):
                drawn[start : start + 128] += colours[part[row::fine, column::fine]]
    return drawn / fine**2


def _disc(radius: float, outer: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows and columns of the pixels of a disc with its rim, and which belong to the disc."""
    reach = int(np.ceil(outer))
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    distance = np.hypot(rows, columns)
    inside = distance <= max(outer, 0.5)
    return rows[inside], columns[inside], distance[inside] <= max(radius, 0.5)


def _block(side: int) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = np.mgrid[:side, :side]
    return rows.ravel(), columns.ravel()


def _straight(canvas: np.ndarray) -> np.ndarray:
    alpha = canvas[..., 3:]
    colours = np.where(alpha > 0, canvas[..., :3] / np.where(alpha > 0, alpha, 1), 0)
    return np.asarray(np.concatenate([colours, alpha], axis=2) * 255 + 0.5).astype(np.uint8)
