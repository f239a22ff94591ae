"""Training dynamics in the published layout: one JSON-lines file per epoch.

Each line is ``{"guid": ..., "logits_epoch_3": [...], "gold": ...}`` in a file named
``<anything>_epoch_3.jsonl`` (Swayamdipta et al. 2020, the layout of their official code). Also
read, and written by a Recorder of probabilities: ``probs_epoch_3`` (one per class) and
``prob_epoch_3`` (of the gold label alone), which win over logits beside them. A null says that
the row was not recorded in that epoch. Rows are matched by guid whatever their order.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dsx import errors
from dsx.columns import from_numpy, is_number
from dsx.sources import matching, refusals
from dsx.sources.json_files import read_lines

CLASSES_FILE = "classes.json"
_FILE = re.compile(r"^(?P<run>.*?)_?epoch_?(?P<epoch>\d+)\.jsonl(\.gz)?$", re.IGNORECASE)
_FIELDS = {"probs": "epoch_probs", "prob": "epoch_probs", "logits": "epoch_logits"}
_SUBFOLDER = "training_dynamics"  # where the official code puts the files of one model

Runs = dict[str, dict[int, Path]]


def runs_in(folder: Path) -> Runs:
    """{run: {epoch: file}} of a folder: its own files, else those of its subfolders."""
    runs = _runs_of(folder) or _runs_of(folder / _SUBFOLDER)
    if runs:
        return runs
    for inner in sorted(path for path in folder.iterdir() if path.is_dir()):
        found = _runs_of(inner) or _runs_of(inner / _SUBFOLDER)
        if found:
            names = (inner.name if len(found) == 1 else f"{inner.name}-{run}" for run in found)
            runs.update(zip(names, found.values(), strict=True))
    return runs


def read_runs(runs: Runs, encoding: str = "utf-8") -> tuple[pa.Table, list[str], list[str] | None]:
    """The recorded epochs of one or several runs as one table, notes and class names, if kept.

    Columns: guid, gold (where recorded) and epoch_logits or epoch_probs, with the run's name
    after a colon where there are several. Values are float32 where the files hold float32
    written out, else float64. Raises InputError where epochs or runs are not about the same
    rows, an id is there twice, the gold label changes, or an epoch is lacking.
    """
    table: pa.Table | None = None
    notes: list[str] = []
    for run, files in runs.items():
        one = _read_run(files, encoding)
        key = one.column_names[-1]
        suffix = f":{run}" if len(runs) > 1 else ""
        notes.append(
            f"{key}{suffix}: {len(files)} epochs read from {next(iter(files.values())).name} …"
        )
        if table is None:
            table = one.rename_columns([*one.column_names[:-1], key + suffix])
            continue
        place = _matched(table.column("guid"), one.column("guid"), f"run {run!r}", "the first run")
        taken = one.take(pa.array(place))
        _check_gold(table, taken, f"run {run!r}")
        table = table.append_column(key + suffix, taken.column(key))
    if table is None:
        raise errors.empty("training dynamics")
    return table, notes, _class_names(next(iter(next(iter(runs.values())).values())).parent)


def _runs_of(folder: Path) -> Runs:
    runs: Runs = {}
    if not folder.is_dir():
        return runs
    for path in sorted(folder.iterdir()):
        match = _FILE.match(path.name)
        if match and path.is_file():
            run = runs.setdefault(match["run"] or "run", {})
            epoch = int(match["epoch"])
            if epoch in run:
                raise refusals.different_ids(
                    "one file per epoch",
                    f"{run[epoch].name} and {path.name} for epoch {epoch}",
                    "keep one of them",
                )
            run[epoch] = path
    return {run: dict(sorted(files.items())) for run, files in runs.items()}


def _read_run(files: dict[int, Path], encoding: str) -> pa.Table:
    epochs = list(files)
    gaps = sorted(set(range(epochs[0], epochs[-1])) - set(epochs))
    if gaps:
        raise refusals.unreadable_file(
            str(files[epochs[0]].parent.name),
            "a folder with a file for every epoch",
            f"epochs {errors.first(epochs, 20)}, none for {errors.first(gaps)}",
            "add the file, or number the epochs without gaps (file name and field)",
        )
    first: pa.Table | None = None
    arrays: list[np.ndarray] = []
    kind = ""
    for epoch, path in files.items():
        table, role, values = _read_epoch(path, epoch, encoding)
        if first is None:
            first, kind = table, role
        else:
            where = f"epoch {epoch} ({path.name})"
            place = _matched(
                first.column("guid"), table.column("guid"), where, f"epoch {epochs[0]}"
            )
            _check_gold(first, table.take(pa.array(place)), where)
            if role != kind or values.shape[1:] != arrays[0].shape[1:]:
                raise refusals.unreadable_file(
                    path.name,
                    f"{kind} with {arrays[0].shape[1:] or 'one value'} a row, as before",
                    f"{role} with {values.shape[1:] or 'one value'}",
                    "keep epochs of one model together and others in a folder of their own",
                )
            values = values[place]
        arrays.append(values)
    assert first is not None  # a run has at least one file
    values = _as_written(np.stack(arrays, axis=1))
    values.setflags(write=False)
    return first.append_column(kind, from_numpy(values))


def _read_epoch(path: Path, epoch: int, encoding: str) -> tuple[pa.Table, str, np.ndarray]:
    table, _ = read_lines(path, encoding)
    names = table.column_names
    field = next((f for f in _FIELDS if f"{f}_epoch_{epoch}" in names), None)
    if field is None or "guid" not in names:
        lacking = "guid" if "guid" not in names else f"logits_epoch_{epoch}"
        raise refusals.unreadable_file(
            path.name,
            f"lines of guid, logits_epoch_{epoch} and gold",
            f"no field {lacking!r} among {errors.first(names, 10)}",
            "the number in the file's name and in the field must be the same epoch",
        )
    if not table.num_rows:
        raise errors.empty(f"the file {path.name}")
    matching.check_unique(table.column("guid"), "guid", path.name)
    column = f"{field}_epoch_{epoch}"
    values = _rows_of(table.column(column), column, path.name)
    return table.select([n for n in ("guid", "gold") if n in names]), _FIELDS[field], values


def _rows_of(column: pa.ChunkedArray, name: str, file: str) -> np.ndarray:
    """(n,) or (n, K) floats of a JSON column; NaN throughout a row that is null."""
    array = column.combine_chunks()
    array = pa.concat_arrays(array.chunks) if isinstance(array, pa.ChunkedArray) else array
    if is_number(array.type) or pa.types.is_null(array.type):
        return np.asarray(array.cast(pa.float64()).to_numpy(zero_copy_only=False))
    if not pa.types.is_list(array.type) or not is_number(array.type.value_type):
        raise errors.bad_value(f"{name} of {file}", "lists of numbers", f"{array.type}")
    there = np.asarray(array.is_valid())
    length = array.value_lengths().fill_null(0).to_numpy()
    size = int(length[there][0]) if there.any() else 0
    odd = np.flatnonzero(there & (length != size))
    if len(odd):
        raise errors.bad_rows(
            f"{name} of {file}",
            odd.tolist(),
            f"{size} values a row, as in the first",
            f"{length[odd[0]]} values",
            "rows of a file stand in the order of its lines; give every row every class",
        )
    values = np.full((len(array), size), np.nan)
    values[there] = pc.list_flatten(array).cast(pa.float64()).to_numpy().reshape(-1, size)
    return values


def _matched(
    ours: pa.ChunkedArray, theirs: pa.ChunkedArray, where: str, reference: str
) -> np.ndarray:
    """int64 (n,): for each of our ids its row over there; InputError unless the sets are equal."""
    place = matching.places(ours, theirs)
    lacking = np.flatnonzero(place < 0)
    back = np.flatnonzero(matching.places(theirs, ours) < 0)
    if not len(lacking) and not len(back):
        return place
    facts = []
    if len(back):
        shown = theirs.take(pa.array(back[:3])).to_pylist()
        facts.append(
            f"{len(back):,} guids in {where} that {reference} lacks, first {errors.first(shown)} "
            f"at rows {errors.first(back[:3].tolist())}"
        )
    if len(lacking):
        shown = ours.take(pa.array(lacking[:3])).to_pylist()
        facts.append(
            f"{len(lacking):,} guids of {reference} missing there, first {errors.first(shown)}"
        )
    none = ": not one row is in both" if len(lacking) == len(ours) else ""
    raise refusals.different_ids(
        f"column 'guid' of {where} and of {reference}",
        "; ".join(facts) + none,
        "record every row in every epoch (write null logits for a row that was not seen), and "
        "keep epochs of different runs or samples in folders of their own",
    )


def _check_gold(first: pa.Table, other: pa.Table, where: str) -> None:
    if "gold" not in first.column_names or "gold" not in other.column_names:
        return
    a, b = (_text(table.column("gold")) for table in (first, other))
    rows = np.flatnonzero(np.asarray(pc.not_equal(a, b).fill_null(False)))
    if len(rows):
        guid = first.column("guid")[int(rows[0])].as_py()
        got = f"{b[int(rows[0])].as_py()!r} in {where} after {a[int(rows[0])].as_py()!r}"
        raise errors.bad_rows(
            "gold",
            rows.tolist(),
            "one gold label a row in all epochs",
            f"{got} for guid {guid!r}",
            "keep runs on differently labelled data in folders of their own",
        )


def _text(column: pa.ChunkedArray) -> pa.Array:
    return column.cast(pa.large_string()).combine_chunks()


def _as_written(values: np.ndarray) -> np.ndarray:
    """float32 where that is what was written out with nine digits or more, else as it is."""
    small = values.astype(np.float32)
    return small if np.allclose(small, values, rtol=1e-9, atol=1e-9, equal_nan=True) else values


def _class_names(folder: Path) -> list[str] | None:
    path = folder / CLASSES_FILE
    if not path.is_file():
        return None
    try:
        names = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise refusals.unreadable_file(
            path.name, "a JSON list of class names", str(error), "mend it or give classes="
        ) from None
    return [str(name) for name in names]
