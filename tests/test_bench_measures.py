"""The ratios of the measure benchmark; never seconds, which belong to the machine."""

import pytest

from tests.benchmarks.bench_measures import all_classes, gold_only


@pytest.mark.slow
def test_measures_keep_up_with_plain_numpy() -> None:
    rows = gold_only(1_000_000, 7) + all_classes(200_000, 5)
    missed = [
        f"{row.what}: {row.ratio:.2f} times a {row.yardstick}, at most {row.target}"
        for row in rows
        if row.target is not None and row.ratio > row.target
    ]
    assert not missed, "\n".join(missed)
