"""Between Arrow and numpy: slices, chunks, nested lists, nulls."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import dsx
from dsx import columns, errors

NAN = float("nan")


@given(
    hnp.arrays(
        st.sampled_from([np.float32, np.float64, np.int32, np.uint8]),
        hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=6),
        elements=st.integers(0, 100),
    ),
    st.data(),
)
def test_arrays_come_back_from_any_slice_and_chunking(values, data):
    array = columns.from_numpy(values)
    assert columns.shape(array.type) == values.shape[1:]
    start = data.draw(st.integers(0, len(values) - 1))
    stop = data.draw(st.integers(start + 1, len(values)))
    cut = data.draw(st.integers(0, len(values)))
    back = columns.to_numpy(array.slice(start, stop - start))
    assert back.dtype == values.dtype
    assert np.array_equal(back, values[start:stop])
    chunked = pa.chunked_array([array[:cut], array[cut:]])
    assert np.array_equal(columns.to_numpy(chunked), values)
    both = pa.chunked_array([array[start:stop], array])
    assert np.array_equal(columns.to_numpy(both), np.concatenate([values[start:stop], values]))


def test_half_floats_are_kept():
    values = np.arange(12, dtype=np.float16).reshape(2, 3, 2)
    back = columns.to_numpy(columns.from_numpy(values))
    assert back.dtype == np.float16
    assert np.array_equal(back, values)


def test_an_inner_list_with_an_offset_of_its_own():
    inner = pa.FixedSizeListArray.from_arrays(pa.array(np.arange(40, dtype=np.float32)), 2)
    outer = pa.FixedSizeListArray.from_arrays(inner.slice(2), 3)
    assert columns.to_numpy(outer).tolist() == outer.to_pylist()
    assert columns.to_numpy(outer.slice(2, 3)).tolist() == outer.slice(2, 3).to_pylist()


def test_null_rows_and_null_inner_lists_and_null_values_are_nan():
    kind = pa.list_(pa.list_(pa.float32(), 2), 2)
    rows = [[[1, 2], None], None, [[3, None], [5, 6]]]
    got = columns.to_numpy(pa.array(rows, kind))
    expected = [[[1, 2], [NAN, NAN]], [[NAN, NAN]] * 2, [[3, NAN], [5, 6]]]
    assert np.array_equal(got, np.array(expected, np.float32), equal_nan=True)
    sliced = columns.to_numpy(pa.array(rows, kind).slice(1))
    assert np.array_equal(sliced, np.array(expected[1:], np.float32), equal_nan=True)


def test_what_lies_under_a_null_list_is_not_read():
    child = pa.FixedSizeListArray.from_arrays(
        pa.array(np.arange(8, dtype=np.float32)), 2, mask=pa.array([False, True, False, False])
    )
    got = columns.to_numpy(pa.FixedSizeListArray.from_arrays(child, 2))
    assert np.isnan(got[0, 1]).all()
    assert got[1].tolist() == [[4, 5], [6, 7]]


def test_whole_numbers_with_nulls_become_floats_and_without_stay():
    assert columns.to_numpy(pa.array([1, 2])).dtype == np.int64
    assert np.array_equal(columns.to_numpy(pa.array([1, None])), [1, NAN], equal_nan=True)
    nested = columns.to_numpy(pa.array([[1, 2], None], pa.list_(pa.int32(), 2)))
    assert np.array_equal(nested, [[1, 2], [NAN, NAN]], equal_nan=True)


def test_text_times_and_flags():
    assert columns.to_numpy(pa.array(["a", None])).tolist() == ["a", None]
    times = columns.to_numpy(pa.array([1, None], pa.timestamp("ns")))
    assert times.dtype == "datetime64[ns]"
    assert np.isnat(times[1])
    assert columns.to_numpy(pa.array([True, False])).dtype == bool
    assert np.array_equal(columns.to_numpy(pa.array([True, None])), [1, NAN], equal_nan=True)
    assert columns.to_numpy(pa.array(["a", "b"]).dictionary_encode()).tolist() == ["a", "b"]


def test_numbers_are_not_copied_but_what_the_caller_may_write_is():
    mine = np.arange(6, dtype=np.float32).reshape(3, 2)
    array = columns.from_numpy(mine)
    mine[0, 0] = 99
    assert columns.to_numpy(array)[0, 0] == 0
    assert not columns.to_numpy(array).flags.writeable
    mine.flags.writeable = False
    shared = columns.to_numpy(columns.from_numpy(mine))
    assert np.shares_memory(shared, mine)


@pytest.mark.parametrize(
    ("values", "kind", "codes", "names"),
    [
        (["b", "a", None, "b"], pa.string(), [1, 0, -1, 1], ["a", "b"]),
        (["b", "a", None, "b"], pa.large_string(), [1, 0, -1, 1], ["a", "b"]),
        ([10, 9, None], pa.int64(), [1, 0, -1], ["9", "10"]),
        ([1.0, 0.5, NAN, None], pa.float64(), [1, 0, -1, -1], ["0.5", "1"]),
        ([1.0, 0.5, NAN], pa.float16(), [1, 0, -1], ["0.5", "1"]),
        ([0.0, -0.0, 1e300], pa.float64(), [0, 0, 1], ["0", "1e+300"]),
        ([True, False, None], pa.bool_(), [1, 0, -1], ["False", "True"]),
        ([b"\xff", b"a"], pa.binary(), [1, 0], ["a", "�"]),
        ([None, None], pa.null(), [-1, -1], []),
        ([None, None], pa.string(), [-1, -1], []),
        (["", " "], pa.string(), [0, 1], ["", " "]),
    ],
)
def test_codes(values, kind, codes, names):
    array = pa.array([np.float16(v) for v in values] if kind == pa.float16() else values, kind)
    for column in (array, pa.chunked_array([array[:1], array[1:]]), pa.chunked_array([array])):
        got, got_names = columns.codes(column)
        assert got.dtype == np.int32
        assert got.tolist() == codes
        assert got_names == names


def test_codes_of_dictionaries_whose_chunks_differ():
    chunks = [pa.array(["z", "a"]).dictionary_encode(), pa.array(["b", "z"]).dictionary_encode()]
    got, names = columns.codes(pa.chunked_array(chunks))
    assert [names[code] for code in got] == ["z", "a", "b", "z"]
    assert names == ["a", "b", "z"]


def test_codes_of_lists_are_refused_by_name():
    with pytest.raises(errors.InputError, match="one value a row"):
        columns.codes(pa.array([[1], [2]]))


def test_views_become_plain_columns():
    table = pa.table({"v": pa.array(["a", None], pa.string_view()), "x": [1, 2]})
    plain = columns.without_views(table)
    assert plain.schema.field("v").type == pa.large_string()
    assert plain.to_pylist() == table.to_pylist()


def test_a_large_array_is_used_where_it_lies_and_can_be_written_no_more(monkeypatch):
    monkeypatch.setattr(columns, "LARGE", 4_000)
    large, small = np.ones((100, 10), "f4"), np.ones((50, 2), "f4")
    for values, shared in ((large, True), (small, False), (large[::2], False)):
        column = columns.from_numpy(values)
        assert np.shares_memory(columns.to_numpy(column), values) == shared
    with pytest.raises(ValueError, match="read-only"):
        large[0] = 2
    small[0] = 2
    ds = dsx.read({"label": ["a"] * 100}, embedding=large.copy())
    assert any("not written" in note for note in ds.notes)
    assert np.array_equal(ds.values("embedding"), large)


def test_values_of_a_slice_of_lists_are_those_of_the_slice():
    whole = columns.from_numpy(np.arange(24.0).reshape(4, 3, 2))
    assert columns.flat(whole.slice(1, 2)).to_pylist() == whole.slice(1, 2).flatten().to_pylist()
