"""Cells, requests from the page and jobs change one dataset from threads of their own."""

from __future__ import annotations

import sys
import threading

import numpy as np
import pytest

import dsx
from dsx.page import catalogue, serve
from dsx.page.session import Session, session

N = 4_000


@pytest.fixture
def ds(front_end):
    rng = np.random.default_rng(0)
    probs = rng.dirichlet(np.ones(2), size=(N, 3)).astype("f4")
    label = np.array(["a", "b"])[rng.integers(0, 2, N)]
    made = dsx.read({"label": label}, epoch_probs=probs, classes=["a", "b"])
    yield made
    session(made).close()


@pytest.fixture
def often():
    """Threads change places as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def together(*works, seconds=30.0):
    """Run functions on threads of their own; False when one has not ended in time."""
    wrong = []

    def guarded(work):
        try:
            work()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test fails with it
            wrong.append(error)

    threads = [threading.Thread(target=guarded, args=(w,), daemon=True) for w in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds)
    assert wrong == []
    return not any(thread.is_alive() for thread in threads)


def test_a_cell_that_holds_the_lock_and_a_request_do_not_wait_for_each_other(ds):
    session(ds)

    def cell():
        for k in range(300):
            with ds.lock:
                ds.select([k])
                ds.decisions.tag("t", [k])

    def page():
        for k in range(300):
            rows = np.array([k], "<u4").tobytes()
            serve.answer(
                {"op": "select", "dataset": ds.id, "operation": "add", "encoding": "rows"}, [rows]
            )
            serve.answer({"op": "undo", "dataset": ds.id}, [])

    assert together(cell, page), "cell and page wait for each other"


def test_the_page_ends_with_what_the_dataset_ends_with(ds, often):
    shared = session(ds)

    def work(kind):
        def run():
            for k in range(60):
                if kind == "select":
                    ds.select([k])
                elif kind == "decide":
                    ds.decisions.drop([k])
                elif kind == "undo":
                    ds.undo()
                else:
                    ds.filter("label == 'a'" if k % 2 else None)

        return run

    for _ in range(5):
        assert together(*map(work, ("select", "decide", "undo", "filter", "select")))
        assert shared.selection == ds.selection.bits
        assert shared.selection_revision == ds.selection.revision
        assert shared.decisions_revision == ds.decisions.revision
        assert shared.n_dropped == int(ds.decisions.dropped.sum())
        assert shared.filter_revision == ds.filter_state.revision
        assert (shared.undo_label, shared.redo_label) == (
            ds.history.undo_label,
            ds.history.redo_label,
        )


def test_what_is_read_together_is_of_one_moment(ds, often):
    torn = []

    def write():
        for k in range(400):
            ds.decisions.drop([k])
            ds.filter_state.set_clauses({"k": {"column": str(k)}}, np.arange(N) > k)

    def read():
        for _ in range(4_000):
            standing, revision = ds.decisions.state()
            scope = ds.filter_state.state()
            if int(standing.dropped.sum()) != revision:
                torn.append((int(standing.dropped.sum()), revision))
            if scope.clauses and int(scope.clauses["k"]["column"]) != N - 1 - scope.mask.sum():
                torn.append(scope)

    assert together(write, read, read)
    assert torn == []


def test_columns_of_the_newest_result_are_the_last_told(ds, monkeypatch):
    """The thread that described the columns first may be the one that writes last."""
    shared = session(ds)
    slow, described = threading.Event(), catalogue.columns_of

    def late(of):
        found = described(of)
        if threading.current_thread().name == "slow":
            slow.set()
            threading.Event().wait(0.2)
        return found

    monkeypatch.setattr("dsx.page.session.columns_of", late)
    first = dsx.measure(ds, "data_map").wait()

    def store():
        ds.results.store("data_map", first)

    thread = threading.Thread(target=store, name="slow")
    thread.start()
    slow.wait(5)
    dsx.measure(ds, "forgetting").wait()
    thread.join()
    assert "n_forgetting" in [column["name"] for column in shared.columns]


def test_a_change_while_the_session_opens_is_not_lost(ds, monkeypatch):
    opened = Session._decisions

    def late(self):
        found = opened(self)
        if not hasattr(self, "_told"):  # the first reading, before the widget is there
            self._told = True
            thread = threading.Thread(target=ds.select, args=([7],))
            thread.start()
            thread.join(0.2)
        return found

    monkeypatch.setattr(Session, "_decisions", late)
    shared = session(ds)
    for _ in range(100):
        if shared.selection_revision == 1:
            break
        threading.Event().wait(0.02)
    assert shared.selection == ds.selection.bits
