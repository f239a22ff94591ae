"""What the browser asks and what it is told, without a browser: the same functions, called."""

from __future__ import annotations

import json
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

import dsx
from dsx import errors
from dsx.page import serve
from dsx.page.session import session
from dsx.page.uplink import uplink

N = 40


@pytest.fixture
def ds(front_end):
    rng = np.random.default_rng(0)
    probs = rng.dirichlet(np.ones(3), size=(N, 4)).astype("f4")
    frame = {
        "text": [f"row {i} <script>" for i in range(N)],
        "label": [("a", "b", "c")[i % 3] for i in range(N)],
        "score_x": np.linspace(0, 1, N),
    }
    made = dsx.read(frame, epoch_probs=probs, classes=["a", "b", "c"], name="toy")
    dsx.measure(made, "data_map").wait()
    shared = session(made)
    yield made
    shared.close()


def ask(ds, op, *buffers, **args):
    return serve.answer({"op": op, "dataset": ds.id, **args}, list(buffers))


def test_a_column_takes_at_most_four_bytes_a_row(ds):
    sizes = {"label": 1, "region": 1, "n_correct": 1, "confidence": 4, "score_x": 4, "text": 4}
    for name, size in sizes.items():
        _, (data,) = ask(ds, "column", name=name)
        assert len(data) == size * N, name


def test_levels_that_nobody_has_are_listed_too(ds):
    about, _ = ask(ds, "column", name="n_correct")
    assert about["title"] == "correct in epochs"
    top = int(ds.results["data_map"].column("n_correct").max())
    assert about["categories"] == [str(k) for k in range(top + 1)]


def test_epochs_carry_p_gold_and_correctness_in_two_bytes(ds):
    about, chunks = ask(ds, "epochs", run="")
    assert about == {"n_epochs": 4, "n_rows": N, "correct_known": True, "scale": 32766}
    codes = np.frombuffer(b"".join(chunks), "<u2").reshape(4, N)
    probs, gold = ds.values("epoch_probs"), ds.gold(["a", "b", "c"])
    own = probs[np.arange(N), :, gold].T
    np.testing.assert_allclose((codes >> 1) / 32766, own, atol=1 / 32766)
    assert np.array_equal((codes & 1).astype(bool), (probs.argmax(2) == gold[:, None]).T)


def test_certain_rows_and_rows_not_recorded_are_told_apart(front_end):
    recorder = dsx.Recorder(ids=["a", "b", "c"], labels=["x", "y", "x"], classes=["x", "y"])
    for epoch in range(3):  # the third is not finished, hence not in the dataset
        recorder.log(epoch, ["a", "b"], probs=np.array([[1.0, 0.0], [0.5, 0.5]]))
    ds = recorder.dataset()
    shared = session(ds)
    _, chunks = ask(ds, "epochs")
    codes = np.frombuffer(b"".join(chunks), "<u2").reshape(2, 3)
    assert (codes[:, 0] == (32766 << 1 | 1)).all() and (codes[:, 2] == 0xFFFF).all()
    shared.close()


def test_rows_say_what_a_reader_needs_and_skip_what_is_not_there(ds):
    ds.decisions.relabel("b", [0])
    ds.decisions.tag("odd", [0])
    (first, *rest), _ = ask(ds, "rows", rows=[0, 10_000, -1], columns=["confidence"])[0]["rows"], 0
    assert not rest
    assert first["text"] == "row 0 <script>" and first["label"] == "a"
    assert first["relabelled"] == "b" and first["tags"] == ["odd"]
    assert len(first["epochs"]) == 4 and set(first["correct"]) <= {0, 1}
    assert first["suggested"] in ("b", "c")
    expected = ds.results["data_map"].column("confidence")[0]
    assert first["values"]["confidence"] == pytest.approx(expected)


def test_a_long_text_is_cut_where_it_is_shown_and_whole_in_the_data(front_end):
    ds = dsx.read({"text": ["x" * 50_000, "short"], "label": ["a", "b"]})
    shared = session(ds)
    cut, whole = ask(ds, "rows", rows=[0, 1])[0]["rows"]
    assert cut["cut"] and len(cut["text"]) == 2_000 and not whole["cut"]
    assert len(ds.frame([0])["text"][0]) == 50_000
    shared.close()


