"""Decisions: what stands, undo on the one stack, who and when, and safe exports."""

import csv
import json
import time
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsx import errors
from dsx.dataset import Dataset

N = 8


def dataset() -> Dataset:
    labels = ["cat", "dog"] * (N // 2)
    ids = [f"id{i}" for i in range(N)]
    return Dataset(pa.table({"id": ids, "label": labels, "x": list(range(N))}))


rows = st.sets(st.integers(0, N - 1), min_size=1).map(sorted)
kinds = st.sampled_from(["tag", "untag", "relabel", "drop", "restore"])
step = st.one_of(
    st.tuples(kinds, st.sampled_from(["a", "b"]), rows),
    st.tuples(st.just("select"), st.just(""), rows),
)


def standing(ds: Dataset) -> tuple:
    d = ds.decisions
    tags = {tag: mask.tolist() for tag, mask in d.tags.items()}
    return tags, d.dropped.tolist(), d.labels, d.standing.relabelled.tolist()


def by_hand(log) -> tuple:
    """The same, row by row in plain Python."""
    tags, dropped, labels = {}, [False] * N, {}
    for d in log:
        for row in d.rows.tolist():
            if d.kind == "tag":
                tags.setdefault(d.value, set()).add(row)
            elif d.kind == "untag":
                tags.get(d.value, set()).discard(row)
            elif d.kind == "relabel":
                labels[row] = d.value
            elif d.kind == "drop":
                dropped[row] = True
            else:
                dropped[row] = False
                labels.pop(row, None)
    masks = {tag: [row in rows_ for row in range(N)] for tag, rows_ in tags.items() if rows_}
    return masks, dropped, labels, [row in labels for row in range(N)]


@given(st.lists(step, max_size=10))
def test_one_stack_for_selection_and_decisions(steps):
    ds = dataset()
    seen = [(standing(ds), ds.selection.rows.tolist())]
    for kind, value, chosen in steps:
        if kind == "select":
            if ds.selection.rows.tolist() == chosen:
                continue
            ds.select(chosen)
        else:
            ds.decisions.decide(kind, value, chosen, new=True)
        assert standing(ds) == by_hand(ds.decisions.log)
        seen.append((standing(ds), ds.selection.rows.tolist()))
    for expected in reversed(seen[:-1]):
        assert ds.undo()
        assert (standing(ds), ds.selection.rows.tolist()) == expected
    assert ds.undo() is None
    for expected in seen[1:]:
        assert ds.redo()
        assert (standing(ds), ds.selection.rows.tolist()) == expected


def test_no_rows_given_means_the_selection():
    ds = dataset()
    ds.select("label == 'dog'")
    assert ds.decisions.tag("seen") == 4
    ds.select([0])
    assert ds.decisions.tags["seen"].tolist() == [False, True] * 4
    assert ds.decisions.undo() == "set selection"
    assert ds.decisions.undo() == "tag seen"
    assert ds.decisions.tags == {}


def test_who_and_when():
    ds = dataset()
    ds.decisions.author = "Ada"
    before = datetime.now(UTC).replace(microsecond=0)
    ds.decisions.relabel("dog", [0])
    decision = ds.decisions.log[0]
    assert decision.author == "Ada"
    assert before <= datetime.fromisoformat(decision.time) <= datetime.now(UTC)
    assert datetime.fromisoformat(decision.time).utcoffset().total_seconds() == 0


def test_a_slip_of_the_pen_makes_no_new_class():
    ds = dataset()
    with pytest.raises(errors.InputError, match=r"did you mean 'cat'.*new=True"):
        ds.decisions.relabel("cta", [0])
    assert len(ds.decisions) == 0
    assert ds.decisions.relabel("bird", [0], new=True) == 1
    assert ds.decisions.relabel("bird", [1]) == 1  # by now a label that rows have


def test_there_is_an_author_without_a_user_name(monkeypatch):
    import getpass

    def nobody():
        raise OSError("no user")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert dataset().decisions.author == "unknown"


@pytest.mark.parametrize(
    ("kind", "value", "chosen"),
    [
        ("burn", "", [1]),
        ("tag", "", [1]),
        ("tag", "  \n", [1]),
        ("untag", "", [1]),
        ("relabel", "", [1]),
        ("tag", "a", []),
        ("tag", "a", None),
        ("drop", "", [N]),
        ("drop", "", "x <"),
    ],
)
def test_a_bad_decision_is_refused_and_leaves_no_trace(kind, value, chosen):
    ds = dataset()
    with pytest.raises(errors.DsxError):
        ds.decisions.decide(kind, value, chosen)
    assert not ds.decisions.log
    assert ds.undo() is None


def test_what_stands_cannot_be_written():
    ds = dataset()
    ds.decisions.tag("a", [1])
    for array in (ds.decisions.tags["a"], ds.decisions.dropped, ds.decisions.log[0].rows):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    ds.decisions.tags["mine"] = np.ones(N, bool)
    ds.decisions.labels[0] = "mine"
    ds.decisions.log.clear()
    assert (list(ds.decisions.tags), ds.decisions.labels, len(ds.decisions)) == (["a"], {}, 1)


def test_apply_drops_relabels_and_leaves_the_dataset_as_it_was():
    ds = dataset()
    ds.decisions.relabel("bird", [0, 1], new=True)
    ds.decisions.drop([1, 2], reason="copies")
    ds.decisions.tag("odd", [3])
    new = ds.apply()
    assert new.column("label").to_pylist() == ["bird", "dog", "cat", "dog", "cat", "dog"]
    assert new.column("id").to_pylist() == ["id0", "id3", "id4", "id5", "id6", "id7"]
    assert ds.column("label").to_pylist() == ["cat", "dog"] * 4
    assert any("2 rows of 'dataset' dropped and 2 relabelled" in note for note in new.notes)
    assert new.fingerprint != ds.fingerprint
    assert dataset().apply().fingerprint == dataset().fingerprint


@pytest.mark.parametrize(
    ("labels", "new", "expected"),
    [
        (pa.array([1, 2]), "2", [2, 2]),
        (pa.array([1.0, 2.0]), "2", [2.0, 2.0]),
        (pa.array([True, False]), "false", [False, False]),
        (pa.array(["a", "b"]).dictionary_encode(), "c", ["c", "b"]),
        (pa.array(["a", None], pa.large_string()), "c", ["c", None]),
        (pa.array([None, 3]), "4", [4, 3]),
    ],
)
def test_apply_keeps_the_type_of_the_labels(labels, new, expected):
    ds = Dataset(pa.table({"label": labels}))
    ds.decisions.relabel(new, [0], new=True)
    applied = ds.apply()
    assert applied.column("label").to_pylist() == expected
    assert pa.types.is_dictionary(applied.table.schema.field("label").type) == (
        pa.types.is_dictionary(labels.type)
    )


def test_a_label_that_cannot_be_is_refused_when_applied():
    ds = Dataset(pa.table({"label": [1, 2]}))
    ds.decisions.relabel("cat", [0], new=True)
    with pytest.raises(errors.InputError, match="new label"):
        ds.apply()


def test_dropping_all_cannot_be_applied():
    ds = dataset()
    ds.decisions.drop(range(N))
    with pytest.raises(errors.InputError, match="after its drops"):
        ds.apply()


@pytest.mark.parametrize("export", ["to_csv", "to_json"])
def test_export_into_a_folder_that_is_not_there(tmp_path, export):
    with pytest.raises(errors.FileError, match="no such folder"):
        getattr(dataset().decisions, export)(tmp_path / "no" / "log")


def test_json_export_holds_the_log(tmp_path):
    ds = dataset()
    ds.decisions.tag("naïve", [1, 2])
    ds.decisions.drop([3], reason="copy")
    ds.decisions.to_json(tmp_path / "log.json")
    log = json.loads((tmp_path / "log.json").read_text("utf-8"))
    assert [entry["kind"] for entry in log] == ["tag", "drop"]
    assert log[0]["rows"] == [1, 2]
    assert log[0]["ids"] == ["id1", "id2"]
    assert log[0]["value"] == "naïve"
    assert log[1]["value"] == "copy"
    assert set(log[0]) == {"kind", "value", "rows", "ids", "author", "time"}


FORMULAS = ["=1+1", "+A1", "-A1", "@SUM(A1)", "＝1", "=cmd|' /C calc'!A0", " =1", "\t=1"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_csv_export_holds_no_formula(tmp_path, formula):
    ds = Dataset(pa.table({"id": [formula, "plain"], "label": ["a", "b"]}))
    ds.decisions.author = formula
    ds.decisions.tag(formula, [0, 1])
    ds.decisions.to_csv(tmp_path / "log.csv")
    with (tmp_path / "log.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [line["row"] for line in lines] == ["0", "1"]
    assert lines[0]["id"] == "'" + formula
    assert lines[1]["id"] == "plain"
    for line in lines:
        assert line["value"] == "'" + formula.strip()
        assert line["author"] == "'" + formula


def test_csv_export_keeps_numbers_commas_quotes_and_lines(tmp_path):
    ds = Dataset(pa.table({"id": ["-1", 'a "b", c\nd'], "label": ["a", "b"]}))
    ds.decisions.tag("t", [0, 1])
    ds.decisions.to_csv(tmp_path / "log.csv")
    with (tmp_path / "log.csv").open(newline="", encoding="utf-8") as file:
        assert [line["id"] for line in csv.DictReader(file)] == ["-1", 'a "b", c\nd']


def test_a_lone_surrogate_from_a_browser_can_still_be_exported(tmp_path):
    ds = dataset()
    ds.decisions.tag("a\ud800b", [0])
    assert list(ds.decisions.tags) == ["a?b"]
    ds.decisions.to_json(tmp_path / "log.json")
    ds.decisions.to_csv(tmp_path / "log.csv")


def test_two_thousand_decisions_one_by_one_stay_quick():
    ds = Dataset(pa.table({"x": np.zeros(100_000)}))
    start = time.thread_time()
    for row in range(2000):
        ds.decisions.tag("t", row)
    assert time.thread_time() - start < 5
    assert ds.decisions.tags["t"].sum() == 2000
