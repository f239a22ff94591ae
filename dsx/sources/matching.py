"""Rows of several tables matched by their ids, whatever the order and whatever the id's type."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dsx import errors
from dsx.sources import refusals

_COMMON = ("guid", "id", "idx", "uid", "row_id", "example_id", "index")


def check_unique(ids: pa.ChunkedArray | pa.Array, column: str, where: str) -> None:
    """Refuse a missing id, and an id that is there twice, naming the first rows."""
    if ids.null_count:
        rows = np.flatnonzero(np.asarray(ids.is_null())).tolist()
        raise errors.bad_rows(
            column, rows, f"an id for every row of {where}", "no id", "fill or drop those rows"
        )
    if len(ids.unique()) == len(ids):
        return
    place = pc.index_in(ids, value_set=_whole(ids).unique()).to_numpy()
    order = np.argsort(place, kind="stable")
    again = np.sort(order[1:][place[order][1:] == place[order][:-1]])
    values = ids.take(pa.array(again[:5])).to_pylist()
    raise refusals.duplicate_ids(column, values, again.tolist(), where)


def places(ids: pa.ChunkedArray | pa.Array, among: pa.ChunkedArray | pa.Array) -> np.ndarray:
    """int64 (n,): where each id stands in `among`, -1 where it does not.

    Ids of two types (numbers here, text there) are compared as text.
    """
    ids, among = _whole(ids), _whole(among)
    if ids.type != among.type:
        if pa.types.is_integer(ids.type) and pa.types.is_integer(among.type):
            ids, among = ids.cast(pa.int64()), among.cast(pa.int64())
        else:
            ids, among = ids.cast(pa.large_string()), among.cast(pa.large_string())
    found = pc.index_in(ids, value_set=among)
    return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)


def id_column(table: pa.Table, named: str | None, what: str) -> str:
    """The column of ids: the named one, else the first with a usual name."""
    if named is not None:
        if named not in table.column_names:
            raise errors.unknown_column(named, table.column_names)
        return named
    usual = common_ids(table)
    if usual:
        return usual[0]
    raise errors.bad_value(
        "id", f"the id column of {what}", "none", f"name it: id= one of {table.column_names}"
    )


def common_ids(table: pa.Table) -> list[str]:
    """Columns whose name is a usual one for ids, the most usual first."""
    lower: dict[str, str] = {name.lower(): name for name in reversed(table.column_names)}
    return [lower[name] for name in _COMMON if name in lower]


def has_ids(table: pa.Table) -> bool:
    """Whether some column has a usual name for ids."""
    return bool(common_ids(table))


def is_unique(ids: pa.ChunkedArray) -> bool:
    """Whether every row has a value of its own."""
    if pa.types.is_nested(ids.type) or ids.null_count:
        return False
    return len(ids.unique()) == len(ids)


def join(
    table: pa.Table, column: str, other: pa.Table, other_column: str
) -> tuple[pa.Table, list[str]]:
    """`table` with the columns of `other`, rows matched by id, and notes on what did not match.

    Columns already in `table` win; rows of `other` that `table` lacks are left out and counted.
    Raises InputError for an id twice in `other`, or when no id is in both.
    """
    theirs = other.column(other_column)
    check_unique(theirs, other_column, "the table to join")
    place = places(table.column(column), theirs)
    absent = np.flatnonzero(place < 0)
    if len(absent) == len(place):
        raise refusals.different_ids(
            "both tables",
            f"none in common: {errors.first(table.column(column).slice(0, 3).to_pylist())} in "
            f"column {column!r}, {errors.first(theirs.slice(0, 3).to_pylist())} in column "
            f"{other_column!r}",
            "name the column with the same ids, id=; without one, give both tables the same ids, "
            "for a recording with dsx.Recorder(ids=frame['id'], ...)",
        )
    notes = []
    if len(absent):
        ids = table.column(column).take(pa.array(absent[:3])).to_pylist()
        notes.append(
            f"{len(absent):,} rows have no partner in the joined table (ids {errors.first(ids)}): "
            "its columns are missing there"
        )
    unused = len(theirs) - (len(place) - len(absent))
    if unused:
        notes.append(f"{unused:,} rows of the joined table have no recording and were left out")
    index = pa.array(place, mask=place < 0)
    kept = []
    for name in other.column_names:
        if name == other_column:
            continue
        if name in table.column_names:
            kept.append(name)
            continue
        table = table.append_column(name, other.column(name).take(index))
    if kept:
        notes.append(
            f"columns {errors.first(kept)} of the joined table were not taken: already there"
        )
    return table, notes


def _whole(values: pa.ChunkedArray | pa.Array) -> pa.Array:
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
        if isinstance(values, pa.ChunkedArray):
            values = pa.concat_arrays(values.chunks)
    return values.dictionary_decode() if pa.types.is_dictionary(values.type) else values
