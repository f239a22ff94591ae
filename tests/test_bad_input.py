"""Bad input: one clear error naming the column, the first rows and what to do; nothing changes."""

import gzip
import json
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

import dsx
from dsx import errors

N = 40
TEXT = {"text": [f"row {i}" for i in range(N)], "label": ["no", "yes"] * (N // 2)}
CLASSES = ["no", "yes"]


def gold() -> np.ndarray:
    """p(gold), 40 rows x 3 epochs."""
    return np.random.default_rng(0).random((N, 3))


def shares() -> np.ndarray:
    """Class probabilities, 40 rows x 3 epochs x 2 classes."""
    p = gold()
    return np.stack([p, 1 - p], -1)


def spoiled(values: np.ndarray, where: tuple, value: float) -> np.ndarray:
    values[where] = value
    return values


class Case:
    """What is done, which error it is, and what its message must name."""

    def __init__(self, do: Callable, error: type, code: str, *names: str) -> None:
        self.do, self.error, self.code, self.names = do, error, code, names


def read(source=TEXT, **roles) -> Callable:
    return lambda: dsx.read(source, **roles)


ARRAYS = {
    "above one": Case(
        read(epoch_probs=spoiled(gold(), (7, 1), 1.5)),
        errors.InputError, "bad-rows",
        "[0, 1]", "1.5 (epoch 1)", "column 'epoch_probs' at row 7", "To do:",
    ),
    "percentages": Case(
        read(epoch_probs=gold() * 100), errors.InputError, "bad-rows",
        "divide by 100", "and 3", "more",
    ),
    "negative, so perhaps logits": Case(
        read(prediction=np.tile([-2.0, 3.0], (N, 1)), classes=CLASSES),
        errors.InputError, "bad-rows", "-2 (class 0)", "epoch_logits=",
    ),
    "NaN": Case(
        read(epoch_probs=spoiled(gold(), ([3, 9], 2), np.nan)),
        errors.InputError, "bad-rows", "nan (epoch 2)", "rows 3, 9", "none of them NaN",
    ),
    "NaN in one class": Case(
        read(epoch_probs=spoiled(shares(), (3, 0, 1), np.nan), classes=CLASSES),
        errors.InputError, "bad-rows", "nan (epoch 0, class 1)", "row 3",
    ),
    "a sum that is not one": Case(
        read(epoch_probs=spoiled(shares(), (5, 2), 0.4), classes=CLASSES),
        errors.InputError, "bad-rows", "sum to 0.8 (epoch 2)", "row 5", "by its sum",
    ),
    "classes handed in as epochs": Case(
        read(epoch_probs=shares()[:, 0]), errors.InputError, "bad-value",
        "every row sums to one", "array[:, None, :]", "prediction=",
    ),
    "null p(gold)": Case(
        read(null_prob=spoiled(gold()[:, 0], 4, -0.25)),
        errors.InputError, "bad-rows", "column 'null_prob' at row 4", "-0.25",
    ),
    "logits that overflowed": Case(
        read(epoch_logits=spoiled(shares(), (6, 1, 0), np.inf), classes=CLASSES),
        errors.InputError, "bad-rows", "inf (epoch 1, class 0)", "row 6", "overflow",
    ),
    "logits without labels": Case(
        read({"text": TEXT["text"]}, epoch_logits=shares()),
        errors.NeedsError, "missing-role", "label", "column 'epoch_logits'", "label=",
    ),
    "class probabilities without labels": Case(
        read({"text": TEXT["text"]}, epoch_probs=shares()),
        errors.NeedsError, "missing-role", "label", "column 'epoch_probs'",
    ),
    "another number of rows": Case(
        read(epoch_probs=gold()[:-1]), errors.InputError, "bad-value",
        "epoch_probs", "40 rows", "39",
    ),
    "rows of unequal length": Case(
        read(epoch_probs=[[0.5, 0.5]] * 9 + [[0.5]] + [[0.5, 0.5]] * 30),
        errors.InputError, "bad-rows", "row 9", "1 values where row 0 has 2",
    ),
    "a list column of unequal length": Case(
        read({**TEXT, "p": [[0.5, 0.5]] * 9 + [[0.5]] + [[0.5, 0.5]] * 30}, epoch_probs="p"),
        errors.InputError, "bad-rows", "column 'p'", "row 9", "1 values where row 0 has 2",
    ),
    "a list column with a row missing": Case(
        read({**TEXT, "p": [[0.5, 0.5]] * 9 + [None] + [[0.5, 0.5]] * 30}, epoch_probs="p"),
        errors.InputError, "bad-rows", "column 'p'", "row 9",
    ),
    "logits with two axes": Case(
        read(epoch_logits=gold()), errors.RoleError, "bad-role", "epoch_logits", "n x E x K",
    ),
    "text for numbers": Case(
        read(epoch_probs="text"), errors.InputError, "bad-value", "column 'text'", "numbers",
    )
}  # fmt: skip

LABELS = {
    "a label outside the class list": Case(
        read({**TEXT, "label": ["no"] * 38 + ["maybe"] * 2}, epoch_probs=shares(), classes=CLASSES),
        errors.InputError, "bad-rows", "'no', 'yes'", "'maybe'", "column 'label' at rows 38, 39",
    ),
    "class numbers from one": Case(
        read({**TEXT, "label": [1, 2] * 20}, epoch_probs=shares()),
        errors.InputError, "bad-rows", "label '2'", "column 'label' at rows 1, 3", "classes=",
    ),
    "names without a class list": Case(
        read(epoch_probs=shares()), errors.InputError, "bad-value",
        "2 class names", "column 'label'", "classes=list(model.classes_)",
    ),
    "too few classes": Case(
        read(epoch_probs=shares(), classes=["no"]), errors.InputError, "bad-value",
        "2 names", "epoch_probs", "1: 'no'",
    ),
    "a class named twice": Case(
        read(epoch_probs=shares(), classes=["no", "no"]), errors.InputError, "bad-value",
        "'no' more than once",
    ),
    "no label at all": Case(
        read({**TEXT, "label": [np.nan] * N}, epoch_probs=shares(), classes=CLASSES),
        errors.InputError, "bad-rows", "column 'label'", "no label", "0, 1, 2",
    ),
}  # fmt: skip

TABLES = {
    "an empty frame": Case(
        read({"text": [], "label": []}), errors.InputError, "empty", "at least one row"
    ),
    "no columns": Case(read({}), errors.InputError, "empty", "at least one row"),
    "an empty list": Case(read([]), errors.InputError, "empty"),
    "two columns of one name": Case(
        lambda: dsx.read(pa.table([pa.array([1]), pa.array([2])], names=["x", "x"])),
        errors.ColumnError, "duplicate-column", "'x'", "rename",
    ),
    "a column of mixed types": Case(
        read({"age": [31, "n/a", 40, None, "old"]}), errors.InputError, "mixed-types",
        "column 'age'", "numbers in 2 rows, first 0, 2 (31)", "text in 2 rows, first 1, 4 ('n/a')",
    ),
    "true among numbers": Case(
        read({"x": [0.5, True]}), errors.InputError, "mixed-types", "'x'", "true/false in 1 rows",
    ),
    "text among bytes": Case(read({"x": ["a", b"b"]}), errors.InputError, "mixed-types", "'x'"),
    "mixed types in a list of dicts": Case(
        read([{"a": 1}, {"a": "x"}]), errors.InputError, "mixed-types", "'a'", "first 1 ('x')",
    ),
    "an entry that is no dict": Case(
        read([{"a": 1}, 7]), errors.InputError, "bad-rows", "one dict", "int 7", "row 1",
    ),
    "columns of unequal length": Case(
        read({"a": [1, 2], "b": [1]}), errors.InputError, "bad-value", "'b'", "2 values",
    ),
    "one value for a column": Case(
        read({"a": "text"}), errors.InputError, "bad-value", "column 'a'", "one value per row",
    ),
    "whole numbers beyond 64 bits": Case(
        read({"n": [1, 2**70, -1]}), errors.InputError, "bad-rows",
        "column 'n' at row 1", "64 bits", "text if they are ids",
    ),
    "half a surrogate pair": Case(
        read({"t": ["a", "\udcff"]}), errors.InputError, "bad-rows", "column 't' at row 1",
    ),
    "objects": Case(
        read({"o": [1 + 2j]}), errors.InputError, "bad-rows", "column 'o' at row 0", "complex",
    ),
    "a role for a column that is not there": Case(
        read(label="lable"), errors.ColumnError, "unknown-column", "'lable'", "'label'",
    ),
    "a role that does not exist": Case(
        read(lable="label"), errors.RoleError, "unknown-role", "'lable'", "did you mean 'label'",
    ),
    "ids named that are there twice": Case(
        read({"key": ["a", "b", "a"]}, id="key"), errors.InputError, "duplicate-ids",
        "'a' again in column 'key' at row 2",
    ),
    "an array": Case(
        read(np.zeros((2, 2))), errors.InputError, "unknown-source", "(2, 2)", "dict of columns",
    ),
    "an address": Case(
        read("https://example.org/x.csv"), errors.InputError, "bad-value", "download it first",
    ),
    "a list of columns, one misspelt": Case(
        read({"early": [0.5] * 4, "late": [0.5] * 4}, epoch_probs=["early", "lat"]),
        errors.ColumnError, "unknown-column", "'lat'", "did you mean 'late'",
    ),
}  # fmt: skip


def rows_file(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def cut_parquet(path: Path) -> Path:
    pa.parquet.write_table(pa.table(TEXT), path)
    return rows_file(path, path.read_bytes()[:-100])


def cut_arrow(path: Path) -> Path:
    with pa.ipc.new_file(str(path), pa.table(TEXT).schema) as writer:
        writer.write_table(pa.table(TEXT))
    return rows_file(path, path.read_bytes()[:-200])


def invalid_parquet(path: Path) -> Path:
    cells = pa.array([b"fine", b"caf\xe9"]).view(pa.string())
    pa.parquet.write_table(pa.table({"text": cells}), path)
    return path


def epochs(folder: Path, *files: list[tuple]) -> Path:
    folder.mkdir()
    for epoch, rows in enumerate(files):
        lines = [
            json.dumps({"guid": guid, f"logits_epoch_{epoch}": values, "gold": label})
            for guid, values, label in rows
        ]
        rows_file(folder / f"dynamics_epoch_{epoch}.jsonl", "\n".join(lines))
    return folder


def gap(folder: Path) -> Path:
    epochs(folder, [("a", [1, 2], 0)], [("a", [1, 2], 0)], [("a", [1, 2], 0)])
    (folder / "dynamics_epoch_1.jsonl").unlink()
    return folder


def other_number(folder: Path) -> Path:
    epochs(folder, [("a", [1, 2], 0)])
    (folder / "dynamics_epoch_0.jsonl").rename(folder / "dynamics_epoch_5.jsonl")
    return folder


GOOD = '{"text": "a", "n": 1}\n'
FILES = {
    "bytes that are not UTF-8, CSV": (
        lambda d: rows_file(d / "a.csv", b"id,text\n1,fine\n2,caf\xe9\n"),
        errors.FileError, "unreadable-file",
        ("a.csv", "line 3", "column 'text'", "0xe9", "encoding='latin-1'"),
    ),
    "bytes that are not UTF-8, late": (
        lambda d: rows_file(d / "a.csv", b"id,text\n" + b"1,fine\n" * 900_000 + b"2,caf\xe9\n"),
        errors.FileError, "unreadable-file", ("line 900002", "column 'text'"),
    ),
    "bytes that are not UTF-8, JSON lines": (
        lambda d: rows_file(d / "a.jsonl", GOOD.encode() + b'{"text": "caf\xe9", "n": 2}\n'),
        errors.FileError, "unreadable-file", ("line 2", "column 'text'", "encoding="),
    ),
    "bytes that are not UTF-8, JSON": (
        lambda d: rows_file(d / "a.json", b'[{"text": "a"},\n {"text": "caf\xe9"}]'),
        errors.FileError, "unreadable-file", ("line 2", "column 'text'"),
    ),
    "bytes that are not UTF-8, Parquet": (
        lambda d: invalid_parquet(d / "a.parquet"),
        errors.InputError, "bad-rows", ("text of a.parquet", "row 1", "UTF-8"),
    ),
    "JSON lines cut short": (
        lambda d: rows_file(d / "a.jsonl", GOOD * 3 + '{"text": "b", "n'),
        errors.FileError, "unreadable-file", ("a.jsonl", "line 4", "cut short"),
    ),
    "JSON lines with a bad line": (
        lambda d: rows_file(d / "a.jsonl", GOOD + "\n" + "{'text': 'b'}\n" + GOOD),
        errors.FileError, "unreadable-file", ("line 3", "character 2"),
    ),
    "JSON cut short": (
        lambda d: rows_file(d / "a.json", '[{"text": "a"},\n{"text": "b"}'),
        errors.FileError, "unreadable-file", ("line 2",),
    ),
    "JSON columns of unequal length": (
        lambda d: rows_file(d / "a.json", '{"text": ["a", "b"], "n": [1]}'),
        errors.FileError, "unreadable-file", ("columns of one length",),
    ),
    "JSON lines of another kind": (
        lambda d: rows_file(d / "a.jsonl", "[1, 2]\n"),
        errors.FileError, "unreadable-file", ("list on line 1", ".json"),
    ),
    "JSON lines of mixed types": (
        lambda d: rows_file(d / "a.jsonl", GOOD + '{"text": "b", "n": "two"}\n'),
        errors.InputError, "mixed-types", ("column 'n' of a.jsonl", "text in 1 rows, first 1"),
    ),
    "a key twice": (
        lambda d: rows_file(d / "a.jsonl", GOOD + '{"text": "b", "text": "c", "n": 1}\n'),
        errors.ColumnError, "duplicate-column", ("text (line 2)",),
    ),
    "whole numbers beyond 64 bits": (
        lambda d: rows_file(d / "a.jsonl", '{"n": 1}\n{"n": 999999999999999999999}\n'),
        errors.InputError, "bad-rows", ("n of a.jsonl", "row 1", "64 bits"),
    ),
    "Parquet cut short": (
        lambda d: cut_parquet(d / "a.parquet"),
        errors.FileError, "unreadable-file", ("a.parquet", "without its footer", "again"),
    ),
    "no Parquet": (
        lambda d: rows_file(d / "a.parquet", "text,label\na,b\n"),
        errors.FileError, "unreadable-file", ("do not begin as one",),
    ),
    "Arrow cut short": (
        lambda d: cut_arrow(d / "a.arrow"),
        errors.FileError, "unreadable-file", ("a.arrow", "whole Arrow"),
    ),
    "CSV row of another length": (
        lambda d: rows_file(d / "a.csv", 'a,b\n"x\ny",2\n3,4,5\n'),
        errors.FileError, "unreadable-file", ("line 4", "3 cells", "rows of 2 cells"),
    ),
    "CSV with two columns of one name": (
        lambda d: rows_file(d / "a.csv", "a,a\n1,2\n"),
        errors.ColumnError, "duplicate-column", ("'a'",),
    ),
    "CSV without rows": (
        lambda d: rows_file(d / "a.csv", "a,b\n"), errors.InputError, "empty", ("one row",),
    ),
    "an empty file": (
        lambda d: rows_file(d / "a.csv", ""), errors.InputError, "empty", ("a.csv",),
    ),
    "no such file": (
        lambda d: rows_file(d / "train.csv", "a\n1\n").with_name("trian.csv"),
        errors.FileError, "missing-file", ("trian.csv", "did you mean 'train.csv'"),
    ),
    "an ending nobody knows": (
        lambda d: rows_file(d / "a.parqet", "x"),
        errors.FileError, "unknown-format", ("a.parqet", "did you mean '.parquet'"),
    ),
    "a pickle": (
        lambda d: rows_file(d / "a.pkl", pickle.dumps([1])),
        errors.FileError, "unknown-format", ("run any code", "Parquet"),
    ),
    "an empty folder": (
        lambda d: d, errors.FileError, "unreadable-file", ("empty folder",),
    ),
    "a folder of two formats": (
        lambda d: (rows_file(d / "a.csv", "a\n1\n"), rows_file(d / "b.jsonl", GOOD), d)[-1],
        errors.FileError, "unreadable-file", ("one format", "'.csv', '.jsonl'"),
    ),
    "a folder of unequal files": (
        lambda d: (rows_file(d / "a.csv", "a\n1\n"), rows_file(d / "b.csv", "b\n1\n"), d)[-1],
        errors.FileError, "unreadable-file", ("b.csv", "'a', 'b'"),
    ),
    "epochs with different ids": (
        lambda d: epochs(d / "r", [("a", [1, 2], 0), ("b", [1, 2], 0)],
                         [("a", [1, 2], 0), ("c", [1, 2], 0)]),
        errors.InputError, "different-ids",
        ("column 'guid'", "epoch 1 (dynamics_epoch_1.jsonl)", "first 'c' at rows 1", "first 'b'"),
    ),
    "an id twice in an epoch": (
        lambda d: epochs(d / "r", [("a", [1, 2], 0), ("b", [1, 2], 0), ("a", [1, 2], 0)]),
        errors.InputError, "duplicate-ids",
        ("dynamics_epoch_0.jsonl", "'a' again in column 'guid' at row 2"),
    ),
    "a gold label that changes": (
        lambda d: epochs(d / "r", [("a", [1, 2], 0)], [("a", [1, 2], 1)]),
        errors.InputError, "bad-rows", ("'1' in epoch 1", "after '0'", "guid 'a'", "row 0"),
    ),
    "logits of unequal length": (
        lambda d: epochs(d / "r", [("a", [1, 2], 0), ("b", [1, 2, 3], 0)]),
        errors.InputError, "bad-rows", ("dynamics_epoch_0.jsonl", "3 values", "row 1"),
    ),
    "another number of classes later": (
        lambda d: epochs(d / "r", [("a", [1, 2], 0)], [("a", [1, 2, 3], 0)]),
        errors.FileError, "unreadable-file", ("dynamics_epoch_1.jsonl", "(2,)", "(3,)"),
    ),
    "an epoch that is lacking": (
        lambda d: gap(d / "r"), errors.FileError, "unreadable-file", ("none for 1",),
    ),
    "a field of another epoch": (
        lambda d: other_number(d / "r"),
        errors.FileError, "unreadable-file", ("no field 'logits_epoch_5'",),
    ),
    "gold outside the classes": (
        lambda d: epochs(d / "r", [("a", [1, 2], 0), ("b", [1, 2], 2)]),
        errors.InputError, "bad-rows", ("column 'gold' at row 1", "label '2'"),
    ),
    "dynamics without gold": (
        lambda d: rows_file(d / "x_epoch_0.jsonl", '{"guid": 1, "logits_epoch_0": [1]}\n').parent,
        errors.NeedsError, "missing-role", ("label", "logits"),
    ),
}  # fmt: skip


@pytest.fixture
def standing():
    """A dataset with a selection and a decision, which no failed read may touch."""
    ds = dsx.read(TEXT, epoch_probs=gold())
    ds.select([1, 5])
    ds.decisions.tag("odd")
    before = (ds.fingerprint, ds.selection.revision, ds.selection.rows.tolist(), repr(ds.decisions))
    yield ds
    after = (ds.fingerprint, ds.selection.revision, ds.selection.rows.tolist(), repr(ds.decisions))
    assert after == before


def refused(do: Callable, error: type, code: str, names: tuple[str, ...]) -> None:
    with pytest.raises(error) as caught:
        do()
    assert isinstance(caught.value, errors.DsxError)
    assert caught.value.code == code, str(caught.value)
    message = str(caught.value)
    assert not [name for name in names if name not in message], message
    assert "To do: " in message


@pytest.mark.parametrize("what", [*ARRAYS, *LABELS, *TABLES])
def test_refused(standing, what: str) -> None:
    case = {**ARRAYS, **LABELS, **TABLES}[what]
    refused(case.do, case.error, case.code, case.names)


@pytest.mark.parametrize("what", FILES)
def test_refused_files(standing, tmp_path: Path, what: str) -> None:
    make, error, code, names = FILES[what]
    path = make(tmp_path)
    refused(lambda: dsx.read(path), error, code, names)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_with_a_column_of_mixed_types(standing, library: str) -> None:
    frames = pytest.importorskip(library)
    if library == "pandas":
        frame = frames.DataFrame({"age": [31, "n/a", 40]})
        flags = frames.DataFrame({"age": frames.Series([0.5, True], dtype=object)})
        refused(lambda: dsx.read(flags), errors.InputError, "mixed-types", ("'age'",))
        double = frames.DataFrame([[1, 2]], columns=["x", "x"])
        refused(lambda: dsx.read(double), errors.ColumnError, "duplicate-column", ("'x'",))
        refused(lambda: dsx.read(double.iloc[:0, :1]), errors.InputError, "empty", ())
    else:
        frame = frames.DataFrame({"age": frames.Series([31, "n/a", 40], dtype=frames.Object)})
    names = ("column 'age'", "numbers in 2 rows, first 0, 2", "text in 1 rows, first 1 ('n/a')")
    refused(lambda: dsx.read(frame), errors.InputError, "mixed-types", names)


def test_a_dataset_given_bad_roles_stays_as_it_was(standing) -> None:
    bad = spoiled(gold(), (0, 0), 2.0)
    refused(lambda: dsx.read(standing, epoch_probs=bad), errors.InputError, "bad-rows", ("row 0",))
    bad = spoiled(gold(), (3, 0), np.nan)
    refused(lambda: dsx.read(standing, epoch_probs=bad), errors.InputError, "bad-rows", ("row 3",))
    refused(lambda: dsx.read(standing, label="x"), errors.ColumnError, "unknown-column", ())


def test_published_sample_whose_guids_do_not_match(standing, cases: Path) -> None:
    folder = cases / "allenai+cartography" / "sample" / "training_dynamics"
    names = ("column 'guid'", "epoch 1", "not one row is in both", "first 2115631346111")
    refused(lambda: dsx.read(folder), errors.InputError, "different-ids", names)


# -- what is accepted, and noted -----------------------------------------------------------------


def test_one_epoch_is_read_and_only_the_map_refuses_it(standing) -> None:
    ds = dsx.read(TEXT, epoch_probs=gold()[:, :1])
    assert ds.values("epoch_probs").shape == (N, 1)
    with pytest.raises(errors.DsxError, match="epoch"):
        dsx.measure(ds, "data_map").wait(30)


def test_sums_within_a_thousandth_are_divided_out_and_noted() -> None:
    probs = np.round(shares(), 3)
    probs[3, 1] = [0.3335, 0.6668]
    before = probs.copy()
    ds = dsx.read(TEXT, epoch_probs=probs, classes=CLASSES)
    np.testing.assert_allclose(ds.values("epoch_probs").sum(-1), 1, atol=1e-12)
    assert any("divided by their sum" in note and ": 1 sets" in note for note in ds.notes)
    np.testing.assert_array_equal(probs, before)  # the caller's array is not touched


def test_rounding_over_one_is_clipped_and_noted() -> None:
    ds = dsx.read(TEXT, epoch_probs=spoiled(gold(), (3, 1), 1 + 1e-7))
    assert ds.values("epoch_probs")[3, 1] == 1 and any("clipped" in note for note in ds.notes)


@pytest.mark.parametrize("ending", ["dict", "csv", "jsonl", "parquet"])
def test_ten_megabytes_in_one_cell(tmp_path: Path, ending: str) -> None:
    cell = "x" * 10_000_000
    path = tmp_path / f"big.{ending}"
    if ending == "csv":
        path.write_text(f"text,n\na,1\n{cell},2\n")
    elif ending == "jsonl":
        path.write_text(json.dumps({"text": "a"}) + "\n" + json.dumps({"text": cell}) + "\n")
    elif ending == "parquet":
        pa.parquet.write_table(pa.table({"text": ["a", cell]}), path)
    ds = dsx.read({"text": ["a", cell]} if ending == "dict" else path, text="text")
    assert ds.table.column("text")[1].as_py() == cell
    assert any("10.0 MB in one cell (row 1)" in note for note in ds.notes)


def test_markup_in_a_cell_stays_the_text_it_is(tmp_path: Path) -> None:
    markup = ['<script>alert("1")</script>', "<img src=x onerror=alert(1)>", "javascript:alert(1)"]
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(
        gzip.compress("".join(json.dumps({"text": m}) + "\n" for m in markup).encode())
    )
    assert dsx.read(path).table.column("text").to_pylist() == markup
    assert dsx.read({"text": markup}).table.column("text").to_pylist() == markup


def test_epochs_first_names_the_array_that_would_do() -> None:
    epochs = [np.full(5, 0.5), np.full(5, 0.25)]
    for given, hint in ((epochs, "np.stack(that_list, axis=1)"), (np.stack(epochs), "swapaxes")):
        refused(
            lambda given=given: dsx.read({"label": list("abaab")}, epoch_probs=given),
            errors.InputError, "bad-value", (hint,),
        )  # fmt: skip
