"""Where the points of one projection are: crosses to the browser once, and again when they move."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from dsx import errors
from dsx.page.hidden import Hidden

if TYPE_CHECKING:
    from dsx.dataset import Dataset

Places = tuple[np.ndarray, np.ndarray, dict[str, Any]]
NOWHERE = 0xFFFF  # in a frame: a row without a place
_PATIENCE = 2.0  # seconds after which a page that said nothing is sent the next frame


class Geometry(Hidden):
    """x and y of every row, and the codes of the first colours: nine bytes a row.

    x and y are empty while no point has a place. `revision` grows when the points stand
    elsewhere; between two revisions `show` lets the page see them move.
    """

    dataset = traitlets.Unicode().tag(sync=True)
    projection = traitlets.Unicode().tag(sync=True)
    n = traitlets.Int().tag(sync=True)
    x = traitlets.Bytes(b"").tag(sync=True)
    y = traitlets.Bytes(b"").tag(sync=True)
    first = traitlets.Dict().tag(sync=True)
    revision = traitlets.Int(0).tag(sync=True)
    about = traitlets.Dict().tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        self._moving = threading.RLock()  # cells, jobs and requests of the page come to one widget
        self._frame = 0
        self._drawn = 0
        self._sent = 0.0
        self._waiting: tuple[np.ndarray, np.ndarray] | None = None
        super().__init__(**traits)

    def place(
        self, x: np.ndarray, y: np.ndarray, about: dict[str, Any], first: dict[str, Any]
    ) -> None:
        """Put every row at its place, from whatever thread; NaN for a row that has none."""
        with self._moving, self.hold_sync():
            self._waiting = None
            self.x, self.y = _bytes(x), _bytes(y)
            self.first, self.about = first, {**about, "ready": True}
            self.revision += 1
            self._drawn = self._frame

    def say(self, **about: Any) -> None:
        """Change what is said about the points without moving them."""
        with self._moving:
            self.about = {**self.about, **about}

    def show(self, x: np.ndarray, y: np.ndarray) -> None:
        """Let the page see where the points are on their way; of several frames the newest.

        The next is sent when the page has drawn the one before, or has been silent for 2 s.
        """
        with self._moving:
            self._waiting = (x, y)
            if self._drawn == self._frame or monotonic() - self._sent >= _PATIENCE:
                self._send_frame()

    def drawn(self, frame: int) -> None:
        """The page has drawn a frame; what has come meanwhile follows."""
        with self._moving:
            if self._drawn < frame <= self._frame:
                self._drawn = frame
            if self._waiting is not None and self._drawn == self._frame:
                self._send_frame()

    def _send_frame(self) -> None:
        assert self._waiting is not None
        (x, y), self._waiting = self._waiting, None
        bounds, places = _coded(x, y)
        self._frame += 1
        self._sent = monotonic()
        self.send({"frame": self._frame, "bounds": bounds}, places)


_open: dict[tuple[str, str], Geometry] = {}
_opening = threading.RLock()


def geometry(
    ds: Dataset,
    projection: str,
    points: Callable[[], Places | None],
    about: dict[str, Any],
) -> Geometry:
    """The one Geometry of a projection of a dataset, opened (again) when needed.

    `points` gives x, y and the first colours, None while there are none; `about` is {kind, title,
    note}.
    """
    with _opening:
        found = _open.get((ds.id, projection))
        if found is None or found.comm is None:
            there = points()
            x, y, first = there or (None, None, {})
            found = _open[ds.id, projection] = Geometry(
                dataset=ds.id,
                projection=projection,
                n=len(ds),
                x=b"" if x is None else _bytes(x),
                y=b"" if y is None else _bytes(y),
                first=first,
                about={"note": "", **about, "ready": there is not None},
            )
        return found


def opened(dataset: str, projection: str) -> Geometry:
    """An open geometry by the names it goes by on the page. Raises InputError."""
    found = _open.get((dataset, projection))
    if found is None:
        raise errors.bad_value("projection", "points that a view shows", projection)
    return found


def points(ds: Dataset, projection: str) -> tuple[dict[str, Any], list[bytes]]:
    """What an open geometry carries: {first, revision, about}, and [x, y, the first codes]."""
    found = opened(ds.id, projection)
    with found._moving:
        about = {key: value for key, value in found.first.items() if key != "data"}
        said = {"first": about, "revision": found.revision, "about": found.about}
        return said, [found.x, found.y, found.first.get("data", b"")]


def release(ds: Dataset) -> None:
    """Close every geometry of a dataset that no view shows any more."""
    with _opening:
        gone = [_open.pop(key) for key in [key for key in _open if key[0] == ds.id]]
    for geometry in gone:
        geometry.close()


def _bytes(values: np.ndarray) -> bytes:
    return np.ascontiguousarray(values, "<f4").tobytes()


def _coded(x: np.ndarray, y: np.ndarray) -> tuple[list[float], list[bytes]]:
    """([x0, x1, y0, y1], [x, y] as uint16 (n,) between them): half of what floats would take."""
    bounds: list[float] = []
    coded = []
    for values in (x, y):
        known = np.isfinite(values)
        low, high = (
            (float(values[known].min()), float(values[known].max())) if known.any() else (0.0, 1.0)
        )
        high = high if high > low else low + 1.0
        scaled = (np.where(known, values, low) - low) * ((NOWHERE - 1) / (high - low))
        codes = np.rint(scaled).astype("<u2")
        codes[~known] = NOWHERE
        coded.append(codes.tobytes())
        bounds += [low, high]
    return bounds, coded
