"""CSV and TSV files as Arrow tables."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from dsx import errors
from dsx.sources import refusals
from dsx.sources.lines import bad_encoding, is_wide, numbered_lines

_BLOCK = 4 << 20
_LARGEST_BLOCK = 1 << 30
_LONG = r"^\s*-?[0-9]{19,}\s*$"


def read_csv(
    path: Path, encoding: str = "utf-8", delimiter: str | None = None
) -> tuple[pa.Table, list[str]]:
    """A CSV or TSV file, its first line the column names, as a table and notes.

    Raises FileError with the line for rows of another length and for bytes that are not in
    `encoding`. A column with a cell that is no number is text, as CSV has no types.
    """
    notes: list[str] = []
    if delimiter is None:
        delimiter = _delimiter(path, encoding)
        if delimiter != ",":
            notes.append(f"{path.name}: columns are parted by {delimiter!r}, as in its first line")
    text: dict[str, pa.DataType] = {}
    block = _BLOCK
    while True:
        try:
            table = _parse(path, encoding, delimiter, block, text)
        except (pa.ArrowInvalid, UnicodeError, OSError, EOFError) as error:
            message = str(error)
            if "straddling" in message and block < _LARGEST_BLOCK:
                block *= 8  # a row longer than the block
                continue
            column = _column_in(message, path, encoding, delimiter)
            if column is not None and column not in text and "UTF8" not in message:
                text[column] = pa.string()  # its first block looked like numbers, a later did not
                continue
            raise _diagnosed(path, encoding, delimiter, message) from None
        odd = [field.name for field in table.schema if _is_suspect(field.type)]
        if odd:
            raise _diagnosed(path, encoding, delimiter, f"bytes in column {odd[0]!r}")
        if len(set(table.column_names)) < table.num_columns:
            return table, notes
        for name in table.column_names:
            if _may_be_rounded(table.column(name)):
                column = _parse(path, encoding, delimiter, block, {name: pa.string()}).column(name)
                if pc.any(pc.match_substring_regex(column, _LONG)).as_py():
                    table = table.set_column(table.column_names.index(name), name, column)
                    notes.append(
                        f"{path.name}: column {name!r} holds whole numbers beyond 64 bits and is "
                        "kept as text"
                    )
        return table, notes


def _parse(
    path: Path, encoding: str, delimiter: str, block: int, text: dict[str, pa.DataType]
) -> pa.Table:
    with pa.input_stream(str(path), compression="detect") as stream:
        return arrow_csv.read_csv(
            stream,
            read_options=arrow_csv.ReadOptions(encoding=encoding, block_size=block),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(column_types=text),
        )


def _delimiter(path: Path, encoding: str) -> str:
    if path.name.lower().removesuffix(".gz").endswith((".tsv", ".tab")):
        return "\t"
    head = next(_rows(path, encoding), "")
    counts = {mark: _outside_quotes(head, mark) for mark in (",", ";", "\t", "|")}
    best = max(counts, key=lambda mark: counts[mark])  # the comma wins a tie: it is first
    return best if counts[best] and not counts[","] else ","


def _outside_quotes(line: str, mark: str) -> int:
    return sum(part.count(mark) for part in line.split('"')[::2])


def _rows(path: Path, encoding: str) -> Iterator[str]:
    if is_wide(encoding):
        yield from path.read_text(encoding, errors="replace").splitlines(keepends=True)
        return
    for _, line in numbered_lines(path):
        yield line.removeprefix(b"\xef\xbb\xbf").decode(encoding, "replace")


def _header(path: Path, encoding: str, delimiter: str) -> list[str]:
    return next(csv.reader(_rows(path, encoding), delimiter=delimiter), [])


def _column_in(message: str, path: Path, encoding: str, delimiter: str) -> str | None:
    """The column that Arrow names in "In CSV column #1: CSV conversion error to int64 ..."."""
    if not message.startswith("In CSV column #"):
        return None
    number = int(message.removeprefix("In CSV column #").partition(":")[0])
    header = _header(path, encoding, delimiter)
    return header[number] if number < len(header) else None


def _diagnosed(path: Path, encoding: str, delimiter: str, message: str) -> errors.DsxError:
    """What is wrong with a file that Arrow refused, found by reading it again line by line."""
    found = _bad_bytes(path, encoding, delimiter)
    if found is not None:
        return found
    reader = csv.reader(_rows(path, encoding), delimiter=delimiter)
    header = next(reader, [])
    if not header:
        return errors.empty(f"the file {path.name}")
    line = reader.line_num
    for row in reader:
        if row and len(row) != len(header):
            return refusals.unreadable_file(
                path.name,
                f"rows of {len(header)} cells, as in its first line",
                f"{len(row)} cells at line {line + 1}: {errors.first([delimiter.join(row)])}",
                f"quote cells that contain {delimiter!r}, or complete that line",
            )
        line = reader.line_num
    return refusals.unreadable_file(path.name, "a CSV file", message, "write it again")


def _bad_bytes(path: Path, encoding: str, delimiter: str) -> errors.FileError | None:
    if is_wide(encoding):
        return None
    header: list[str] = []
    for number, line in numbered_lines(path):
        try:
            whole = line.decode(encoding)
        except UnicodeDecodeError as error:
            before = line[: error.start].decode(encoding, "replace")
            place = len(next(csv.reader([before], delimiter=delimiter), [""])) - 1
            column = header[place] if 0 <= place < len(header) else None
            return bad_encoding(path, number, error, column)
        if number == 1:
            header = next(csv.reader([whole.removeprefix("\ufeff")], delimiter=delimiter))
    return None


def _is_suspect(kind: pa.DataType) -> bool:
    # the reader falls back to bytes where text is not UTF-8
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _may_be_rounded(column: pa.ChunkedArray) -> bool:
    """Whether whole numbers beyond 64 bits may have been read as floats."""
    if not pa.types.is_float64(column.type):
        return False
    largest = pc.max(pc.abs(column)).as_py()
    return largest is not None and 2.0**63 <= largest < float("inf")
