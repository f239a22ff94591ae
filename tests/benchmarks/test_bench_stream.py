"""Streamed layouts: the frames a second that are promised."""

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(900)]


def test_a_layout_on_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("playwright", reason="no Chromium found: Playwright is not installed")
    from tests.benchmarks import bench_stream, results
    from tests.browser.lab import find_chromium

    if find_chromium() is None:
        pytest.skip("no Chromium found")
    for name in ("DSX_CACHE", "DSX_WARM_UP"):  # what the benchmark sets is put back
        monkeypatch.setenv(name, "")
    text, kept = bench_stream.report(bench_stream.run(100_000, 10.0, 18.0), 100_000)
    results.write("stream", text)
    assert kept, text
