"""Vectors of unit length, and the rows that have a direction at all."""

from __future__ import annotations

import numpy as np

CHUNK = 16_384
# beyond this float32 squares overflow
LARGEST = 1e15
NO_VECTOR = "no vector, or numbers that are not finite"
NO_DIRECTION = "a vector of length zero"


def usable(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(missing, zero): bool (n,) masks of rows with a NaN or infinity, and of length zero.

    Numbers beyond 1e15 count as infinite.
    """
    n = len(vectors)
    missing, zero = np.zeros(n, bool), np.zeros(n, bool)
    for start in range(0, n, CHUNK):
        block = vectors[start : start + CHUNK]
        # the largest magnitude, not the squared length: squares of small or large numbers are lost
        if block.shape[1]:
            largest = np.maximum(block.max(axis=1), -block.min(axis=1))
        else:
            largest = np.zeros(len(block))
        missing[start : start + CHUNK] = ~(largest < LARGEST)
        zero[start : start + CHUNK] = largest == 0
    return missing, zero


def unit(vectors: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
    """float32 (m, d), C order: the rows (all by default) divided by their lengths.

    Rows must be finite and not zero (`usable`). Rows that are of unit length already to 1e-6 are
    taken as they are, so that encoders' vectors are not rounded twice; when all are, and all rows
    are wanted, the array itself comes back where its layout allows.
    """
    starts = range(0, len(vectors), CHUNK)
    as_is = rows is None and vectors.dtype == np.float32 and vectors.flags.c_contiguous
    if as_is and all(_is_unit(vectors[start : start + CHUNK]) for start in starts):
        return vectors
    picked = np.arange(len(vectors)) if rows is None else rows
    found = np.empty((len(picked), vectors.shape[1]), np.float32)
    for start in range(0, len(picked), CHUNK):
        block = vectors[picked[start : start + CHUNK]]
        if not (block.dtype == np.float32 and _is_unit(block)):
            wide = block.astype(np.float64)
            # scaled by the largest first: the square of 1e200 would be infinite
            wide /= np.abs(wide).max(axis=1, keepdims=True)
            block = wide / np.linalg.norm(wide, axis=1, keepdims=True)
        found[start : start + CHUNK] = block
    return found


def _is_unit(block: np.ndarray) -> bool:
    squares = np.einsum("ij,ij->i", block, block, dtype=np.float64)
    return bool(np.all(np.abs(squares - 1.0) < 2e-6))
