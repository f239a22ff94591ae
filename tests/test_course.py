"""The course of an embedding map: what comes first, what replaces it, and what goes wrong."""

from __future__ import annotations

import gc
import threading
import weakref

import numpy as np
import pytest

import dsx
from dsx import errors
from dsx.encoders import naming
from dsx.measures.projection import Projection
from dsx.page import choosing, course, geometry, jobs
from dsx.page.session import session
from tests.maps import ask, counts, texts, toy, until


class Gate:
    """An encoder that stops in the middle until it is let go on, and can be told to fail."""

    def __init__(self):
        self.open, self.reached, self.broken = threading.Event(), threading.Event(), False

    def __call__(self, some):
        self.reached.set()
        assert self.open.wait(30)
        if self.broken:
            raise ValueError("no memory for that many cats")
        return counts(some)


@pytest.fixture
def placed(monkeypatch):
    """The order in which pictures were put on screen."""
    seen, place = [], geometry.Geometry.place

    def noted(self, x, y, about, first):
        seen.append(about["title"])
        place(self, x, y, about, first)

    monkeypatch.setattr(geometry.Geometry, "place", noted)
    return seen


def of(view):
    return view._part.course


def listed(ds):
    return [(entry["key"], entry["state"]) for entry in session(ds).jobs]


def running(ds, title):
    """The id of the running job of a title, once the page has been told of it."""

    def found():
        return [e["id"] for e in session(ds).jobs if (e["title"], e["state"]) == (title, "running")]

    until(found)
    return found()[0]


GATE = "Embedding, the function Gate"


def test_the_view_is_there_before_any_point_and_gets_better(here, placed):
    ds, gate = toy(), Gate()
    view = dsx.EmbeddingMap(ds, encoder=gate)
    carrier = geometry.opened(ds.id, of(view).projection)
    of(view).there.wait(30)
    assert gate.reached.wait(30)
    until(lambda: "follows" in view.spec["method"]["note"])
    assert view.spec["method"]["encoder"] == "lexical" and view.spec["method"]["layout"] == "pca"
    assert carrier.revision == 1 and len(carrier.x) == 4 * len(ds)
    gate.open.set()
    view.wait(60)
    words, own = "word vectors", "the function Gate"
    assert placed == [f"PCA of {words}", f"PCA of {own}", f"UMAP of {own}"]
    assert view.spec["method"]["title"] == f"UMAP of {own}" and not view.spec["method"]["note"]
    assert carrier.revision == 3 and carrier.about["ready"]
    x = ds.results["projection"].column("x")
    assert np.array_equal(np.frombuffer(carrier.x, "<f4"), x)
    view.close()


def test_what_is_found_out_arrives_as_columns_names_and_numbers(here):
    ds = toy()
    view = dsx.EmbeddingMap(ds, encoder="lexical")
    view.wait(60)
    told = {column["name"] for column in session(ds).columns}
    assert told >= {"cluster_coarse", "cluster", "cluster_fine", "trust", "duplicate_kind"}
    assert view.spec["levels"] == ["cluster_coarse", "cluster", "cluster_fine"]
    assert view.spec["color"] == "cluster", "no label: the clusters, once they are there"
    assert 0 < view.spec["method"]["trust"] <= 1
    names = view.spec["names"]
    assert names and {"level", "name", "n", "x", "y"} == set(names[0])
    kinds = np.arange(len(ds)) % 3
    clusters, labels = ds.codes("cluster")
    for k, label in enumerate(labels[:-1]):
        assert len(set(kinds[clusters == k])) == 1, label
    assert ds.select(f'cluster == "{labels[0]}" and trust >= 0').count > 1
    view.close()


def test_a_label_colours_the_points_and_comes_along_with_them(here):
    ds = toy(label=["a", "b", "c"] * 30)
    view = dsx.EmbeddingMap(ds, encoder="lexical", layout="pca")
    view.wait(60)
    first = geometry.opened(ds.id, of(view).projection).first
    assert view.spec["color"] == first["name"] == ds.role("label").column
    assert len(first["data"]) == len(ds)
    view.close()


def test_points_on_their_way_are_shown_and_lead_to_where_they_end(here, monkeypatch):
    sent = []
    monkeypatch.setattr(
        geometry.Geometry, "send", lambda self, content, buffers=None: sent.append(content)
    )
    view = dsx.EmbeddingMap(toy(), encoder="lexical")
    view.wait(60)
    assert [content["frame"] for content in sent] == [1], "the page has not drawn it yet"
    assert not of(view).moving and view.spec["method"]["layout"] == "umap"
    view.close()


