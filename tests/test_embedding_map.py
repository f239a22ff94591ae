"""EmbeddingMap and Jobs as objects: frames, figures, saved pictures, lookups; the real worker."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

import dsx
from dsx import errors
from dsx.compute import keys
from dsx.compute.job import begun
from dsx.measures.projection import Projection
from dsx.page import geometry, lifetime, serve
from dsx.page.session import session
from dsx.page.snapshot import is_png
from dsx.vectors import nearest
from tests.maps import ask, counts, texts, toy, until


@pytest.fixture(scope="module")
def mapped():
    """A map by the real worker, in the layout that needs no compiling."""
    ds = toy(label=["a", "b", "c"] * 30)
    try:
        view = dsx.EmbeddingMap(ds, encoder="lexical", layout="pca")
    except errors.ExtraError:
        pytest.skip("the front end is not built")
    view.wait(120)
    yield view
    view.close()


@pytest.fixture
def carrier(monkeypatch):
    """Points of four rows, and what was sent to the page."""
    sent = []
    monkeypatch.setattr(
        geometry.Geometry,
        "send",
        lambda self, content, buffers=None: sent.append((content, buffers)),
    )
    made = geometry.Geometry(dataset="d", projection="p", n=4)
    made.sent = sent
    yield made
    made.close()


def at(k):
    return np.array([0, k, 2 * k, np.nan], "f4"), np.array([k, k, k, np.nan], "f4")


def test_of_several_frames_the_page_is_sent_the_newest_when_it_has_drawn_the_last(carrier):
    for k in range(1, 6):
        carrier.show(*at(k))
    assert [content["frame"] for content, _ in carrier.sent] == [1]
    carrier.drawn(1)
    assert [content["bounds"] for content, _ in carrier.sent] == [[0, 2, 1, 2], [0, 10, 5, 6]]
    carrier.drawn(2)
    carrier.drawn(7)  # no such frame: nothing to send, nothing upset
    assert len(carrier.sent) == 2
    carrier.show(*at(6))
    assert len(carrier.sent) == 3


def test_a_page_that_says_nothing_is_sent_the_next_frame_all_the_same(carrier, monkeypatch):
    carrier.show(*at(1))
    carrier.show(*at(2))
    assert len(carrier.sent) == 1
    monkeypatch.setattr(geometry, "_PATIENCE", 0.0)
    carrier.show(*at(3))
    assert len(carrier.sent) == 2


def test_a_frame_is_two_bytes_a_number_and_says_where_there_is_no_place(carrier):
    x = np.array([-3.0, 1.5, np.nan, 7.0], "f4")
    carrier.show(x, np.zeros(4, "f4"))
    (content, (codes, flat)) = carrier.sent[0]
    low, high = content["bounds"][:2]
    read = np.frombuffer(codes, "<u2")
    assert read[2] == 65535 and len(flat) == 8
    back = low + read[[0, 1, 3]] * (high - low) / 65534
    np.testing.assert_allclose(back, x[[0, 1, 3]], atol=1e-3)


def test_where_the_points_end_comes_in_one_message_and_stops_the_frames(carrier):
    carrier.show(*at(1))
    carrier.show(*at(2))
    told = []
    carrier.send_state = lambda key=None: told.append(set(key))
    carrier.place(*at(3), {"kind": "embedding", "title": "t", "note": ""}, {})
    assert told == [{"x", "y", "about", "revision"}]
    assert carrier.revision == 1 and carrier.about["ready"]
    carrier.drawn(1)
    assert len(carrier.sent) == 1, "what was on its way is no longer news"


def test_the_map_of_the_worker_is_that_of_the_measure(mapped):
    ds = mapped.dataset
    result = ds.results["projection"]
    carrier = geometry.opened(ds.id, "embedding:lexical:pca")
    assert np.array_equal(np.frombuffer(carrier.x, "<f4"), result.column("x"))
    assert mapped.spec["method"]["explained"] == pytest.approx(
        sum(result.summary[f"explained_{axis}"].value for axis in "xy")
    )
    assert mapped.spec["help"]["paper"] == "Pearson 1901"
    json.dumps(mapped.spec, allow_nan=False)


def test_a_figure_names_what_it_shows(mapped, tmp_path):
    figure = mapped.figure(tmp_path / "map.svg", dpi=72)
    assert (tmp_path / "map.svg").read_text("utf-8") == figure.svg
    words = figure.svg.replace("</text>", " ")
    assert "PCA of word vectors" in words and "The axes have no meaning" in words
    assert "label" in words and figure.svg.count("<image") == 1
    assert mapped.figure(width=3.3, dpi=72, theme="dark").svg != figure.svg
    assert "@article{pearson1901lines" in mapped.cite()
    mapped.state = {"color": "duplicate_kind"}
    assert "duplicate kind" in mapped.figure(dpi=72).alt
    mapped.state = {"color": "gone"}
    assert "colour" not in mapped.figure(dpi=72).alt
    mapped.state = {}


def test_names_of_clusters_stand_on_paper_where_they_do_not_overlap():
    from dsx.pictures.figure import Place, Regions
    from dsx.pictures.frame import Box, Paper
    from dsx.pictures.naming import placed_names
    from dsx.pictures.raster import Window

    places = [Place("big one", 0.5, 0.5), Place("hidden", 0.5, 0.51), Place("outside", 2, 2)]
    paper, box = Paper(400, "light"), Box(0, 0, 400, 300, Window(0, 1, 0, 1))
    drawn = "".join(placed_names(paper, box, Regions(places=tuple(places))))
    assert "big one" in drawn and "hidden" not in drawn and "outside" not in drawn


def test_a_saved_notebook_gets_a_picture_when_there_is_one(front_end, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *a, **k: shown.append(a[0]))
    ds = toy()
    view = dsx.EmbeddingMap(ds, encoder=counts, layout="pca")
    view._ipython_display_()
    until(lambda: "PCA of the function counts" in view._snapshot.alt, 60)
    assert view._snapshot.bundle["image/png"]
    png, _ = view._picture()
    assert is_png(png) and len(png) < 70_000
    view.close()


def test_neighbours_come_from_the_graph_and_beyond_it_from_all_vectors(mapped):
    ds = mapped.dataset
    vectors = ds.results["embedding"].column("embedding")
    vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosine = vectors @ vectors[4]
    cosine[4] = -2
    for k, how in ((5, "graph"), (60, "exactly")):
        told, _ = ask(ds, "neighbours", encoder="lexical", row=4, k=k)
        assert how in told["how"] and len(told["rows"]) == k and 4 not in told["rows"]
        np.testing.assert_allclose(told["similarity"], np.sort(cosine)[::-1][:k], atol=2e-4)
        np.testing.assert_allclose(cosine[told["rows"]], told["similarity"], atol=2e-4)
    told, _ = ask(ds, "neighbours", encoder="lexical", row=4, k=1000)
    assert len(told["rows"]) == len(ds) - 1


def test_nearest_leaves_out_rows_without_a_direction_or_a_use():
    vectors = np.array([[1, 0], [0, 0], [np.nan, 1], [3, 3], [2, 0]], "f4")
    used = np.array([True, True, True, True, False])
    rows, cosine = nearest.to_one(vectors, np.array([5.0, 0.0]), 9, used)
    assert rows.tolist() == [0, 3] and cosine == pytest.approx([1, 0.7071], abs=1e-4)
    rows, _ = nearest.to_one(vectors, np.array([5.0, 0.0]), 9, used, but=0)
    assert rows.tolist() == [3]


def test_a_search_by_words_finds_the_kind_of_text_meant(mapped):
    ds = mapped.dataset
    told, (bits,) = ask(ds, "similar", encoder="lexical", query="the dog and the cat", k=20)
    assert {row % 3 for row in told["rows"]} == {1} and told["similarity"][0] > 0.3
    mask = np.unpackbits(np.frombuffer(bits, "u1"), count=len(ds), bitorder="little")
    assert sorted(told["rows"]) == np.flatnonzero(mask).tolist()
    nothing, (bits,) = ask(ds, "similar", encoder="lexical", query="zzz", k=20)
    assert nothing["rows"] == [] and not any(bits) and "none of these words" in nothing["how"]
    told, _ = ask(ds, "similar", encoder="lexical", query="Dog zebra", k=20)
    assert told["rows"] and told["how"] == "by words (dog; not known: zebra)"


def test_a_search_for_unknown_words_finds_nothing_and_says_why(front_end):
    rows = ["the cat sat", "a cat ran", "dogs run", "dogs bark", "x", "7 !", "quartz"]
    ds = dsx.read({"text": rows})
    shared = session(ds)
    dsx.measure(ds, "embedding", encoder="lexical").wait(20)
    assert any(ds.results["embedding"].tables["terms"]["characters"].to_pylist())
    nothing, _ = ask(ds, "similar", encoder="lexical", query="zebra giraffe", k=5)
    assert nothing["rows"] == [] and "none of these words occurs" in nothing["how"]
    rare, _ = ask(ds, "similar", encoder="lexical", query="Quartz", k=5)
    assert rare["rows"] == [] and "too few texts" in rare["how"]
    found, _ = ask(ds, "similar", encoder="lexical", query="cat", k=2)
    assert sorted(found["rows"]) == [0, 1]
    shared.close()


def test_lookups_wait_for_no_job_and_for_no_vectors(front_end):
    ds = toy(8)
    shared = session(ds)
    started = []
    stop = begun.connect(started.append)
    with pytest.raises(errors.NeedsError, match="not computed yet"):
        ask(ds, "neighbours", encoder="lexical", row=0, k=3)
    with pytest.raises(errors.NeedsError, match="not computed yet"):
        ask(ds, "similar", encoder="lexical", query="cat", k=3)
    stop()
    assert not started, "a lookup starts nothing"
    shared.close()


def test_what_is_special_about_the_marked_rows(mapped):
    ds = mapped.dataset
    ds.select(list(range(1, 90, 3)))
    told, _ = ask(ds, "contrast")
    assert (told["n"], told["n_rest"], told["has_text"]) == (30, 60, True)
    special = {entry["term"] for entry in told["words"] if entry["low"] and entry["low"] > 1}
    assert special <= set(texts(90)[1].split()) | {"cat", "dog", "bird", "horse", "sheep", "mouse"}
    assert special and any(entry["odds_ratio"] < 1 for entry in told["words"])
    values = {(entry["column"], entry["value"]) for entry in told["values"]}
    assert (ds.role("label").column, "b") in values
    json.dumps(told, allow_nan=False)
    ds.filter(np.arange(90) < 45)
    told, _ = ask(ds, "contrast")
    ds.filter(None)
    assert (told["n"], told["n_rest"]) == (15, 30)
    assert told["notes"][0] == "within the 45 rows in scope"
    ds.select([])
    with pytest.raises(errors.InputError, match="mark"):
        ask(ds, "contrast")


@pytest.mark.parametrize(
    "asked",
    [
        {"op": "neighbours"},
        {"op": "neighbours", "row": 90},
        {"op": "neighbours", "row": -1},
        {"op": "neighbours", "row": True},
        {"op": "neighbours", "row": 1.0},
        {"op": "neighbours", "row": 1, "k": 10**9},
        {"op": "neighbours", "row": 1, "encoder": ["lexical"]},
        {"op": "neighbours", "row": 1, "encoder": "given"},
        {"op": "similar"},
        {"op": "similar", "query": 7},
        {"op": "similar", "query": "x" * 100_000},
        {"op": "similar", "query": " ", "encoder": "lexical"},
        {"op": "similar", "query": "x", "k": "all"},
        {"op": "similar", "query": "x", "encoder": "callable:os.system"},
        {"op": "drawn", "projection": "embedding:lexical:pca"},
        {"op": "drawn", "projection": "tsne", "frame": 1},
        {"op": "drawn", "projection": "embedding:lexical:pca", "frame": "1"},
        {"op": "points", "projection": "embedding:../../etc:pca"},
        {"op": "cancel"},
        {"op": "cancel", "job": "job-0"},
        {"op": "retry", "job": 4},
        {"op": "dismiss", "job": "x" * 100_000},
    ],
)
def test_what_is_no_request_is_refused_and_starts_nothing(mapped, asked):
    ds, started = mapped.dataset, []
    before = list(ds.results), ds.selection.state(), dict(mapped.spec)
    stop = begun.connect(started.append)
    with pytest.raises(errors.DsxError):
        serve.answer({"dataset": ds.id, **asked}, [])
    stop()
    assert not started
    assert before == (list(ds.results), ds.selection.state(), dict(mapped.spec))


@pytest.mark.parametrize("chosen", [{"layout": "tsne"}, {"layout": 3}, {"encoder": "no/such"}])
def test_a_choice_that_cannot_be_leaves_the_map_as_it_is(mapped, chosen):
    before = dict(mapped.spec)
    with pytest.raises(errors.DsxError):
        serve.answer({"op": "layout", "view": mapped.key, **chosen}, [])
    assert mapped.spec == before


def test_views_without_an_embedding_map_have_nothing_to_choose(front_end):
    view = dsx.Rows(toy(5))
    with pytest.raises(errors.InputError, match="embedding map"):
        serve.answer({"op": "layout", "view": view.key, "layout": "pca"}, [])
    view.close()
    assert view.key not in lifetime.open_views


def test_jobs_lists_what_failed_in_words_and_forgets_what_is_dismissed(front_end):
    def broken(some):
        raise ValueError("the disc is on fire")

    ds = toy(12)
    listed = dsx.Jobs()
    job = dsx.measure(ds, "embedding", encoder=dsx.encoders.register(broken))
    until(lambda: any(entry["id"] == job.id and entry["message"] for entry in listed.jobs))
    (entry,) = [entry for entry in listed.jobs if entry["id"] == job.id]
    assert entry["dataset"] == "toy" and entry["place"] == "here" and entry["can_retry"]
    assert "Embedding, the function broken of 'toy': failed" in repr(listed)
    assert "on fire" in repr(listed)
    serve.answer({"op": "dismiss", "job": job.id}, [])
    until(lambda: all(entry["id"] != job.id for entry in listed.jobs))
    dsx.measure(ds, "embedding", encoder=dsx.encoders.register(counts)).wait()
    until(lambda: ("Embedding, the function counts", "done") in told(listed))
    assert "Embedding, the function counts of 'toy': done" in repr(listed)
    listed.close()
    assert listed.comm is None


def told(listed):
    return [(entry["title"], entry["state"]) for entry in listed.jobs]


def test_running_jobs_are_told_in_one_line_each():
    from dsx.views.jobs import _line

    entry = {
        "title": "Neighbours, word vectors", "dataset": "toy", "state": "running",
        "progress": 0.42, "seconds": 3.2, "stage": "searching", "place": "worker", "queue": 0,
        "memory": 300 << 20, "message": "",
    }  # fmt: skip
    assert _line(entry) == (
        "Neighbours, word vectors of 'toy': running, 42%, 3 s, searching worker, 300 MiB"
    )
    waiting = {**entry, "state": "waiting", "queue": 2, "memory": 0}
    assert _line(waiting) == "Neighbours, word vectors of 'toy': waiting, 2 before it"


def test_figures_and_waiting_work_in_a_plain_script(root, tmp_path):
    """Without Jupyter nothing is shown, and nothing breaks, to the very end of the process."""
    script = tmp_path / "script.py"
    script.write_text(
        "import dsx\n"
        "import dsx.page.base, dsx.page.runtime, dsx.views.jobs\n"
        "stub = lambda: ('', 'stub')\n"
        "dsx.page.base.bundle = dsx.page.runtime.bundle = dsx.views.jobs.bundle = stub\n"
        "from tests.maps import toy, counts\n"
        "if __name__ == '__main__':\n"
        "    view = dsx.EmbeddingMap(toy(), encoder=counts, layout='pca')\n"
        "    print(view.figure(dpi=60).svg[:5], dsx.Jobs() is not None)\n",
        encoding="utf-8",
    )
    env = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, env=env)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert done.stdout.split() == ["<?xml", "True"]


MILLION = """
import resource, sys
import numpy as np
n, d = 1_000_000, 384
vectors = np.empty((n, d), "f4")
rng = np.random.default_rng(0)
for start in range(0, n, 50_000):
    vectors[start : start + 50_000] = rng.standard_normal((50_000, d), dtype="f4")
