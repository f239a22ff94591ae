"""Which columns of a dataset a view can show, of what kind, and their bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dsx import columns
from dsx.measures.epochs import run_names

if TYPE_CHECKING:
    from dsx.dataset import Dataset

MOST_CATEGORIES = 1_000
_FEW = 60
_LEVELS = 30
_TITLES = {"n_correct": "correct in epochs", "n_forgetting": "times forgotten"}


def columns_of(ds: Dataset) -> dict[str, Any]:
    """The columns a view can colour, sort or filter by; the runs, epochs and bytes of text."""
    role_of = {name: role.key for role in ds.roles.values() for name in role.columns}
    listed = []
    for name in [*ds.columns, *ds.result_columns()]:
        entry = _describe(ds, name, role_of.get(name, ""))
        if entry is not None:
            listed.append(entry)
    dynamics = [r for r in ds.roles.values() if r.kind in ("epoch_probs", "epoch_logits")]
    text = ds.roles.get("text")
    return {
        "columns": listed,
        "runs": list(run_names(ds)),
        "n_epochs": columns.shape(ds.table.schema.field(dynamics[0].column).type)[0]
        if dynamics
        else 0,
        "text_bytes": text_bytes(ds.column(text.column)) if text else 0,
    }


def kind_of(ds: Dataset, name: str) -> str:
    """ "category", "number", "text", "id" or "" (nothing a view can show)."""
    role = next((r.kind for r in ds.roles.values() if name in r.columns), "")
    column = ds.column(name)
    type_ = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_nested(type_) or pa.types.is_binary(type_) or pa.types.is_large_binary(type_):
        return ""
    if role in ("id", "text"):
        return role
    if role in ("label", "split", "source", "domain", "group"):
        return "category" if _n_values(column) <= MOST_CATEGORIES else "text"
    if pa.types.is_boolean(type_):
        return "category"
    if columns.is_number(type_):
        return "category" if levels(column) else "number"
    if pa.types.is_temporal(type_):
        return "number"
    if pa.types.is_null(type_):
        return ""
    return "category" if _n_values(column) <= _FEW else "text"


def title_of(name: str) -> str:
    """A column's name as a reader sees it."""
    return _TITLES.get(name, name.replace("_", " "))


def text_bytes(column: pa.ChunkedArray) -> int:
    """How many bytes of UTF-8 a text column holds."""
    return int(pc.sum(pc.binary_length(column)).as_py() or 0)


def _describe(ds: Dataset, name: str, role: str) -> dict[str, Any] | None:
    kind = kind_of(ds, name)
    if not kind:
        return None
    entry: dict[str, Any] = {
        "name": name,
        "title": title_of(name),
        "kind": kind,
        "version": _version(ds, name),
    }
    if role:
        entry["role"] = role
    if kind == "category":
        entry["n_categories"] = levels(ds.column(name)) or _n_values(ds.column(name))
    return entry


def _version(ds: Dataset, name: str) -> str:
    """Another string whenever the column's values may be others."""
    if name in ds.table.column_names:
        return "0"
    found = [
        result.measure.name
        for result in ds.results.values()
        if result.rows is not None and name in result.rows.column_names
    ]
    return found[-1] if found else ""


def levels(column: pa.ChunkedArray) -> int:
    """How many levels a column of small whole numbers has (its largest plus one), else 0."""
    if not pa.types.is_integer(column.type):
        return 0
    ends = pc.min_max(column)
    low, high = ends["min"].as_py(), ends["max"].as_py()
    return high + 1 if low is not None and low >= 0 and high < _LEVELS else 0


def _n_values(column: pa.ChunkedArray) -> int:
    if pa.types.is_dictionary(column.type) and column.num_chunks:
        return len(column.chunk(0).dictionary)
    few = int(pc.count_distinct(column.slice(0, 4 * MOST_CATEGORIES)).as_py())
    # a column of texts shows itself early; counting a million of them would cost a second
    return few if few > MOST_CATEGORIES else int(pc.count_distinct(column).as_py())


def category_codes(ds: Dataset, name: str) -> tuple[np.ndarray, list[str]]:
    """(int32 (n,) codes, categories), missing -1: small whole numbers have every level, and a
    dictionary column keeps its own order, which may mean something.
    """
    column = ds.column(name)
    n = levels(column)
    if n:
        codes = pc.fill_null(column, -1).to_numpy().astype(np.int32)
        return codes, [str(level) for level in range(n)]
    codes, names = ds.codes(name)
    if not pa.types.is_dictionary(column.type) or not column.num_chunks:
        return codes, names
    own = [columns.display(value) for value in column.chunk(0).dictionary.to_pylist()]
    if not set(names) <= set(own):
        return codes, names
    place = np.array([own.index(value) for value in names] + [-1], np.int32)
    return place[codes], own


def encoded(ds: Dataset, name: str) -> tuple[dict[str, Any], bytes]:
    """A column as at most four bytes a row: what it is, and the little-endian bytes."""
    kind = kind_of(ds, name)
    about: dict[str, Any] = {"name": name, "title": title_of(name)}
    if kind == "category":
        codes, names = category_codes(ds, name)
        wide = len(names) > 254
        data = codes.astype(np.uint16 if wide else np.uint8)
        return {
            **about,
            "kind": kind,
            "dtype": "u16" if wide else "u8",
            "categories": names,
        }, data.tobytes()
    column = ds.column(name)
    if kind == "number":
        if pa.types.is_temporal(column.type):
            column = pc.cast(pc.cast(column, pa.timestamp("us")), pa.int64())
        values = columns.to_numpy(column).astype(np.float32)
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
        return {**about, "kind": kind, "dtype": "f32", "min": low, "max": high}, values.tobytes()
    ranks = np.full(len(ds), 0xFFFFFFFF, np.uint32)
    order = pc.sort_indices(column).to_numpy()
    ranks[order] = np.arange(len(ds), dtype=np.uint32)
    ranks[pc.is_null(column).to_numpy()] = 0xFFFFFFFF
    return {**about, "kind": "rank", "dtype": "u32"}, ranks.tobytes()