def test_two_views_share_the_course_and_the_points_and_the_last_ends_it(here):
    ds, gate = toy(), Gate()
    one = dsx.EmbeddingMap(ds, encoder=gate)
    two = dsx.EmbeddingMap(ds, encoder=gate, color="cluster")
    assert of(one) is of(two) and one.geometries == two.geometries
    assert gate.reached.wait(30)
    job = jobs.job_of(running(ds, GATE))
    one.close()
    assert not job.finished
    two.close()
    with pytest.raises(errors.JobCancelled):
        job.wait(30)
    assert not course.courses(ds)
    gate.open.set()
    gone = weakref.ref(ds)
    del one, two, ds, job
    until(lambda: gc.collect() >= 0 and gone() is None)


def test_a_view_that_comes_at_once_takes_the_course_over(here, monkeypatch):
    monkeypatch.setattr(course, "_GRACE", 0.3)
    ds, gate = toy(), Gate()
    dsx.EmbeddingMap(ds, encoder=gate).close()
    view = dsx.EmbeddingMap(ds, encoder=gate)
    gate.open.set()
    view.wait(60)
    threading.Event().wait(0.4)
    assert of(view) in course.courses(ds) and not of(view).given_up
    view.close()


def test_what_is_stored_is_shown_at_once_and_nothing_before_it(here, placed):
    ds = toy()
    first = dsx.EmbeddingMap(ds, encoder=counts)
    first.wait(60)
    first.close()
    until(lambda: not course.courses(ds))
    placed.clear()
    again = dsx.EmbeddingMap(ds, encoder=counts)
    again.wait(60)
    assert placed == ["UMAP of the function counts"]
    assert again.spec["names"]
    again.close()


def test_a_cancelled_step_leaves_the_picture_and_can_be_tried_again(here):
    ds, gate = toy(), Gate()
    view = dsx.EmbeddingMap(ds, encoder=gate)
    assert gate.reached.wait(30)
    key = running(ds, GATE)
    (entry,) = [entry for entry in session(ds).jobs if entry["id"] == key]
    assert entry["key"] == "embedding" and not entry["can_retry"]
    ask(ds, "cancel", job=key)
    view.wait(60)
    assert of(view).shown == ("lexical", "pca")
    assert "cancelled" in view.spec["method"]["note"]
    assert {"clusters", "map_trust", "duplicates", "outliers"} <= set(of(view).results)
    until(lambda: ("embedding", "cancelled") in listed(ds))
    gate.open.set()
    ask(ds, "retry", job=key)
    until(lambda: of(view).shown == (of(view).encoder, "umap") and not of(view).running)
    until(lambda: session(ds).jobs == [])
    assert not view.spec["method"]["note"]
    view.close()


def test_a_failed_step_is_said_and_the_rest_goes_on_with_what_there_is(here):
    ds, gate = toy(), Gate()
    gate.broken = True
    gate.open.set()
    view = dsx.EmbeddingMap(ds, encoder=gate)
    view.wait(60)
    assert of(view).shown == ("lexical", "umap")
    assert "cats" in view.spec["method"]["note"] and view.spec["names"]
    until(lambda: listed(ds) == [("embedding", "failed")])
    (entry,) = session(ds).jobs
    assert "cats" in entry["message"] and entry["can_retry"]
    ask(ds, "dismiss", job=entry["id"])
    until(lambda: session(ds).jobs == [])
    view.close()


def test_a_layout_that_is_cancelled_goes_back_to_where_the_points_belong(here, monkeypatch):
    shown, hold = threading.Event(), threading.Event()

    def moving(self, inputs):
        inputs.partial({"x": np.ones(90, "f4"), "y": np.ones(90, "f4")})
        shown.set()
        while not hold.wait(0.01):
            inputs.progress(1, 2)
        raise AssertionError("never reached: it is cancelled")

    monkeypatch.setattr(Projection, "_umap", moving)
    ds = toy()
    view = dsx.EmbeddingMap(ds, encoder="lexical")
    assert shown.wait(30)
    until(lambda: view.spec["method"]["layout"] == "umap")
    assert view.spec["method"]["note"] == "the points are still moving" and not view.spec["names"]
    carrier = geometry.opened(ds.id, of(view).projection)
    before = carrier.revision
    ask(ds, "cancel", job=running(ds, "UMAP of word vectors"))
    view.wait(60)
    assert carrier.revision == before + 1 and view.spec["method"]["layout"] == "pca"
    x = of(view).results["projection"].column("x")
    assert np.array_equal(np.frombuffer(carrier.x, "<f4"), x)
    view.close()


