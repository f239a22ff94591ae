"""What an encoder is given and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa


def _quiet(done: int, total: int) -> None:
    pass


@dataclass(frozen=True)
class Report:
    """Where an encoder says how far it is; `progress` may raise to stop it."""

    progress: Callable[[int, int], None] = _quiet
    stage: Callable[[str], None] = field(default=lambda words: None)


@dataclass
class Encoded:
    """Vectors of a dataset's rows.

    `vectors` is float32 (n, d), NaN in rows that have none, or an Arrow column of fixed-size
    lists that is handed on as it is; `left_out` holds (bool mask (n,), why) pairs.
    """

    vectors: np.ndarray | pa.ChunkedArray
    left_out: list[tuple[np.ndarray, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tables: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    device: str = "cpu"
    backend: str = "numpy"


def unit_length(vectors: np.ndarray, least: float = 0.0) -> np.ndarray:
    """float32 (m, d) scaled to length one, in place; rows no longer than `least` become NaN."""
    length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
    with np.errstate(invalid="ignore", divide="ignore"):
        vectors /= np.where(length > least, length, np.nan)[:, None].astype(np.float32)
    return vectors


def spread(vectors: np.ndarray, place: np.ndarray) -> np.ndarray:
    """(n, d): the vector at `place` (n,) for every row, NaN where that is -1."""
    if not len(vectors):
        return np.full((len(place), max(1, vectors.shape[1])), np.nan, np.float32)
    rows: np.ndarray = vectors[np.maximum(place, 0)]
    rows[place < 0] = np.nan
    return rows
