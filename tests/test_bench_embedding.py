"""The ratios of the embedding benchmark; never seconds, which belong to the machine."""

import pytest

from dsx.encoders import models


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(not models.installed(), reason="without sentence-transformers")
@pytest.mark.skipif(models.find(models.DEFAULT) is None, reason="without all-MiniLM-L6-v2")
def test_embedding_beside_a_plain_encode() -> None:
    from tests.benchmarks import bench_embedding as bench

    rows, lexical, device = bench.measured(400, 3)
    text = bench.table(rows, lexical, device, 3)
    # without 16 bits in hardware nothing is promised but to be no slower
    least = 1.0 if "float32" in device else bench.WANTED
    assert all(row.ratio >= least and row.cosine >= bench.LEAST_COSINE for row in rows), text
