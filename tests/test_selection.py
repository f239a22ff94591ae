"""The selection: set algebra, undo, bits, and several threads at once."""

import threading
import time

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsx import errors
from dsx.dataset import Dataset
from dsx.selection import unpack

N = 37  # not a multiple of 8, so that the last byte is a part of one


def dataset(n: int = N) -> Dataset:
    return Dataset(pa.table({"id": [f"r{i}" for i in range(n)], "x": np.arange(n) / n}))


rows = st.sets(st.integers(0, N - 1)).map(sorted)
step = st.one_of(
    st.tuples(st.sampled_from(["set", "add", "subtract", "intersect"]), rows),
    st.tuples(st.sampled_from(["invert", "clear"]), st.none()),
)


def by_numpy(mask: np.ndarray, operation: str, given_rows: list[int] | None) -> np.ndarray:
    other = np.zeros(len(mask), bool)
    other[given_rows or []] = True
    table = {
        "set": other,
        "add": mask | other,
        "subtract": mask & ~other,
        "intersect": mask & other,
        "invert": ~mask,
        "clear": np.zeros_like(mask),
    }
    return table[operation]


@given(st.lists(step, max_size=12))
def test_every_operation_is_numpys_and_undo_walks_back_through_all(steps):
    selection = dataset().selection
    masks = [selection.mask]
    for operation, given_rows in steps:
        expected = by_numpy(selection.mask, operation, given_rows)
        selection.apply(operation, given_rows)
        assert np.array_equal(selection.mask, expected)
        assert selection.count == len(selection) == expected.sum()
        assert selection.rows.dtype == np.uint32
        assert np.array_equal(selection.rows, np.flatnonzero(expected))
        if not np.array_equal(expected, masks[-1]):
            masks.append(expected)
    for mask in reversed(masks[:-1]):
        assert selection.undo()
        assert np.array_equal(selection.mask, mask)
    assert selection.undo() is None
    for mask in masks[1:]:
        assert selection.redo()
        assert np.array_equal(selection.mask, mask)
    assert selection.redo() is None


@given(rows, rows)
def test_laws_of_sets(a, b):
    selection = dataset().selection
    selection.set(a)
    selection.add(b)
    union = selection.mask
    selection.invert()
    assert selection.count == N - union.sum()
    selection.set(~unmask(a))
    selection.intersect(~unmask(b))
    assert np.array_equal(selection.mask, ~union)  # De Morgan
    selection.set(a)
    selection.subtract(b)
    selection.add(sorted(set(a) & set(b)))
    assert selection.rows.tolist() == a


def unmask(rows_: list[int]) -> np.ndarray:
    mask = np.zeros(N, bool)
    mask[rows_] = True
    return mask


@given(rows)
def test_bits_hold_the_mask_one_bit_a_row_and_nothing_beyond(chosen):
    selection = dataset().selection
    selection.set(chosen)
    assert len(selection.bits) == (N + 7) // 8
    assert np.array_equal(unpack(selection.bits, N), selection.mask)
    selection.invert()
    assert selection.bits[-1] >> (N % 8) == 0
    assert [row in selection for row in range(-1, N + 1)] == [False, *selection.mask, False]
    assert list(selection) == selection.rows.tolist()


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (3, [3]),
        (np.uint32(3), [3]),
        ([5, 3, 3], [3, 5]),
        ({4, 1}, [1, 4]),
        (range(2, 5), [2, 3, 4]),
        (slice(0, 10, 5), [0, 5]),
        (np.array([2, 1], np.uint8), [1, 2]),
        (np.arange(N) == 7, [7]),
        (["r9", "r2"], [2, 9]),
        (np.array(["r9"]), [9]),
        ("x < 0.05", [0, 1]),
        (pa.array([1, 2]), [1, 2]),
        ([], []),
    ],
)
def test_rows_may_be_given_in_many_ways(what, expected):
    assert dataset().select(what).rows.tolist() == expected


def test_pandas_and_polars_masks_are_taken():
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    ds = dataset()
    wanted = np.arange(N) % 3 == 0
    for mask in (pandas.Series(wanted), polars.Series(wanted), wanted.tolist()):
        assert np.array_equal(ds.select(mask).mask, wanted)


@pytest.mark.parametrize(
    "what",
    [
        None,
        3.5,
        [1.0, 2.0],
        [[1], [1, 2]],
        [[1, 2]],
        [-1],
        [N],
        2**70,
        [0, None],
        object(),
        slice("a", "b"),
        np.ones(N - 1, bool),
        np.ones(0, bool),
        ["r1", "nobody"],
        ["\ud800"],
        "x <",
        "nowhere == 1",
    ],
)
def test_what_is_no_row_is_refused_and_changes_nothing(what):
    ds = dataset()
    ds.select([1, 2])
    before = ds.selection.state()
    with pytest.raises(errors.DsxError):
        ds.selection.add(what)
    assert ds.selection.state() == before
    assert ds.history.undo_label == "set selection"


