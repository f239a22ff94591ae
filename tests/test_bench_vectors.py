"""The ratios of the benchmarks on vectors; never seconds, which belong to the machine."""

import sys

import pytest

pytest.importorskip("faiss")


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("n", [20_000, 100_000])
def test_neighbours_take_a_third_of_scikit_learns_time(n: int) -> None:
    from tests.benchmarks.bench_neighbours import LEAST, MOST, compare

    ours = next(row for row in compare(n, 1) if row.what.startswith("the measure"))
    assert ours.ratio <= MOST and ours.recall >= LEAST, ours


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("n", [20_000, 100_000])
def test_a_warm_umap_is_sooner_there_than_plain_umap_learn(n: int) -> None:
    pytest.importorskip("umap")
    from tests.benchmarks.bench_umap import MOST, WORSE, compare

    row = compare(n, 1)
    assert row.our_trust >= row.peer_trust - WORSE, row
    assert row.ratio <= MOST[n], row


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
def test_a_million_vectors_have_a_pca_map_without_a_copy() -> None:
    from tests.benchmarks.bench_pca import MIB, compare

    ours, theirs = compare(1_000_000)
    assert ours.mib < MIB and ours.share == pytest.approx(theirs.share, rel=1e-4)
    assert ours.seconds <= theirs.seconds, (ours, theirs)