def test_images_cross_as_raster_data_and_nothing_else(front_end):
    pictures = [b"\x89PNG\r\n\x1a\n" + b"0" * 40, b"<svg onload=alert(1)>", b"x" * 200_000, None]
    ds = dsx.read({"image": pictures, "label": ["a", "b", "a", "b"]})
    shared = session(ds)
    rows = ask(ds, "rows", rows=[0, 1, 2, 3])[0]["rows"]
    assert rows[0]["image"].startswith("data:image/png;base64,")
    assert not any("image" in row for row in rows[1:])
    shared.close()


def test_a_late_selection_lands_on_what_is_selected_now(ds):
    ds.select([1, 2])
    bits = np.packbits(np.arange(N) == 7, bitorder="little").tobytes()
    reply, _ = ask(ds, "select", bits, operation="add", origin="lasso", encoding="bits")
    assert reply["count"] == 3 and ds.selection.rows.tolist() == [1, 2, 7]
    rows = np.array([2], "<u4").tobytes()
    ask(ds, "select", rows, operation="subtract", origin="click", encoding="rows")
    assert ds.selection.rows.tolist() == [1, 7] and ds.selection.origin == "click"


def test_the_session_follows_python_and_the_browser_alike(ds):
    shared = session(ds)
    ds.select([3])
    assert shared.selection == ds.selection.bits and shared.selection_revision == 1
    assert shared.undo_label == "set selection"
    ask(ds, "decide", ds.selection.bits, kind="tag", value="checked")
    assert shared.tags == {"checked": 1}
    ask(ds, "undo")
    assert shared.tags == {} and shared.redo_label == "tag checked"
    ds.filter("label == 'a'")
    assert np.array_equal(
        np.unpackbits(np.frombuffer(shared.filter_base, "u1"), count=N, bitorder="little"),
        ds.filter_mask,
    )
    ds.filter(None)
    assert shared.filter_base == b""


def test_thresholds_dragged_in_the_page_are_the_regions_python_sees(ds):
    before = session(ds).columns_revision
    ask(ds, "measure", key="data_map", parameters={"variability_threshold": 0.0})
    assert session(ds).columns_revision > before
    assert ds.select('region == "ambiguous"').count == N


def test_text_crosses_as_bytes_and_offsets(ds):
    reply, (offsets, *chunks) = ask(ds, "text")
    starts, joined = np.frombuffer(offsets, "<u4"), b"".join(chunks)
    assert not reply["too_big"] and len(starts) == N + 1
    assert joined[starts[7] : starts[8]].decode() == "row 7 <script>"


def test_search_in_the_kernel_ignores_case(ds):
    _, (bits,) = ask(ds, "search", query="ROW 3")
    mask = np.unpackbits(np.frombuffer(bits, "u1"), count=N, bitorder="little")
    assert np.flatnonzero(mask).tolist() == [3, *range(30, 40)]


U4 = np.array([N], "<u4").tobytes()


