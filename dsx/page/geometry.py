"""Where the points of one projection are: crosses to the browser once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from dsx import errors
from dsx.page.hidden import Hidden

if TYPE_CHECKING:
    from dsx.dataset import Dataset


class Geometry(Hidden):
    """x and y of every row, and the codes of the first colours: nine bytes a row."""

    dataset = traitlets.Unicode().tag(sync=True)
    projection = traitlets.Unicode().tag(sync=True)
    n = traitlets.Int().tag(sync=True)
    x = traitlets.Bytes().tag(sync=True)
    y = traitlets.Bytes().tag(sync=True)
    first = traitlets.Dict().tag(sync=True)


_open: dict[tuple[str, str], Geometry] = {}


def geometry(
    ds: Dataset,
    projection: str,
    points: Callable[[], tuple[np.ndarray, np.ndarray, dict[str, Any]]],
) -> Geometry:
    """The one Geometry of a projection of a dataset; `points` gives x, y and the first colours."""
    found = _open.get((ds.id, projection))
    if found is None or found.comm is None:
        x, y, first = points()
        found = _open[ds.id, projection] = Geometry(
            dataset=ds.id,
            projection=projection,
            n=len(ds),
            x=np.ascontiguousarray(x, "<f4").tobytes(),
            y=np.ascontiguousarray(y, "<f4").tobytes(),
            first=first,
        )
    return found


def points(ds: Dataset, projection: str) -> tuple[dict[str, Any], list[bytes]]:
    """What an open geometry carries: the first colours, and [x, y, their codes]."""
    found = _open.get((ds.id, projection))
    if found is None:
        raise errors.bad_value("projection", "points that a view shows", projection)
    about = {key: value for key, value in found.first.items() if key != "data"}
    return about, [found.x, found.y, found.first.get("data", b"")]


def release(ds: Dataset) -> None:
    """Close every geometry of a dataset that no view shows any more."""
    for key in [key for key in _open if key[0] == ds.id]:
        _open.pop(key).close()