def test_the_reader_chooses_another_layout_and_the_points_wait_for_it(here):
    ds, gate = toy(), Gate()
    name = dsx.encoders.register(gate)
    view = dsx.EmbeddingMap(ds, encoder="lexical", layout="pca")
    view.wait(60)
    before = view.geometries

    def choose(**chosen):
        return dsx.page.serve.answer({"op": "layout", "view": view.key, **chosen}, [])

    choose(layout="umap")
    until(lambda: view.geometries != before)
    assert view.spec["pending"] is None and view.spec["method"]["layout"] in ("pca", "umap")
    view.wait(60)
    until(lambda: len(course.courses(ds)) == 1)
    with pytest.raises(errors.InputError, match="umap"):
        choose(layout="tsne")
    with pytest.raises(errors.DsxError):
        choose(encoder="no such model")
    choose(encoder=name, layout="pca")
    gate.open.set()
    until(lambda: view.spec["method"]["encoder"] == name)
    view.close()


def test_two_encoders_side_by_side_and_how_far_they_agree(here):
    ds = toy()
    view = dsx.EmbeddingMap(ds, encoder="lexical", against=counts)
    assert set(view.geometries) == {"map", "against"}
    until(lambda: view.spec["against"]["agreement"] == "agreement", 60)
    agreement = ds.column("agreement").to_numpy()
    assert ((agreement >= 0) & (agreement <= 1)).all()
    assert view.spec["against"]["method"]["encoderTitle"] == "the function counts"
    view.close()
    with pytest.raises(errors.InputError, match="another"):
        dsx.EmbeddingMap(ds, encoder="lexical", layout="pca", against="pca")


def test_what_cannot_be_is_refused_where_the_user_stands(here, monkeypatch):
    with pytest.raises(errors.NeedsError, match="text"):
        dsx.EmbeddingMap({"score": [0.5, 1.5]})
    with pytest.raises(errors.InputError, match="layout"):
        dsx.EmbeddingMap(toy(), layout="tsne")
    with pytest.raises(errors.ColumnError, match="text"):
        dsx.EmbeddingMap(toy(), encoder="lexical", color="txt")
    with pytest.raises(errors.InputError, match="encoder"):
        dsx.EmbeddingMap(toy(), encoder=7)
    with pytest.raises(errors.NeedsError, match="position"):
        dsx.EmbeddingMap(toy(), encoder="lexical", layout="placed")
    found = choosing.importlib.util.find_spec
    monkeypatch.setattr(
        choosing.importlib.util, "find_spec", lambda name: None if name == "umap" else found(name)
    )
    with pytest.raises(errors.ExtraError, match="umap-learn"):
        dsx.EmbeddingMap(toy(), layout="umap")
    view = dsx.EmbeddingMap(toy(), encoder="lexical")
    view.wait(60)
    assert view.spec["method"]["layout"] == "pca" and "umap-learn" in view.spec["method"]["note"]
    assert [c["ready"] for c in view.spec["choices"]["layouts"]] == [True, False]
    view.close()


def test_above_a_size_umap_is_not_begun_unasked(here, monkeypatch):
    monkeypatch.setattr(choosing, "MOST_UMAP", 50)
    assert choosing.layout_for(toy(), "auto")[0] == "pca"
    assert choosing.layout_for(toy(), "umap") == ("umap", "")


SAME = ["all the same words"] * 30


@pytest.mark.parametrize(
    ("data", "places"),
    [
        ({"text": ["one text"]}, 1),
        ({"text": ["one text", "two words"]}, 2),
        ({"text": ["one text", "two words", "three more words"]}, 3),
        ({"text": ["", "some words", "more words", None, "words"]}, 3),
        ({"text": SAME}, 30),
        ({"text": ["word " * 20_000, "other words", "some other words"]}, 3),
    ],
)
def test_few_rows_and_odd_texts_make_a_picture_all_the_same(here, data, places):
    view = dsx.EmbeddingMap(dsx.read(data, text="text"), encoder="lexical")
    view.wait(60)
    carrier = geometry.opened(view.dataset.id, of(view).projection)
    assert np.isfinite(np.frombuffer(carrier.x, "<f4")).sum() == places
    assert not view.spec["waiting"]
    assert view.figure(dpi=60).svg.startswith("<?xml")
    if places < len(view.dataset):
        assert "not on the map: 1 row: an empty text" in view.spec["help"]["notes"][0]
    view.close()