@pytest.mark.parametrize(
    ("asked", "buffers", "code"),
    [
        ("column", [], "bad-value"),
        ({}, [], "bad-value"),
        ({"op": ["column"]}, [], "bad-value"),
        ({"op": "exec"}, [], "bad-value"),
        ({"op": "column"}, [], "bad-value"),
        ({"op": "column", "name": 7}, [], "bad-value"),
        ({"op": "column", "name": "labl"}, [], "unknown-column"),
        ({"op": "column", "name": "epoch_probs"}, [], "bad-value"),
        ({"op": "points", "projection": "tsne"}, [], "bad-value"),
        ({"op": "rows"}, [], "bad-value"),
        ({"op": "rows", "rows": "all"}, [], "bad-value"),
        ({"op": "rows", "rows": [True]}, [], "bad-value"),
        ({"op": "rows", "rows": [1.5]}, [], "bad-value"),
        ({"op": "rows", "rows": [2**70]}, [], "bad-value"),
        ({"op": "rows", "rows": list(range(20_000))}, [], "bad-value"),
        ({"op": "rows", "rows": [1], "columns": "label"}, [], "bad-value"),
        ({"op": "rows", "rows": [1], "columns": [None]}, [], "bad-value"),
        ({"op": "rows", "rows": [1], "columns": ["labl"]}, [], "unknown-column"),
        ({"op": "epochs", "run": "none such"}, [], "bad-value"),
        ({"op": "search", "query": "x" * 100_000}, [], "bad-value"),
        ({"op": "search"}, [], "bad-value"),
        ({"op": "select", "operation": "xor"}, [b"\0" * 5], "bad-value"),
        ({"op": "select", "operation": "set"}, [], "bad-value"),
        ({"op": "select", "operation": "set"}, [b"\0"], "bad-value"),
        ({"op": "select", "operation": "set"}, [b"\0" * 500], "bad-value"),
        ({"op": "select", "operation": "set", "encoding": "rows"}, [b"\0\0\0"], "bad-value"),
        ({"op": "select", "operation": "set", "encoding": "rows"}, [U4], "bad-row-argument"),
        ({"op": "filter", "clauses": ["label"]}, [b"\0" * 5], "bad-value"),
        ({"op": "filter", "clauses": {"label": 1}}, [b"\0" * 5], "bad-value"),
        ({"op": "filter", "clauses": {"a": {"search": "x" * 300_000}}}, [b"\0" * 5], "bad-value"),
        ({"op": "filter", "clauses": {"label": {}}}, [b"\0"], "bad-value"),
        ({"op": "decide", "kind": "explode"}, [b"\1" * 5], "bad-value"),
        ({"op": "decide", "kind": "tag", "value": " "}, [b"\1" * 5], "bad-value"),
        ({"op": "decide", "kind": "tag", "value": {"a": 1}}, [b"\1" * 5], "bad-value"),
        ({"op": "decide", "kind": "tag", "value": "t"}, [], "bad-value"),
        ({"op": "decide", "kind": "tag", "value": "t"}, [b"\0" * 5], "empty"),
        ({"op": "measure", "key": "os.system"}, [], "unknown-measure"),
        ({"op": "measure", "key": "data_map", "parameters": {"dataset": 1}}, [], None),
        ({"op": "measure", "key": "data_map", "parameters": {"run": "../../etc"}}, [], None),
        ({"op": "measure", "key": "data_map", "parameters": {"run": 1}}, [], None),
    ],
)  # fmt: skip
def test_what_is_no_request_is_refused_and_changes_nothing(ds, asked, buffers, code):
    ds.select([1])

    def standing():
        return (
            ds.selection.state(), len(ds.decisions), list(ds.results), ds.filter_state.revision,
        )  # fmt: skip

    before = standing()
    with pytest.raises(errors.DsxError) as caught:
        serve.answer({"dataset": ds.id, **asked} if isinstance(asked, dict) else asked, buffers)
    assert code is None or caught.value.code == code
    assert before == standing()


def test_half_characters_and_what_a_view_is_told_do_no_harm(ds):
    _, (bits,) = ask(ds, "search", query="row 3\ud800")
    assert not any(bits)
    every = b"\xff" * 5
    ask(ds, "decide", every, kind="tag", value="\ud83d")
    assert list(ds.decisions.tags) == ["?"]
    assert serve.answer({"op": "state", "view": "gone", "state": 3}, []) == ({}, [])
    view = dsx.DataMap(ds)
    for request, buffers in [
        ({"op": "state", "state": "x"}, []),
        ({"op": "state", "state": {"a": "x" * 300_000}}, []),
        ({"op": "snapshot"}, []),
    ]:
        with pytest.raises(errors.InputError):
            serve.answer({"view": view.key, **request}, buffers)
    reply, _ = serve.answer({"op": "snapshot", "view": view.key}, [b"<svg onload=alert(1)>"])
    assert reply == {"kept": False}
    view.close()


def test_an_error_of_ours_tells_the_page_nothing_of_this_machine(ds, monkeypatch, caplog):
    def broken(*_):
        raise OSError("/home/someone/secret.txt")

    monkeypatch.setitem(serve._OPS, "text", broken)
    link, told = uplink(), []
    monkeypatch.setattr(link, "send", lambda content, buffers=None: told.append(content))
    link._answer(link, {"op": "text", "dataset": ds.id, "id": "p:1"}, [])
    link._answer(link, "no object", [])
    assert told[0]["id"] == "p:1" and told[0]["code"] == "internal"
    assert "secret" not in str(told) and "secret" in caplog.text
    assert told[1] == {**told[1], "id": None, "ok": False, "code": "bad-value"}


def test_a_request_ends_no_cell(ds, monkeypatch):
    """What listens for the end of a cell, as matplotlib does, must not hear a hover."""
    heard, told = [], []
    shell = SimpleNamespace(events=SimpleNamespace(trigger=heard.append))
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    link = uplink()
    monkeypatch.setattr(link, "send", lambda content, buffers=None: told.append(content))
    content = {"op": "hello", "id": "p:1"}
    message = {"content": {"data": {"method": "custom", "content": content}}, "buffers": []}
    link.comm.handle_msg(message)
    assert told == [{"id": "p:1", "ok": True, "protocol": 1}] and heard == []


