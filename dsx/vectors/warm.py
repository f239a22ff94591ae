"""What a first UMAP map would have to compile, done ahead on a handful of rows.

numba compiles umap-learn's functions anew in every process, for tens of seconds
on two cores; none of it depends on the data. Each step is a few seconds and leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec

import numpy as np

_ROWS, _SIDE, _K = 64, 8, 15

# in parts: where numba has no cache yet, importing umap takes half a minute
_IMPORTED = ("sklearn.utils", "numba", "pynndescent", "umap")

Step = tuple[str, Callable[[], object]]


def steps() -> list[Step]:
    """(name, what to call) in the order to call them; none where nothing is installed."""
    found: list[Step] = []
    if find_spec("faiss"):
        found.append(("neighbours", _neighbours))
    if find_spec("umap"):
        found += [
            *((f"import {name}", partial(import_module, name)) for name in _IMPORTED),
            ("fuzzy set", _fuzzy_set),
            ("layout", _layout),
            ("new rows", _new_rows),
        ]
    return found


@cache
def _vectors() -> np.ndarray:
    from dsx.vectors.unit import unit

    return unit(np.random.default_rng(0).normal(size=(_ROWS, _SIDE)).astype(np.float32))


@cache
def _graph() -> tuple[np.ndarray, np.ndarray]:
    cosine = _vectors() @ _vectors().T
    np.fill_diagonal(cosine, -2)
    order = np.argsort(-cosine, axis=1)[:, :_K]
    return order.astype(np.uint32), np.take_along_axis(cosine, order, axis=1)


def _neighbours() -> None:
    from dsx.vectors import search

    search.neighbours(_vectors(), _K, search.plan(_vectors().shape, "exact"))


def _fuzzy_set() -> None:
    from dsx.vectors import umap_layout

    umap_layout.springs(*_graph(), min_dist=0.1, epochs=10)


def _layout() -> None:
    from dsx.vectors import umap_layout

    pulls = umap_layout.springs(*_graph(), min_dist=0.1, epochs=10)
    begun, state = umap_layout.start(_vectors()[:, :2], 0)
    umap_layout.settle(begun, pulls, state, epochs=2)


def _new_rows() -> None:
    from dsx.vectors import placing

    position = 10 * _vectors()[:, :2]
    position[-5:] = np.nan
    placing.placed(_vectors(), position)
