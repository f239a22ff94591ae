"""JSON lines and JSON arrays as Arrow tables.

Arrow's parser reads a good file; where it fails, the standard library reads the file again and
says the line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as arrow_json

from dsx import errors
from dsx.sources import cells, refusals
from dsx.sources.lines import bad_encoding, is_wide, numbered_lines

_BLOCK = 8 << 20  # bytes that one line may fill at first
_LARGEST_BLOCK = 1 << 30
_KEY = re.compile(rb'"((?:[^"\\]|\\.)*)"\s*:')


def read_lines(path: Path, encoding: str = "utf-8") -> tuple[pa.Table, list[str]]:
    """A JSON-lines file, one object a line, as a table and notes.

    Raises FileError with the line for text that is no JSON (a file cut short) or not UTF-8, and
    InputError for a column of several types.
    """
    if encoding.lower().replace("_", "-") not in ("utf-8", "utf8", "utf-8-sig"):
        return table_of(list(_objects(path, encoding)), f" of {path.name}")
    block = _BLOCK
    while True:
        try:
            table = _parse(path, block)
            break
        except (pa.ArrowInvalid, UnicodeDecodeError, OSError, EOFError) as error:
            if "straddling" in str(error) and block < _LARGEST_BLOCK:
                block *= 8  # a line longer than the block
                continue
            return table_of(list(_objects(path, encoding)), f" of {path.name}")
    if any(_beyond_integers(table.column(name)) for name in table.column_names):
        return table_of(list(_objects(path, encoding)), f" of {path.name}")
    try:
        cells.check_utf8(table, f" of {path.name}")
    except errors.InputError:
        return table_of(list(_objects(path, encoding)), f" of {path.name}")  # says the line
    return table, []


def read_document(path: Path, encoding: str = "utf-8") -> tuple[pa.Table, list[str]]:
    """A .json file: an array of objects, an object of columns, or JSON lines under that name."""
    text = _text(path, encoding)
    if not text.strip():
        raise errors.empty(f"the file {path.name}")
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        head = text.lstrip().partition("\n")[0]
        if head.startswith("{") and _is_json(head):
            return read_lines(path, encoding)
        raise _bad_json(path, error.lineno, error, text.splitlines()[error.lineno - 1]) from None
    where = f" of {path.name}"
    if isinstance(found, dict) and len(found) == 1 and _is_records(next(iter(found.values()))):
        key, found = next(iter(found.items()))
        table, notes = table_of(found, where)
        return table, [*notes, f"{path.name}: the rows are those under its key {key!r}"]
    if isinstance(found, list):
        return table_of(found, where)
    if isinstance(found, dict) and found and all(map(_is_records, found.values())):
        rows = [{"split": split, **row} for split, part in found.items() for row in part]
        table, notes = table_of(rows, where)
        return table, [*notes, f"{path.name}: its keys {errors.first(list(found))} are the splits"]
    if (
        isinstance(found, dict)
        and found
        and all(isinstance(v, (list, dict)) for v in found.values())
    ):
        columns = {k: list(v.values()) if isinstance(v, dict) else v for k, v in found.items()}
        if len({len(column) for column in columns.values()}) == 1:
            return pa.table({k: cells.array_of(v, k, where) for k, v in columns.items()}), []
    elif isinstance(found, dict):
        return table_of([found], where)
    raise refusals.unreadable_file(
        path.name,
        "an array of objects, or an object of columns of one length",
        f"{type(found).__name__} {errors.first([found])}",
        "write one object per row",
    )


def table_of(rows: list[Any], where: str = "") -> tuple[pa.Table, list[str]]:
    """A list of dicts as a table and notes; columns in the order of first appearance.

    Raises InputError naming the first entries that are no dict, or a column of several types.
    """
    strange = [row for row, cell in enumerate(rows) if not isinstance(cell, dict)]
    if strange:
        got = f"{type(rows[strange[0]]).__name__} {errors.first([rows[strange[0]]])}"
        raise errors.bad_rows(
            f"rows{where}", strange, "one dict (object) per row", got, "wrap values in dicts"
        )
    names = dict.fromkeys(name for row in rows for name in row)
    arrays, notes = {}, []
    for name in names:
        arrays[str(name)] = cells.array_of([row.get(name) for row in rows], str(name), where)
        lacking = sum(name not in row for row in rows)
        if lacking:
            notes.append(f"column {name!r}{where} is absent in {lacking:,} rows: missing there")
    if len(arrays) < len(names):
        raise errors.duplicate_columns([str(name) for name in names])
    return pa.table(arrays), notes


def _parse(path: Path, block: int) -> pa.Table:
    options = arrow_json.ReadOptions(block_size=block)
    with pa.input_stream(str(path), compression="detect") as stream:
        table = arrow_json.read_json(stream, read_options=options)
    times = [field.name for field in table.schema if pa.types.is_timestamp(field.type)]
    if not times:
        return table
    # JSON has no times: text that looks like one stays the text it is
    schema = pa.schema([(name, pa.string()) for name in times])
    parse = arrow_json.ParseOptions(explicit_schema=schema)
    with pa.input_stream(str(path), compression="detect") as stream:
        again = arrow_json.read_json(stream, read_options=options, parse_options=parse)
    return again.select(table.column_names)


def _beyond_integers(column: pa.ChunkedArray) -> bool:
    """Whether whole numbers beyond 64 bits may have been read as rounded floats."""
    if not pa.types.is_float64(column.type):
        return False
    largest = pc.max(pc.abs(column)).as_py()
    return largest is not None and 2.0**63 <= largest < float("inf")


def _objects(path: Path, encoding: str) -> Iterator[dict[str, Any]]:
    if is_wide(encoding):
        for number, line in enumerate(_text(path, encoding).split("\n"), 1):
            if line.strip():
                yield _object(path, number, line)
        return
    for number, raw in numbered_lines(path):
        if not raw.strip():
            continue
        try:
            line = raw.removeprefix(b"\xef\xbb\xbf").decode(encoding)
        except UnicodeDecodeError as error:
            keys = _KEY.findall(raw[: error.start])
            column = keys[-1].decode("utf-8", "replace") if keys else None
            raise bad_encoding(path, number, error, column) from None
        yield _object(path, number, line)


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            twice = sorted({name for name in names if names.count(name) > 1})
            raise errors.duplicate_columns([f"{name} (line {number})" for name in twice])
        return found

    try:
        value = json.loads(line, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise _bad_json(path, number, error, line) from None
    if not isinstance(value, dict):
        raise refusals.unreadable_file(
            path.name,
            "JSON lines, one object a line",
            f"a {type(value).__name__} on line {number}: {errors.first([value])}",
            "name the file .json if it is one array of objects, else write one object a line",
        )
    return value


def _bad_json(path: Path, number: int, error: json.JSONDecodeError, line: str) -> errors.FileError:
    shown = line.strip()
    shown = shown if len(shown) <= 60 else f"{shown[:57]}…"
    return refusals.unreadable_file(
        path.name,
        "JSON, whole to the last line",
        f"line {number}, which breaks at character {error.colno} ({error.msg}): {shown}",
        "if it is the last line the file was cut short: get it again or delete that line",
    )


def _text(path: Path, encoding: str) -> str:
    raw = b"".join(line for _, line in numbered_lines(path))
    try:
        return raw.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        number = raw.count(b"\n", 0, error.start) + 1
        begin = raw.rfind(b"\n", 0, error.start) + 1
        keys = _KEY.findall(raw[begin : error.start]) or _KEY.findall(raw[: error.start])
        column = keys[-1].decode("utf-8", "replace") if keys else None
        local = UnicodeDecodeError(
            error.encoding, raw[begin:], error.start - begin, error.end - begin, error.reason
        )
        raise bad_encoding(path, number, local, column) from None


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except json.JSONDecodeError:
        return False
    return True


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)
