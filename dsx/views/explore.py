"""explore: map, rows and facets of a dataset in one frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dsx import errors
from dsx.cite import Bibtex
from dsx.compute.job import result
from dsx.dataset import Dataset
from dsx.measures.result import Result
from dsx.page import catalogue
from dsx.page.base import View
from dsx.page.geometry import Geometry
from dsx.pictures.data_map import map_picture
from dsx.pictures.figure import Figure
from dsx.pictures.palette import Theme
from dsx.sources import read
from dsx.views.dynamics import map_figure, map_geometry, map_spec, saved
from dsx.views.rows import rows_spec

MOST_FACETS = 8
MOST_BARS = 50
NO_MAP = (
    "There is no data map: it needs the model's probabilities from at least two epochs of "
    "training. Give them as dsx.explore(frame, epoch_probs=...), or record them with dsx.Recorder."
)


class Explore(View):
    """One frame with a map, the rows and a facet for every categorical column."""

    def __init__(self, ds: Dataset, *, color: str = "correctness", height: int = 460) -> None:
        self._result: Result | None = None
        no_map = NO_MAP
        if any(ds.has(kind) for kind in ("epoch_probs", "epoch_logits", "coordinates")):
            try:
                self._result = result(ds, "data_map")
            except errors.DsxError as error:
                no_map = f"There is no data map. {error}"
        spec = {
            "height": height,
            "rows": rows_spec(ds, None, "", False, "auto"),
            "facets": facets_of(ds),
        }
        if self._result is not None:
            spec["maps"] = {"data_map": map_spec(ds, self._result, color)}
            spec["open"] = "data_map"
        else:
            spec["maps"], spec["noMap"] = {}, no_map
        super().__init__(ds, spec)

    def _points(self) -> dict[str, Geometry]:
        if self._result is None:
            return {}
        return {"data_map": map_geometry(self._ds, self._result)}

    def _picture(self) -> tuple[bytes, str]:
        if self._result is None:
            return super()._picture()
        return map_picture(self._ds, self._result, self.spec["maps"]["data_map"]["color"])

    def figure(
        self,
        path: str | Path | None = None,
        *,
        width: float = 6.5,
        dpi: float = 300,
        theme: Theme = "light",
    ) -> Figure:
        """The map as it stands, ready to print: see `DataMap.figure`. Raises NeedsError without."""
        if self._result is None:
            raise errors.missing_role(["epoch_probs", "epoch_logits"], "a data map to print")
        state = self.state.get("maps", {}).get("data_map", {})
        made = map_figure(
            self._ds, self._result, self.spec["maps"]["data_map"], state, width, dpi, theme
        )
        return saved(made, path)

    def cite(self) -> Bibtex:
        """BibTeX of the papers behind what is shown; "" where nothing was measured."""
        return self._result.cite() if self._result is not None else Bibtex()


def explore(data: Any, *, color: str = "correctness", height: int = 460, **roles: Any) -> Explore:
    """Look at a dataset: one line, one linked layout.

    `data` and `roles` are what `dsx.read` takes. Draws what the dataset allows and says in the
    place of the map what it would need.
    """
    return Explore(read(data, **roles), color=color, height=height)


def facets_of(ds: Dataset) -> list[str]:
    """Columns with few values: region first, then the label, the split, and the others."""
    listed = catalogue.columns_of(ds)["columns"]
    names = [
        entry["name"]
        for entry in listed
        if entry["kind"] == "category"
        and 2 <= entry["n_categories"] <= MOST_BARS
        and entry["name"] != "n_correct"  # the map's legend is its facet
    ]
    first = ["region", *(ds.roles[key].column for key in ("label", "split") if key in ds.roles)]
    ordered = [name for name in first if name in names]
    return (ordered + [name for name in names if name not in ordered])[:MOST_FACETS]