def test_clauses_of_the_page_stand_beside_the_filter_of_python(ds):
    """A click that was on its way while Python changed its filter undoes nothing of it."""
    ds.filter("label == 'a'")
    even = np.packbits(np.arange(N) % 2 == 0, bitorder="little").tobytes()
    ask(ds, "filter", even, clauses={"k": {"column": "k", "values": [0]}})
    assert np.flatnonzero(ds.filter_mask).tolist() == list(range(0, N, 6))
    shared = session(ds)
    assert shared.filter == {"k": {"column": "k", "values": [0]}} and shared.filter_bits == b""
    ask(ds, "filter", b"\xff" * 5, clauses={})
    assert np.flatnonzero(ds.filter_mask).tolist() == list(range(0, N, 3))
    ask(ds, "filter", even, clauses={"own": {"of": "another kind"}})
    assert len(shared.filter_bits) == 5


KINDS = {
    "u64": pa.array([2**64 - 1, 0, None], pa.uint64()),
    "huge": pa.array([1e300, -1e300, float("nan")]),
    "infinite": pa.array([float("inf"), 1.0, None]),
    "bool": pa.array([True, False, None]),
    "null": pa.nulls(3),
    "decimal": pa.array([Decimal("1.5"), Decimal("2.5"), None]),
    "date32": pa.array([0, 1, None], pa.date32()),
    "far": pa.array([2**62, 1, None], pa.timestamp("s")),
    "zoned": pa.array([0, 1, None], pa.timestamp("ns", "UTC")),
    "time32": pa.array([1, 2, None], pa.time32("s")),
    "time64": pa.array([1, 2, None], pa.time64("us")),
    "duration": pa.array([1, 2, None], pa.duration("s")),
    "interval": pa.array([(1, 2, 3), None, (4, 5, 6)], pa.month_day_nano_interval()),
    "dictionary": pa.array(["x", "y", None]).dictionary_encode(),
    "list": pa.array([[1], [2, 3], None]),
    "struct": pa.array([{"a": 1}, {"a": 2}, None]),
    "binary": pa.array([b"a", b"\xff", None]),
    "fixed": pa.array([b"ab", b"\xff\xfe", None], pa.binary(2)),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", KINDS)
def test_columns_of_every_type_are_shown_or_left_out(kind, front_end):
    ds = dsx.read(pa.table({"text": ["one", "two", "three"], "it": KINDS[kind]}))
    shared = session(ds)
    if "it" in [column["name"] for column in shared.columns]:
        about, (data,) = ask(ds, "column", name="it")
        assert len(data) == 3 * {"u8": 1, "u16": 2, "u32": 4, "f32": 4}[about["dtype"]]
        json.dumps(about, allow_nan=False)
    json.dumps(ask(ds, "rows", rows=[0, 1, 2], columns=["it"])[0], allow_nan=False)
    shared.close()


@pytest.mark.parametrize(
    "text", [pa.array(["a1", None, "B1"]).dictionary_encode(), pa.array([1, None, 31])]
)
def test_texts_that_are_no_plain_strings_are_searched_like_strings(text, front_end):
    ds = dsx.read(pa.table({"it": text}), text="it")
    shared = session(ds)
    _, (bits,) = ask(ds, "search", query="1")
    assert bits == b"\x05"
    reply, (_, joined) = ask(ds, "text")
    assert reply["bytes"] == len(joined) == shared.text_bytes
    shared.close()


def test_rows_are_shown_also_where_no_map_can_be(front_end):
    probs = np.full((3, 1, 2), 0.5, "f4")
    one = dsx.read({"label": ["a", "b", "a"]}, epoch_probs=probs, classes=["a", "b"])
    bare = dsx.Dataset(one.table.drop_columns("label"), [one.roles["epoch_probs"]])
    for ds in (one, bare):
        shared = session(ds)
        assert len(ask(ds, "rows", rows=[0, 1, 2])[0]["rows"]) == 3
        shared.close()


def test_a_dataset_nobody_shows_is_refused(ds):
    with pytest.raises(errors.InputError, match="run the cell again"):
        serve.answer({"op": "text", "dataset": "gone"}, [])
