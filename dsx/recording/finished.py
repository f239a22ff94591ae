"""A finished recording: what a reader must know of it, and the table it is joined with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from dsx import errors
from dsx.dataset import Dataset
from dsx.sources import conversion, files, matching

ONE_VALUE = (
    "one value a row was recorded: it is taken as p(gold), the probability of the row's own "
    "label; for the probability of a fixed class record (rows, classes)"
)


def notes_of(numbers: list[int], values: np.ndarray, classes: Sequence[str] | None) -> list[str]:
    """What to know of values (n, E) or (n, E, K) recorded in these epochs."""
    notes = [f"recorded in epochs {errors.first(numbers, 30)}"]
    if values.ndim == 2 and classes is not None:
        notes.append(ONE_VALUE)
    lacking = np.isnan(values if values.ndim == 2 else values[..., 0])
    if lacking.any():
        parts = [
            f"{int(count):,} in epoch {number}"
            for number, count in zip(numbers, lacking.sum(0), strict=True)
            if count
        ]
        notes.append(
            f"{int(lacking.any(1).sum()):,} rows were not logged in every epoch "
            f"({', '.join(parts)}): measures over all epochs leave them out"
        )
    return notes


def rows_of(source: Any) -> tuple[pa.Table, str, list[str]]:
    """(table, kind of frame, notes) of anything `dsx.read` takes."""
    if isinstance(source, Dataset):
        return source.table, source.kind, list(source.notes)
    if isinstance(source, (str, Path)):
        table, notes, _ = files.read_path(Path(source), "utf-8")
        return table, "pyarrow", notes
    return conversion.to_table(source)


def joined(
    table: pa.Table, ids: list[Any], counted: bool, other: pa.Table, named: Any
) -> tuple[pa.Table, str, list[str]]:
    """The recorded table with the columns of `other`, the id column, and notes.

    `counted` says that the ids are the recorder's own row numbers: then rows are matched by
    their order, if there are as many, unless `named` names an id column.
    """
    if named is None and counted:
        if other.num_rows != table.num_rows:
            raise errors.bad_value(
                "the joined table",
                f"{table.num_rows:,} rows, as recorded: rows without ids match by their order",
                f"{other.num_rows:,} rows",
                "join the rows that were recorded, in that order, or name them when recording: "
                "dsx.Recorder(ids=frame['id'], ...)",
            )
        return _in_order(table, other)
    if named is None and not matching.has_ids(other):
        numbers = all(isinstance(one, int) and 0 <= one < other.num_rows for one in ids)
        if numbers and not any(isinstance(one, bool) for one in ids):
            rows = pa.array(range(other.num_rows), pa.int64())
            other = other.append_column("row number", rows)
            table, notes = matching.join(table, "id", other, "row number")
            return table, "id", ["the ids recorded were taken as row numbers of the table", *notes]
    theirs = matching.id_column(other, named, "the joined table")
    table, notes = matching.join(table, "id", other, theirs)
    return table, "id", notes


def _in_order(table: pa.Table, other: pa.Table) -> tuple[pa.Table, str, list[str]]:
    notes = ["recorded without ids: joined with the table row by row, in its order"]
    names = matching.common_ids(other)
    unique = [name for name in names if matching.is_unique(other.column(name))]
    identity = unique[0] if unique else "id" if "id" not in other.column_names else ""
    if identity != "id" or unique:
        table = table.drop_columns(["id"])  # our own numbers say less
    kept = []
    for name in other.column_names:
        if name in table.column_names:
            kept.append(name)
        else:
            table = table.append_column(name, other.column(name))
    if kept:
        notes.append(
            f"columns {errors.first(kept)} of the joined table were not taken: recorded already"
        )
    return table, identity, notes
