"""What the browser asks and what it is told, without a browser: the same functions, called."""

from __future__ import annotations

import numpy as np
import pytest

import dsx
from dsx import errors
from dsx.page import serve
from dsx.page.session import session

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
    ask(ds, "decide", kind="tag", value="checked")
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


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"op": "exec"}, "bad-value"),
        ({"op": "column", "name": "labl"}, "unknown-column"),
        ({"op": "decide", "kind": "explode"}, "bad-value"),
        ({"op": "select", "operation": "xor"}, "bad-value"),
        ({"op": "measure", "key": "os.system"}, "unknown-measure"),
    ],
)
def test_what_is_no_request_is_refused_and_changes_nothing(ds, request_, code):
    before = (ds.selection.bits, len(ds.decisions), list(ds.results))
    with pytest.raises(errors.DsxError) as caught:
        serve.answer({"dataset": ds.id, **request_}, [])
    assert caught.value.code == code
    assert before == (ds.selection.bits, len(ds.decisions), list(ds.results))


def test_a_dataset_nobody_shows_is_refused(ds):
    with pytest.raises(errors.InputError, match="run the cell again"):
        serve.answer({"op": "text", "dataset": "gone"}, [])