def test_an_unknown_operation_is_refused():
    with pytest.raises(errors.InputError, match="subtract"):
        dataset().selection.apply("substract", [1])


def test_the_mask_cannot_be_written():
    selection = dataset().selection
    with pytest.raises(ValueError, match="read-only"):
        selection.mask[0] = True


def test_origin_and_revision_follow_every_change_and_undo():
    selection = dataset().selection
    selection.set([1], origin="lasso")
    selection.add([2])
    assert (selection.origin, selection.revision) == ("python", 2)
    selection.undo()
    assert (selection.origin, selection.revision) == ("lasso", 3)
    assert repr(selection) == "Selection(1 of 37 rows by lasso)"


def test_a_change_that_changes_nothing_is_no_step_and_no_event():
    selection = dataset().selection
    heard: list[int] = []
    selection.changed.connect(heard.append)
    selection.set([4])
    selection.add([4])
    assert heard == [1]
    selection.undo()
    assert selection.undo() is None


def test_a_new_step_forgets_what_was_undone():
    selection = dataset().selection
    selection.set([1])
    selection.undo()
    selection.set([2])
    assert selection.redo() is None


def test_the_stack_is_bounded():
    ds = dataset()
    for i in range(500):
        ds.select([i % N])
    undone = 0
    while ds.undo():
        undone += 1
    assert undone == 200


def test_listeners_run_with_the_lock_released():
    ds = dataset()
    free: list[bool] = []

    def listener(*_):
        def take():
            got = ds.lock.acquire(timeout=2)
            free.append(got)
            if got:
                ds.lock.release()

        other = threading.Thread(target=take)
        other.start()
        other.join()

    ds.changed.connect(listener)
    ds.select([1])
    ds.undo()
    ds.redo()
    ds.decisions.tag("t")
    ds.filter("x < 0.5")
    assert free == [True] * 5


def test_a_failing_listener_is_logged_and_the_others_still_hear(caplog):
    ds = dataset()
    heard = []

    def broken(*_):
        raise RuntimeError("no")

    ds.changed.connect(broken)
    ds.changed.connect(lambda *event: heard.append(event))
    ds.select([1])
    assert heard == [("selection", "selection", 1)]
    assert "failed" in caplog.text


def test_disconnecting_ends_one_connection():
    selection = dataset().selection
    heard: list[int] = []
    first = selection.changed.connect(heard.append)
    selection.changed.connect(heard.append)
    first()
    first()
    selection.set([1])
    assert heard == [1]


def test_four_threads_change_while_others_read():
    n = 10_000
    ds = dataset(n)
    blocks = [np.arange(k * 2500, (k + 1) * 2500) for k in range(4)]
    stop, wrong = threading.Event(), []

    def change(block):
        for _ in range(60):
            ds.selection.add(block)
            ds.selection.subtract(block)
        ds.selection.add(block)

    def read():
        while not stop.is_set():
            bits, _, _ = ds.selection.state()
            whole = unpack(bits, n).reshape(4, -1).sum(axis=1)
            if not set(whole.tolist()) <= {0, 2500}:  # a block is in or out, never in part
                wrong.append(whole)
            if len(ds.selection.rows) % 2500:
                wrong.append("rows")

    readers = [threading.Thread(target=read) for _ in range(2)]
    writers = [threading.Thread(target=change, args=(block,)) for block in blocks]
    for thread in (*readers, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in readers:
        thread.join()
    assert not wrong
    assert ds.selection.count == n
    assert ds.selection.revision == 4 * 121


def test_a_million_rows_cost_milliseconds(record_property):
    ds = Dataset(pa.table({"x": np.arange(1_000_000) % 7}))
    half = np.arange(1_000_000) % 2 == 0
    for name, act in {
        "set": lambda: ds.select(half),
        "invert": ds.selection.invert,
        "mask": lambda: ds.selection.mask,
        "rows": lambda: ds.selection.rows,
        "count": lambda: ds.selection.count,
        "expression": lambda: ds.select("x < 3 and not x == 1"),
        "undo": ds.undo,
    }.items():
        start = time.thread_time()
        act()
        took = 1000 * (time.thread_time() - start)
        record_property(f"{name}_ms", round(took, 2))
        print(f"{name}: {took:.2f} ms")
        assert took < 1000, name