@pytest.mark.parametrize("value", [np.nan, 0.0, 1.0])
def test_vectors_that_say_nothing_make_one_point_or_a_sentence(here, value):
    ds = dsx.read({"label": ["a", "b"] * 6}, embedding=np.full((12, 4), value, "f4"))
    view = dsx.EmbeddingMap(ds, layout="pca")
    view.wait(60)
    if np.isnan(value):
        assert "no row has a place" in view.spec["waiting"]
    else:
        assert any("one point" in note for note in view.spec["help"]["notes"])
    view.close()


def test_explore_opens_with_similar_rows_and_measures_dynamics_beside_it(here, monkeypatch):
    probs = np.random.default_rng(0).dirichlet(np.ones(3), size=(90, 4)).astype("f4")
    labels = ["a", "b", "c"] * 30
    ds = dsx.read({"text": texts(90), "label": labels}, epoch_probs=probs, classes=["a", "b", "c"])
    monkeypatch.setitem(dsx.explore.__globals__, "_SOON", 0)  # as of a large dataset
    view = dsx.explore(ds)
    assert list(view.geometries) == ["embedding", "data_map"] == list(view.spec["maps"])
    assert view.spec["open"] == "embedding"
    assert view.spec["maps"]["data_map"]["color"] == "correctness"
    until(lambda: "data_map" in ds.results, 60)
    assert "projection" in ds.results, "the first picture comes first"
    carrier = geometry.opened(ds.id, "data_map:")
    until(lambda: carrier.about["ready"])
    confidence = ds.results["data_map"].column("confidence")
    assert np.array_equal(np.frombuffer(carrier.y, "<f4"), confidence)
    view.wait(60)
    until(lambda: view.spec["facets"][:3] == ["region", "label", "cluster"])
    assert view.figure(dpi=60).alt.startswith("Embedding map")
    view.state = {"open": "data_map"}
    assert view.figure(dpi=60).alt.startswith("Data map") and "Swayamdipta" in view.cite()
    view.close()


def test_vectors_alone_are_enough_for_explore(here):
    vectors = np.random.default_rng(0).standard_normal((40, 5)).astype("f4")
    view = dsx.explore({"label": ["a", "b"] * 20}, embedding=vectors)
    view.wait(60)
    assert view.spec["maps"]["embedding"]["method"]["encoder"] == "given"
    view.close()


def test_where_a_model_takes_long_the_layout_of_words_comes_first(here, placed, monkeypatch):
    monkeypatch.setattr(course, "SLOW", 50)
    monkeypatch.setattr(course.encoders, "kind_of", lambda name: "model")
    ds, gate = toy(), Gate()
    view = dsx.EmbeddingMap(ds, encoder=gate)
    assert gate.reached.wait(30)
    until(lambda: "map_trust" in of(view).results and view.spec["names"])
    assert "follows" in view.spec["method"]["note"]
    gate.open.set()
    view.wait(60)
    words = "word vectors"
    assert placed == [f"PCA of {words}", f"UMAP of {words}", "UMAP of the function Gate"]
    view.close()


def test_explore_takes_an_encoder_and_a_layout(here):
    view = dsx.explore({"text": texts(30)}, encoder=counts, layout="pca")
    view.wait(60)
    assert view.spec["maps"]["embedding"]["method"]["title"] == "PCA of the function counts"
    view.close()
    with pytest.raises(errors.InputError, match="layout"):
        dsx.explore({"text": texts(30)}, layout="tsne")


def test_no_model_is_fetched_unasked(here, monkeypatch):
    monkeypatch.setattr(naming, "_automatic", lambda ds: "clip-ViT-B-32")
    monkeypatch.setattr(naming.models, "find", lambda name: None)
    monkeypatch.setattr(naming.models, "offline", lambda: False)
    monkeypatch.setattr(naming.models, "installed", lambda: True)
    ds = dsx.read({"image": [b"\x89PNG\r\n\x1a\n" + b"0" * 50] * 6, "label": ["a", "b"] * 3})
    with pytest.raises(errors.DsxError, match="clip-ViT-B-32"):
        dsx.EmbeddingMap(ds)
    view = dsx.explore(ds)
    assert not view.spec["maps"] and "clip-ViT-B-32" in view.spec["noMap"]
    view.close()
