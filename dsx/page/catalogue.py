"""Which columns of a dataset a view can show, and of what kind each is."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from dsx import columns
from dsx.measures.epochs import run_names

if TYPE_CHECKING:
    from dsx.dataset import Dataset

MOST_CATEGORIES = 1_000
_FEW = 60
_LEVELS = 30
# columns never change and values of one version are the same: a million rows are read once
_known: weakref.WeakKeyDictionary[Dataset, dict[tuple[str, str], dict[str, Any] | None]] = (
    weakref.WeakKeyDictionary()
)
_TITLES = {"n_correct": "correct in epochs", "n_forgetting": "times forgotten"}


def columns_of(ds: Dataset) -> dict[str, Any]:
    """The columns a view can colour, sort or filter by; the runs, epochs and bytes of text."""
    known = _known.setdefault(ds, {})
    listed = []
    for name in [*ds.columns, *ds.result_columns()]:
        key = (name, _version(ds, name))
        if key not in known:
            known[key] = _describe(ds, *key)
        if known[key] is not None:
            listed.append(dict(known[key] or {}))
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


def kind_of(column: pa.ChunkedArray, role: str = "") -> str:
    """ "category", "number", "text", "id" or "" (nothing a view can show)."""
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


def role_of(ds: Dataset, name: str) -> str:
    """The kind of role a column carries, "" where none."""
    return next((role.kind for role in ds.roles.values() if name in role.columns), "")


def _describe(ds: Dataset, name: str, version: str) -> dict[str, Any] | None:
    column, role = ds.column(name), role_of(ds, name)
    kind = kind_of(column, role)
    if not kind:
        return None
    entry: dict[str, Any] = {
        "name": name,
        "title": title_of(name),
        "kind": kind,
        "version": version,
    }
    if role:
        entry["role"] = role
    if kind == "category":
        entry["n_categories"] = levels(column) or _n_values(column)
    return entry


def _version(ds: Dataset, name: str) -> str:
    """Another string whenever the column's values may be others."""
    if name in ds.table.column_names:
        return "0"
    found = [
        f"{result.measure.name} {result.about.seed}"
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
