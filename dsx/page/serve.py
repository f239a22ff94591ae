"""Answers to what the browser asks: one function per request, no state of their own.

They run on whatever thread the request came on, also while a cell runs. Row texts are data: they
are sent as JSON strings and set as text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.compute as pc

from dsx import errors, selection
from dsx.compute.job import measure
from dsx.dataset import Dataset
from dsx.page import catalogue, encoding, geometry, lifetime, rowdata
from dsx.page.session import dataset_of

if TYPE_CHECKING:
    from dsx.page.base import View

CHUNK = 4 << 20
BIGGEST_TEXT = 20 << 20
Answer = tuple[dict[str, Any], list[bytes]]


def answer(request: dict[str, Any], buffers: list[bytes]) -> Answer:
    """The reply to one request; raises what the browser is then told."""
    op = request.get("op")
    if op == "hello":
        return {"protocol": 1}, []
    if op in _VIEW_OPS:
        view = lifetime.open_views.get(str(request.get("view")))
        return _VIEW_OPS[op](view, request, buffers) if view is not None else ({}, [])
    if op not in _OPS:
        raise errors.bad_value("op", "a request dsx knows", op, errors.offer(str(op), _OPS))
    ds = dataset_of(str(request.get("dataset")))
    if ds is None:
        raise errors.bad_value(
            "dataset", "an open dataset", request.get("dataset"), "run the cell again"
        )
    return _OPS[op](ds, request, buffers)


def _column(ds: Dataset, request: dict[str, Any], _: list[bytes]) -> Answer:
    about, data = encoding.encoded(ds, request["name"])
    return about, [data]


def _points(ds: Dataset, request: dict[str, Any], _: list[bytes]) -> Answer:
    first, buffers = geometry.points(ds, str(request["projection"]))
    return {"first": first}, buffers


def _rows(ds: Dataset, request: dict[str, Any], _: list[bytes]) -> Answer:
    rows = np.asarray(request["rows"], np.int64)
    known = rows[(rows >= 0) & (rows < len(ds))]
    return {"rows": rowdata.details(ds, known, list(request.get("columns", [])))}, []


def _epochs(ds: Dataset, request: dict[str, Any], _: list[bytes]) -> Answer:
    values, known = rowdata.epoch_codes(ds, request.get("run", ""))
    about = {
        "n_epochs": values.shape[0],
        "n_rows": len(ds),
        "correct_known": known,
        "scale": rowdata.SCALE,
    }
    return about, _chunks(values.tobytes())


def _text(ds: Dataset, request: dict[str, Any], _: list[bytes]) -> Answer:
    column = ds.column(ds.role("text").column)
    size = catalogue.text_bytes(column)
    if size > BIGGEST_TEXT:
        return {"too_big": True, "bytes": size}, []
    lengths = pc.fill_null(pc.binary_length(column), 0).to_numpy().astype(np.uint32)
    offsets = np.concatenate([np.zeros(1, np.uint32), np.cumsum(lengths, dtype=np.uint32)])
    joined = "".join(value or "" for value in column.to_pylist()).encode()
    return {"too_big": False, "bytes": size}, [offsets.tobytes(), *_chunks(joined)]


def _search(ds: Dataset, request: dict[str, Any], _: list[bytes]) -> Answer:
    column = ds.column(ds.role("text").column)
    found = pc.match_substring(column, str(request["query"]), ignore_case=True)
    mask = pc.fill_null(found, False).to_numpy().astype(bool)
    return {"where": "kernel"}, [np.packbits(mask, bitorder="little").tobytes()]


def _select(ds: Dataset, request: dict[str, Any], buffers: list[bytes]) -> Answer:
    rows: Any = None
    if buffers:
        if request.get("encoding") == "rows":
            rows = np.frombuffer(buffers[0], "<u4")
        else:
            rows = selection.unpack(buffers[0], len(ds))
    ds.selection.apply(request["operation"], rows, origin=str(request.get("origin", "view"))[:20])
    return {"revision": ds.selection.revision, "count": ds.selection.count}, []


def _filter(ds: Dataset, request: dict[str, Any], buffers: list[bytes]) -> Answer:
    mask = selection.unpack(buffers[0], len(ds)) if buffers else np.ones(len(ds), bool)
    ds.filter_state.set_clauses(dict(request.get("clauses", {})), mask)
    return {"revision": ds.filter_state.revision}, []


def _decide(ds: Dataset, request: dict[str, Any], _: list[bytes]) -> Answer:
    rows = request.get("rows", "selection")
    chosen = None if rows == "selection" else np.asarray(rows, np.int64)
    n = ds.decisions.decide(request["kind"], str(request.get("value", "")), chosen)
    return {"revision": ds.decisions.revision, "count": n}, []


def _undo(ds: Dataset, request: dict[str, Any], _: list[bytes]) -> Answer:
    return {"label": ds.undo() if request["op"] == "undo" else ds.redo()}, []


def _measure(ds: Dataset, request: dict[str, Any], _: list[bytes]) -> Answer:
    result = measure(ds, str(request["key"]), **dict(request.get("parameters", {}))).wait()
    return {"name": result.measure.name}, []


def _state(view: View, request: dict[str, Any], _: list[bytes]) -> Answer:
    view.state = {**view.state, **dict(request["state"])}
    return {}, []


def _snapshot(view: View, _: dict[str, Any], buffers: list[bytes]) -> Answer:
    view.keep_picture(buffers[0])
    return {}, []


def _chunks(data: bytes) -> list[bytes]:
    return [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)] or [b""]


_OPS: dict[str, Callable[[Dataset, dict[str, Any], list[bytes]], Answer]] = {
    "column": _column,
    "points": _points,
    "rows": _rows,
    "epochs": _epochs,
    "text": _text,
    "search": _search,
    "select": _select,
    "filter": _filter,
    "decide": _decide,
    "undo": _undo,
    "redo": _undo,
    "measure": _measure,
}
_VIEW_OPS: dict[str, Callable[[Any, dict[str, Any], list[bytes]], Answer]] = {
    "state": _state,
    "snapshot": _snapshot,
}
