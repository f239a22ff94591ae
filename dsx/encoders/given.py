"""Vectors that the dataset brings: checked, and handed on without a copy."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from dsx import columns
from dsx.dataset import Dataset
from dsx.encoders.encoded import Encoded, Report

# rows looked at in one go
_BLOCK = 16_384


def encode(name: str, dataset: Dataset, report: Report) -> Encoded:
    """The vectors of the role embedding as they were given; rows with NaN or infinity left out."""
    role = dataset.role("embedding", name.partition(":")[2])
    column = dataset.column(role.column)
    values = columns.to_numpy(column)
    n = len(values)
    missing, zero, same = np.zeros(n, bool), np.zeros(n, bool), True
    first: np.ndarray | None = None
    for start in range(0, n, _BLOCK):
        block = values[start : start + _BLOCK]
        bad = ~np.isfinite(block.sum(axis=1, dtype=np.float64))  # so few that they are looked at
        bad[bad] = ~np.isfinite(block[bad]).all(axis=1)
        missing[start : start + _BLOCK] = bad
        zero[start : start + _BLOCK] = ~block.any(axis=1)
        used = block[~bad]
        if same and len(used):
            first = used[0] if first is None else first
            same = bool((used == first).all())
        report.progress(min(start + _BLOCK, n), n)
    notes = [f"vectors given in column {role.column!r}, {values.shape[1]:,} numbers each"]
    vectors: np.ndarray | pa.ChunkedArray = column
    if values.dtype != np.float32:
        notes.append(f"{values.dtype} rounded to float32")
    if missing.any() or values.dtype != np.float32 or column.null_count:
        vectors = values.astype(np.float32)
        vectors[missing] = np.nan
    if zero.any():
        count = int(zero.sum())
        notes.append(f"{count:,} vector{'s' * (count != 1)} of length zero: without a direction")
    if n > 1 and same and first is not None:
        notes.append("all vectors are equal: there is nothing to tell rows apart by")
    left_out = [(missing, "a vector with missing or infinite numbers")] if missing.any() else []
    return Encoded(vectors, left_out, notes, backend="given")
