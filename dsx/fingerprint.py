"""A digest of what a table holds: equal for equal content, however it lies in memory."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dsx import columns

_TEXT = "text"
_BYTES = "bytes"


def digest(table: pa.Table, about: str = "") -> str:
    """Hex digest (32 digits) of names, types and values, column by column, and of `about`.

    Chunks, slices, padding, whatever lies under a null, and the several layouts of text (large,
    dictionary-encoded) make no difference; types of numbers do.
    """
    into = hashlib.sha256(about.encode())
    into.update(str(table.num_rows).encode())
    for name in table.column_names:
        into.update(f"\0{name}\0".encode())
        add(into, columns.one_array(table.column(name)))
    return into.hexdigest()[:32]


def add(into: Any, array: pa.Array) -> None:
    """Update a hash with the type and the values of an array; each buffer in one call."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        add(into, array.dictionary_decode())
        return
    into.update(_kind(kind).encode())
    if array.null_count:
        into.update(np.packbits(np.asarray(array.is_valid())))
        array = array.drop_null()
    if columns.is_string(kind) or _is_binary(kind):
        array = array.cast(pa.large_binary())
        into.update(np.asarray(pc.binary_length(array)).astype("<i8"))
        _, places, data = array.buffers()
        if data is not None and len(array):
            ends = np.frombuffer(places, np.int64)[array.offset : array.offset + len(array) + 1]
            into.update(memoryview(data)[ends[0] : ends[-1]])
    elif pa.types.is_fixed_size_list(kind):
        add(into, columns.flat(array))
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        into.update(np.asarray(pc.list_value_length(array)).astype("<i8"))
        add(into, array.flatten())
    elif pa.types.is_struct(kind):
        for child in array.flatten():
            add(into, child)
    elif pa.types.is_boolean(kind):
        into.update(np.packbits(np.asarray(array.to_numpy(zero_copy_only=False))))
    elif pa.types.is_primitive(kind) or pa.types.is_decimal(kind):
        width = kind.bit_width // 8
        data = memoryview(array.buffers()[1] or b"")
        into.update(data[array.offset * width : (array.offset + len(array)) * width])
    elif not pa.types.is_null(kind):
        into.update(repr(array.to_pylist()).encode())


def _kind(kind: pa.DataType) -> str:
    """The type's name, one for all layouts of text; nested types name their children later."""
    if columns.is_string(kind):
        return _TEXT
    if _is_binary(kind):
        return _BYTES
    if pa.types.is_fixed_size_list(kind):
        return f"list[{kind.list_size}]"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return "list"
    if pa.types.is_struct(kind):
        return f"struct{[kind.field(i).name for i in range(kind.num_fields)]}"
    return str(kind)


def _is_binary(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
    )
