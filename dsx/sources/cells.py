"""Python cells as Arrow columns, with one clear error where Arrow would guess or stumble."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dsx import errors
from dsx.columns import is_string
from dsx.sources import refusals

_FAMILIES = {
    "bool": "true/false",
    "bytes": "bytes",
    "date": "dates",
    "datetime": "times",
    "dict": "records",
    "Decimal": "numbers",
    "float": "numbers",
    "int": "numbers",
    "list": "lists",
    "ndarray": "lists",
    "str": "text",
    "Timestamp": "times",
    "tuple": "lists",
}
_MISSING = ("NoneType", "NAType", "NaTType")
_BIG_CELL = 1 << 20


def array_of(values: Sequence[Any], column: str, where: str = "") -> pa.Array:
    """Cells as one Arrow array; None and NaN become null.

    `where` is put after the column's name in a message (" of file.jsonl"). Raises InputError
    for cells of several types, whole numbers beyond 64 bits, text that is not valid Unicode and
    objects that no column can hold, each with the first rows.
    """
    check_one_type(values, column, where)
    try:
        return pa.array(values, from_pandas=True)
    except OverflowError:
        return _unsigned(values, column, where)
    except UnicodeEncodeError:
        rows = [row for row, cell in enumerate(values) if isinstance(cell, str) and _broken(cell)]
        raise errors.bad_rows(
            column + where,
            rows,
            "text in Unicode",
            "half a surrogate pair, which is no character,",
            "decode the text again with the right encoding, or with errors='replace'",
        ) from None
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        row = _first_odd(values)
        raise errors.bad_rows(
            column + where,
            [row],
            "cells of one type that a table can hold (numbers, text, times, lists of those)",
            f"{errors.first([values[row]])} ({error})",
            "convert or leave out the column before reading",
        ) from None


def check_one_type(values: Sequence[Any], column: str, where: str = "") -> None:
    """Refuse cells of several types, naming the first rows of each.

    Arrow would take some mixtures in silence: true/false among numbers, text among bytes.
    """
    kinds = {kind: _family(kind) for kind in set(map(type, values))}
    families = set(kinds.values()) - {""}
    if len(families) > 1 and float in kinds:
        # a NaN stands for a missing cell in any column
        families = {kinds[type(v)] for v in values if not (isinstance(v, float) and v != v)} - {""}
    if len(families) < 2:
        return
    examples = []
    for family in families:
        rows = [r for r, cell in enumerate(values) if kinds[type(cell)] == family and cell == cell]
        examples.append((family, rows, values[rows[0]]))
    examples.sort(key=lambda example: -len(example[1]))
    raise refusals.mixed_types(column, examples, where)


def check_utf8(table: pa.Table, where: str = "") -> None:
    """Refuse text columns whose bytes are not UTF-8: Arrow files and frames may hold such."""
    for name in table.column_names:
        column = table.column(name)
        if not is_string(column.type):
            continue
        start = 0
        for chunk in column.chunks:
            try:
                chunk.validate(full=True)
            except pa.ArrowInvalid:
                row = start + _first_invalid(chunk)
                raise errors.bad_rows(
                    name + where,
                    [row],
                    "text in UTF-8",
                    "bytes that are not UTF-8",
                    "write the file again from text decoded with its own encoding",
                ) from None
            start += len(chunk)


def big_cells(table: pa.Table) -> list[str]:
    """Notes on text and bytes cells over 1 MB: they are kept, and shown cut."""
    notes = []
    for name in table.column_names:
        column = table.column(name)
        if not (is_string(column.type) or _is_bytes(column.type)):
            continue
        length = pc.binary_length(column)
        largest = pc.max(length).as_py() or 0
        if largest > _BIG_CELL:
            row = pc.index(length, pa.scalar(largest, length.type)).as_py()
            notes.append(
                f"column {name!r} holds {largest / 1e6:,.1f} MB in one cell (row {row}); "
                "it is kept whole, and views show its beginning"
            )
    return notes


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _family(kind: type) -> str:
    if kind.__name__ in _MISSING:
        return ""
    if issubclass(kind, np.generic):
        return {"b": "true/false", "U": "text", "S": "bytes", "M": "times"}.get(
            np.dtype(kind).kind, "numbers"
        )
    for base in kind.__mro__:
        if base.__name__ in _FAMILIES:
            return _FAMILIES[base.__name__]
    return kind.__name__


def _broken(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _unsigned(values: Sequence[Any], column: str, where: str) -> pa.Array:
    try:
        return pa.array(values, pa.uint64(), from_pandas=True)
    except (OverflowError, TypeError, pa.ArrowInvalid):
        rows = [
            row
            for row, cell in enumerate(values)
            if isinstance(cell, int) and not -(2**63) <= cell < 2**63
        ]
    raise errors.bad_rows(
        column + where,
        rows,
        "whole numbers of at most 64 bits",
        errors.first([values[rows[0]]]) if rows else "a larger number inside a list",
        "make the column text if they are ids, or float if they are amounts",
    ) from None


def _first_odd(values: Sequence[Any]) -> int:
    """The first row that does not fit the rows before it: halving keeps this at n log n."""
    low, high = 0, len(values)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            pa.array(values[:middle], from_pandas=True)
            low = middle
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
            high = middle
    return low


def _first_invalid(chunk: pa.Array) -> int:
    plain = chunk.cast(pa.large_string()) if pa.types.is_string_view(chunk.type) else chunk
    raw = plain.cast(pa.large_binary())
    for row, cell in enumerate(raw):
        value = cell.as_py()
        try:
            (value or b"").decode()
        except UnicodeDecodeError:
            return row
    return 0
