"""The picture of a data map that a saved notebook keeps, and what it shows in words."""

from __future__ import annotations

import numpy as np

from dsx.dataset import Dataset
from dsx.measures.base import Result
from dsx.views import raster
from dsx.views.coloring import coloring
from dsx.views.palette import Theme
from dsx.views.png import png_indexed, reduced

WIDTH, HEIGHT = 480, 360
BOX = raster.View(-0.006, 0.506, -0.014, 1.014)
_PAPER = np.full(3, 255, np.uint8)


def map_picture(ds: Dataset, result: Result, color: str) -> tuple[bytes, str]:
    """(PNG, words) of a data map on white, without axes; the page's own picture replaces it."""
    points = point_layer(ds, result, color)
    image = raster.over(raster.draw(points, BOX, WIDTH, HEIGHT), _PAPER)
    return png_indexed(*reduced(image, _PAPER)), in_words(ds, result)


def point_layer(
    ds: Dataset, result: Result, color: str, theme: Theme = "light"
) -> raster.PointLayer:
    """The points of a map as they are on the screen: coloured, selected, out of scope."""
    look = coloring(ds, color, theme)
    mask = ds.selection.mask
    return raster.PointLayer(
        result.column("variability"),
        result.column("confidence"),
        look.codes,
        look.colours,
        mask if mask.any() else None,
        ~ds.filter_mask | ds.decisions.dropped,
    )


def in_words(ds: Dataset, result: Result) -> str:
    """What a data map shows, for those who cannot see it."""
    table = result.tables["regions"].to_pydict()
    names = {"easy": "easy to learn", "ambiguous": "ambiguous", "hard": "hard to learn"}
    counts = dict(zip(table["region"], table["n_rows"], strict=True))
    said = ", ".join(f"{counts[key]:,} {name}" for key, name in names.items() if key in counts)
    return (
        f"Data map of {ds.name}, {len(ds):,} rows: variability across, confidence up; {said}. "
        "Run the cell again for the live view."
    )
