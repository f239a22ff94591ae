"""The map beside jupyter-scatter: the ratios that are promised."""

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(1800)]


def test_the_map_beside_jupyter_scatter() -> None:
    pytest.importorskip("playwright", reason="no Chromium found: Playwright is not installed")
    pytest.importorskip("jscatter", reason="jupyter-scatter is not installed: pip install .[bench]")
    from tests.benchmarks import bench_map, results
    from tests.browser.lab import find_chromium

    if find_chromium() is None:
        pytest.skip("no Chromium found")
    rows = 1_000_000
    text, kept = bench_map.report(bench_map.run(rows, 3), rows)
    results.write("map", text)
    assert kept, text
