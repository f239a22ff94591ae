"""From the call to painted points, and the memory it takes: the limits that are promised."""

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(1800)]


def test_the_first_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("playwright", reason="no Chromium found: Playwright is not installed")
    from tests.benchmarks import bench_first_picture, results
    from tests.browser.lab import find_chromium

    if find_chromium() is None:
        pytest.skip("no Chromium found")
    for name in ("DSX_CACHE", "DSX_WARM_UP"):  # what the benchmark sets is put back
        monkeypatch.setenv(name, "")
    text, kept = bench_first_picture.report(
        bench_first_picture.run(10_000, 1_000_000, 3), 10_000, 1_000_000
    )
    results.write("first picture", text)
    assert kept, text
