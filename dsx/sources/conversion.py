"""What a user holds (frames, dicts, Hugging Face datasets) as an Arrow table.

Packages are known by the module names of a type, never by importing them: whoever passes a
pandas frame has pandas loaded already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from dsx import columns, errors
from dsx.columns import from_numpy, without_views
from dsx.sources import cells, checks, refusals
from dsx.sources.files import stacked
from dsx.sources.json_files import table_of

Converted = tuple[pa.Table, str, list[str]]


def to_table(source: Any) -> Converted:
    """(table, kind, notes): kind is what to give back, as "pandas", "dict" or "datasets".

    Raises InputError for an object that is no table, a column of several types and columns of
    unequal length; ColumnError for two columns of one name.
    """
    homes = {base.__module__.partition(".")[0] for base in type(source).__mro__}
    notes: list[str] = []
    if "narwhals" in homes and hasattr(source, "to_native"):
        return to_table(source.to_native())
    if "datasets" in homes:
        table, notes = _from_datasets(source)
        kind = "datasets"
    elif isinstance(source, Mapping):
        (table, notes), kind = _from_mapping(source), "dict"
    elif isinstance(source, (list, tuple)):
        (table, notes), kind = table_of(list(source)), "list"
    elif "pandas" in homes and hasattr(type(source), "columns"):
        (table, notes), kind = _from_pandas(source), "pandas"
    elif "polars" in homes and hasattr(type(source), "columns"):
        table, kind = _from_polars(source), "polars"
    elif isinstance(source, pa.Table):
        table, kind = source, "pyarrow"
    elif isinstance(source, pa.RecordBatch):
        table, kind = pa.Table.from_batches([source]), "pyarrow"
    elif isinstance(source, pa.RecordBatchReader):
        table, kind = source.read_all(), "pyarrow"
    else:
        table, kind = _from_other(source, homes), "pyarrow"
    check_names(table.column_names)
    table = without_views(table)
    if kind in ("pyarrow", "polars"):
        cells.check_utf8(table)
    return table, kind, notes


def column_of(value: Any, name: str) -> pa.Array | pa.ChunkedArray:
    """One column: a sequence, an array of one to three axes, a tensor, a series."""
    if isinstance(value, (str, bytes)) or not hasattr(value, "__len__"):
        if not hasattr(value, "__iter__") or isinstance(value, (str, bytes)):
            raise errors.bad_value(
                f"column {name!r}", "one value per row", value, f"repeat it: [{value!r}] * n"
            )
        value = list(value)
    if isinstance(value, (pa.Array, pa.ChunkedArray)):
        return value
    homes = {base.__module__.partition(".")[0] for base in type(value).__mro__}
    if "polars" in homes:
        return value.to_arrow()
    if "pandas" in homes:
        if value.dtype == object:
            return cells.array_of(value.tolist(), name)
        return pa.array(value.copy(), from_pandas=True)
    if isinstance(value, np.ndarray) or hasattr(value, "detach") or hasattr(value, "numpy"):
        array = value if isinstance(value, np.ndarray) else checks.as_array(value, name)
        if array.ndim > 3:
            raise errors.bad_value(f"column {name!r}", "at most three axes", f"{array.ndim}")
        if array.dtype.kind in "fiub":
            return from_numpy(array)
        if array.dtype.kind == "M" and array.ndim == 1:
            return pa.array(array.copy(), from_pandas=True)
        return cells.array_of(array.tolist(), name)
    return cells.array_of(list(value), name)


def class_names(source: Any, table: pa.Table) -> dict[str, list[str]]:
    """Names of the classes of Hugging Face ClassLabel columns, by column."""
    splits = list(source.values()) if isinstance(source, Mapping) else [source]
    features = getattr(splits[0], "features", None) if splits else None
    if not isinstance(features, Mapping):
        return {}
    return {
        name: [str(item) for item in feature.names]
        for name, feature in features.items()
        if name in table.column_names and isinstance(getattr(feature, "names", None), list)
    }


def check_names(names: Sequence[Any]) -> None:
    """Refuse two columns of one name."""
    seen: set[str] = set()
    twice = [str(name) for name in names if str(name) in seen or seen.add(str(name))]  # type: ignore[func-returns-value]
    if twice:
        raise errors.duplicate_columns(sorted(set(twice)))


def _from_mapping(source: Mapping[Any, Any]) -> tuple[pa.Table, list[str]]:
    check_names(list(source))
    if source and all(_is_frame(value) for value in source.values()):
        return _from_splits(source)
    arrays = {str(name): column_of(value, str(name)) for name, value in source.items()}
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        first, length = next(iter(lengths.items()))
        odd = next(name for name in lengths if lengths[name] != length)
        raise errors.bad_value(
            f"column {odd!r}",
            f"as long as column {first!r}, {length:,} values",
            f"{lengths[odd]:,} values",
            "make all columns the same length",
        )
    return pa.table(arrays), lent(source)


def lent(given: Mapping[Any, Any]) -> list[str]:
    """Notes on arrays too large to be copied, which the caller can therefore write no longer."""
    return [
        f"{name}: {value.nbytes / 2**30:.1f} GiB, used where they lie and not copied: the array "
        "can be read but not written from now on"
        for name, value in given.items()
        if isinstance(value, np.ndarray)
        and value.nbytes >= columns.LARGE
        and value.flags.owndata
        and not value.flags.writeable
    ]


def _from_splits(source: Mapping[Any, Any]) -> tuple[pa.Table, list[str]]:
    """Tables by the name of their split, one after the other with a split column."""
    tables, notes = [], []
    for name, part in source.items():
        table, _, found = to_table(part)
        if "split" in table.column_names:
            raise errors.duplicate_columns(["split"])
        tables.append(table.append_column("split", pa.repeat(str(name), table.num_rows)))
        notes.extend(found)
        notes.append(f"{table.num_rows:,} rows from split {name!r}")
        if set(table.column_names) != set(tables[0].column_names) - {"split"}:
            odd = sorted(set(table.column_names) ^ (set(tables[0].column_names) - {"split"}))
            raise errors.bad_value(
                f"split {name!r}",
                "the columns of the first split",
                f"a difference in {errors.first(odd)}",
                "read the splits one by one",
            )
    return stacked(tables, [str(name) for name in source]), notes


def _is_frame(value: Any) -> bool:
    if isinstance(value, (pa.Table, pa.RecordBatch)):
        return True
    homes = {base.__module__.partition(".")[0] for base in type(value).__mro__}
    return bool(homes & {"pandas", "polars", "datasets"}) and (
        hasattr(value, "columns") or hasattr(value, "column_names")
    )


def _from_pandas(frame: Any) -> tuple[pa.Table, list[str]]:
    check_names(list(frame.columns))
    notes = []
    index = frame.index
    trivial = type(index).__name__ == "RangeIndex" and index.start == 0 and index.step == 1
    objects = [name for name in frame.columns if frame[name].dtype == object]
    for name in objects:
        cells.check_one_type(frame[name].tolist(), str(name))
    if any(not isinstance(name, str) for name in frame.columns):
        renamed = [
            ".".join(map(str, name)) if isinstance(name, tuple) else str(name)
            for name in frame.columns
        ]
        check_names(renamed)
        frame = frame.set_axis(renamed, axis=1)
        notes.append(f"column names that are no text were made text: {errors.first(renamed)}")
    frame = frame.copy()  # Arrow would look into memory that the user can still write
    try:
        table = pa.Table.from_pandas(frame, preserve_index=not trivial)
    except (pa.ArrowException, OverflowError, UnicodeEncodeError, TypeError, ValueError) as error:
        for name in frame.columns:
            if frame[name].dtype == object:
                cells.array_of(frame[name].tolist(), str(name))  # says which rows
        raise errors.bad_value(
            "the frame", "columns that a table can hold", str(error), "convert them first"
        ) from error
    return table, notes


def _from_polars(frame: Any) -> pa.Table:
    if hasattr(frame, "collect"):
        frame = frame.collect()
    for name, kind in zip(frame.columns, frame.dtypes, strict=True):
        if str(kind) == "Object":
            values = frame[name].to_list()
            frame = frame.with_columns(_series_like(frame, name, values))
    return frame.to_arrow()


def _series_like(frame: Any, name: str, values: list[Any]) -> Any:
    array = cells.array_of(values, name)  # refuses what no column can hold
    return type(frame[name])(name, array.to_pylist())


def _from_datasets(source: Any) -> tuple[pa.Table, list[str]]:
    if isinstance(source, Mapping):
        return _from_splits(source)
    if not hasattr(source, "with_format") or not hasattr(source, "__len__"):
        raise refusals.unknown_source(
            f"a {type(source).__name__}, which has no length: take a part of it first, for "
            "example list(dataset.take(10_000))"
        )
    table = source.with_format("arrow")[:]
    names = class_names(source, table)
    for name in names:
        table = _with_names(table, name, names[name])
    return table.replace_schema_metadata(None), []


def _with_names(table: pa.Table, name: str, names: list[str]) -> pa.Table:
    """A column of class numbers as class names; -1, which says unlabelled there, as missing."""
    codes = np.asarray(table.column(name).fill_null(-1).to_numpy())
    outside = np.flatnonzero(codes >= len(names))
    if len(outside):
        raise errors.bad_rows(
            name,
            outside.tolist(),
            f"class numbers below {len(names)}, as its ClassLabel names",
            str(codes[outside[0]]),
            "correct the labels or the feature",
        )
    column = pa.array(names).take(pa.array(codes, mask=codes < 0))
    return table.set_column(table.column_names.index(name), name, column)


def _from_other(source: Any, homes: set[str]) -> pa.Table:
    if isinstance(source, np.ndarray) and source.dtype.names:
        return _from_mapping({name: source[name] for name in source.dtype.names})[0]
    import narwhals

    frame = narwhals.from_native(source, pass_through=True)
    if isinstance(frame, narwhals.DataFrame):
        return frame.to_arrow()
    if isinstance(frame, narwhals.LazyFrame):
        return frame.collect(backend="pyarrow").to_native()
    if hasattr(source, "__arrow_c_stream__"):
        return pa.table(source)
    shape = f" of shape {source.shape}" if hasattr(source, "shape") else ""
    raise refusals.unknown_source(f"a {type(source).__module__}.{type(source).__qualname__}{shape}")
