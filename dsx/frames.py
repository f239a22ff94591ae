"""Rows of an Arrow table as a frame of the kind the user gave."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa


def native(table: pa.Table, kind: str, rows: np.ndarray | None = None) -> Any:
    """`table` (or these rows of it) as "pandas", "polars", "datasets", "dict", "list" or Arrow.

    A pandas frame keeps its own index where it had one; otherwise the index is the row number.
    """
    taken = table if rows is None else table.take(pa.array(rows))
    if kind == "pandas":
        return _pandas(table, taken, rows)
    if kind == "polars":
        import polars

        return polars.from_arrow(taken)
    if kind == "datasets":
        import datasets

        return datasets.Dataset(taken)
    if kind == "dict":
        return taken.to_pydict()
    if kind == "list":
        return taken.to_pylist()
    return taken


def _pandas(table: pa.Table, taken: pa.Table, rows: np.ndarray | None) -> Any:
    frame = taken.to_pandas()
    stored = (table.schema.pandas_metadata or {}).get("index_columns", [])
    if rows is None or any(isinstance(entry, str) for entry in stored):
        return frame
    # A range is kept as its rule and not as a column, so a part of it is made again here.
    rule: dict[str, Any] = stored[0] if len(stored) == 1 else {"start": 0, "step": 1, "name": None}
    frame.index = rows.astype(np.int64) * rule["step"] + rule["start"]
    frame.index.name = rule["name"]
    return frame
