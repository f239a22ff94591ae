"""Between Arrow columns and numpy arrays, without copies where the layout allows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MISSING = -1


def to_numpy(column: pa.ChunkedArray | pa.Array) -> np.ndarray:
    """An Arrow column as an array: (n,), or (n, E) and (n, E, K) for fixed-size lists.

    Strings and other variable-size values come as an object array; null numbers as NaN.
    """
    array = _one_array(column)
    if pa.types.is_fixed_size_list(array.type):
        return _nested(array)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if is_number(array.type) or pa.types.is_boolean(array.type):
        if array.null_count:
            return np.asarray(pc.cast(array, pa.float64(), safe=False).to_numpy(False))
        return np.asarray(array.to_numpy(zero_copy_only=False))
    return np.asarray(array.to_numpy(zero_copy_only=False), dtype=object)


def from_numpy(values: np.ndarray) -> pa.Array:
    """A numeric array of one to three axes as an Arrow column, nested lists of fixed size."""
    values = np.ascontiguousarray(values)
    array: pa.Array = pa.array(values.reshape(-1))
    for size in reversed(values.shape[1:]):
        array = pa.FixedSizeListArray.from_arrays(array, size)
    return array


def codes(column: pa.ChunkedArray | pa.Array) -> tuple[np.ndarray, list[str]]:
    """(int32 codes, categories): categories sorted (numbers as numbers), missing values -1."""
    array = _one_array(column)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_null(array.type):
        return np.full(len(array), MISSING, np.int32), []
    encoded = array.dictionary_encode()
    values = encoded.dictionary
    raw = encoded.indices.fill_null(MISSING).to_numpy(zero_copy_only=False).astype(np.int32)
    order = pc.sort_indices(values).to_numpy()
    names = [display(value) for value in values.take(pa.array(order)).to_pylist()]
    place = np.empty(len(order) + 1, np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    place[MISSING] = MISSING
    return place[raw], names


def display(value: Any) -> str:
    """A value as a category name."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


def is_number(kind: pa.DataType) -> bool:
    """Whether a type holds plain numbers."""
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def is_string(kind: pa.DataType) -> bool:
    """Whether a type holds text."""
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def shape(kind: pa.DataType) -> tuple[int, ...]:
    """The axes a column has beside its rows: () for plain, (E,) or (E, K) for nested lists."""
    sizes: list[int] = []
    while pa.types.is_fixed_size_list(kind):
        sizes.append(kind.list_size)
        kind = kind.value_type
    return tuple(sizes)


def _one_array(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    if not isinstance(column, pa.ChunkedArray):
        return column
    if column.num_chunks == 1:
        return column.chunk(0)
    combined = column.combine_chunks()
    return combined if isinstance(combined, pa.Array) else pa.concat_arrays(combined.chunks)


def _nested(array: pa.Array) -> np.ndarray:
    sizes = shape(array.type)
    missing = np.asarray(array.is_null()) if array.null_count else None
    length, start, count, flat = len(array), array.offset, len(array), array
    for size in sizes:
        # .values ignores the offset of a slice, .flatten() drops null rows: hence by hand
        flat, start, count = flat.values, start * size, count * size
    values = np.asarray(flat.slice(start, count).to_numpy(zero_copy_only=False))
    values = values.reshape(length, *sizes)
    if missing is not None and missing.any():
        values = values.astype(np.result_type(values, np.float32), copy=True)
        values[missing] = np.nan
    return values