import dsx
view = dsx.explore({"label": ["a", "b"] * (n // 2)}, embedding=vectors)
view._part.course.there.wait()
assert view._part.course.shown.method == "pca"
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(peak * (1 if sys.platform == "darwin" else 1024) / vectors.nbytes)
"""


@pytest.mark.slow
def test_a_million_vectors_are_drawn_in_less_than_twice_their_memory(root):
    env = {**os.environ, "PYTHONPATH": str(root), "DSX_CACHE": "off"}
    done = subprocess.run([sys.executable, "-c", MILLION], capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 2


def test_a_layout_that_fails_leaves_the_first_picture(here, monkeypatch):
    """It is given up once: a course that tried again by itself would never end."""
    tried = []

    def refused(self, inputs):
        tried.append(1)
        raise errors.nothing_to_unfold()

    monkeypatch.setattr(Projection, "_umap", refused)
    view = dsx.EmbeddingMap(toy(), encoder="lexical", layout="umap")
    view.wait(60)
    assert tried == [1]
    assert view.spec["method"]["layout"] == "pca"


def test_a_longer_dataset_shows_its_map_with_the_old_rows_where_they_were(here):
    today = toy()
    before = dsx.measure(today, "projection", encoder="lexical").wait()
    tomorrow = today.append({"text": texts(93)[90:]})
    view = dsx.EmbeddingMap(tomorrow, encoder="lexical")
    view.wait(60)
    assert view.spec["method"]["layout"] == "placed"
    after = tomorrow.results["projection"]
    assert "position" in keys.roles_of(tomorrow, after.measure)  # it crosses to the worker
    for axis in "xy":
        assert (after.column(axis)[: len(today)] == before.column(axis)).all()


@pytest.mark.parametrize(
    ("values", "why"),
    [(["the same text"] * 20, "point the same way"), ([None] * 18 + ["", " "], "there are none")],
)
def test_a_layout_that_cannot_be_is_not_begun(here, values, why):
    ds = dsx.read({"text": values, "n": range(20)}, text="text", name="toy")
    begun_jobs = []
    stop = begun.connect(begun_jobs.append)
    view = dsx.EmbeddingMap(ds, encoder="lexical", layout="umap")
    view.wait(60)
    stop()
    assert view.spec["method"]["layout"] == "pca" and why in view.spec["method"]["note"]
    umap = view.spec["choices"]["layouts"][1]
    assert not umap["ready"] and why in umap["why"]
    assert view.spec["color"] not in ("x", "y")
    for job in begun_jobs:
        assert job.state == "done", (job, job.error)
    assert not any(job.measure.parameters().get("method") == "umap" for job in begun_jobs)
    view.close()
