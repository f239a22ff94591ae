"""The notebook beside a long job: the answer that is promised."""

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(1200)]


def test_the_notebook_while_the_worker_works(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("playwright", reason="no Chromium found: Playwright is not installed")
    pytest.importorskip("umap", reason="umap-learn is not installed: pip install .[map]")
    from tests.benchmarks import bench_busy, results
    from tests.browser.lab import find_chromium

    if find_chromium() is None:
        pytest.skip("no Chromium found")
    for name in ("DSX_CACHE", "DSX_WARM_UP"):  # what the benchmark sets is put back
        monkeypatch.setenv(name, "")
    text, kept = bench_busy.report(bench_busy.run(100_000, 20), 100_000, 20)
    results.write("busy", text)
    assert kept, text
