"""Views without a page: what they ask for, share, refuse and let go of."""

from __future__ import annotations

import numpy as np
import pytest
from ipywidgets.widgets.widget import _instances as instances

import dsx
from dsx import errors
from dsx.page import geometry, lifetime
from dsx.page.session import session


def frame(n=30, epochs=4):
    rng = np.random.default_rng(1)
    label = np.array(["a", "b", "c"])[rng.integers(0, 3, n)]
    probs = rng.dirichlet(np.ones(3), size=(n, epochs)).astype("f4")
    return dsx.read(
        {"text": [f"text {i}" for i in range(n)], "label": label},
        epoch_probs=probs, classes=["a", "b", "c"], name="toy",
    )  # fmt: skip


def test_views_of_one_dataset_share_session_and_points(front_end):
    ds = frame()
    one, two, rows = dsx.DataMap(ds), dsx.DataMap(ds, color="label"), dsx.Rows(ds)
    assert one.session == two.session == rows.session
    assert one.geometry == two.geometry and rows.geometry == ""
    assert one.uplink == rows.uplink and one.runtime == rows.runtime
    for view in (one, two, rows):
        view.close()


def test_closing_the_last_view_lets_go_of_everything_and_showing_it_opens_it_again(front_end):
    ds = frame()
    dsx.Rows(frame()).close()  # the kernel's own runtime and uplink stay
    before = set(instances)
    view = dsx.DataMap(ds)
    view.close()
    assert set(instances) == before
    assert not geometry._open and view.key not in lifetime.open_views
    view._reopen()
    assert view.session == f"anywidget:{session(ds).model_id}"
    view.close()
    assert set(instances) == before


def test_points_are_nine_bytes_a_row_with_the_first_colours(front_end):
    ds = frame(100)
    view = dsx.DataMap(ds)
    carrier = geometry._open[ds.id, "data_map:"]
    assert len(carrier.x) + len(carrier.y) + len(carrier.first["data"]) == 9 * len(ds)
    result = ds.results["data_map"]
    assert np.array_equal(np.frombuffer(carrier.y, "<f4"), result.column("confidence"))
    view.close()


def test_a_view_takes_what_read_takes(front_end):
    plain = {"text": ["one text", "two"], "label": ["a", "b"]}
    view = dsx.Rows(plain)
    assert len(view.dataset) == 2
    view.close()


def test_no_dynamics_and_one_epoch_are_refused_where_the_user_stands(front_end):
    with pytest.raises(errors.NeedsError, match="epoch_probs"):
        dsx.DataMap({"text": ["a", "b"], "label": ["x", "y"]})
    with pytest.raises(errors.DsxError, match="epoch"):
        dsx.DataMap(frame(epochs=1))


def test_unknown_names_offer_the_nearest(front_end):
    ds = frame()
    with pytest.raises(errors.ColumnError, match="label"):
        dsx.DataMap(ds, color="lable")
    with pytest.raises(errors.ColumnError, match="text"):
        dsx.Rows(ds, sort="txt")
    with pytest.raises(errors.InputError, match="auto"):
        dsx.Rows(ds, scope="some")


def test_explore_without_dynamics_says_what_a_map_would_need(front_end):
    view = dsx.explore({"text": ["a", "b", "c"], "label": ["x", "y", "x"]})
    with pytest.raises(errors.NeedsError):
        view.figure()
    assert "epoch_probs" in view.spec["noMap"] and "map" not in view.spec
    assert view.spec["facets"] == ["label"]
    view.close()


def test_explore_draws_the_map_and_orders_the_facets(front_end):
    view = dsx.explore(frame())
    assert view.spec["facets"][:2] == ["region", "label"]
    assert view.spec["map"]["help"]["paper"] == "Swayamdipta 2020"
    assert view.cite() == dsx.DataMap(view.dataset).cite() and "Swayamdipta" in view.cite()
    view.state = {"map": {"color": "label"}}
    assert (
        view.figure(width=3.3, dpi=72).svg
        != dsx.DataMap(view.dataset).figure(width=3.3, dpi=72).svg
    )
    view.close()


def test_a_selection_in_one_is_a_selection_in_all(front_end):
    ds = frame()
    view = dsx.DataMap(ds)
    ds.select("label == 'a'")
    assert session(ds).selection == ds.selection.bits
    assert ds.selected["label"] == ["a"] * len(ds.selection)
    view.close()
