"""What a million rows may cost on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.views import LOW, MADE, Map, asked, moved, opened_with

if TYPE_CHECKING:
    from tests.browser.lab import Lab

ROWS = 1_000_000
EPOCHS = 4
SMALL = 40_000  # messages without data of rows, all together


def test_a_million_rows(lab: Lab) -> None:
    """Points once, a column once, epochs once; after that bitmasks only."""
    nb = lab.open(
        [
            MADE,
            f"ds = made({ROWS}, epochs={EPOCHS})",
            "dsx.DataMap(ds)",
            "dsx.DataMap(ds, color='label')",
        ]
    )
    nb.run(0)
    nb.run(1)
    nb.run(2)
    view = Map(nb, 2).wait_drawn(40)
    nb.quiet()
    points = opened_with(nb, "x")
    assert len(points) == 1
    assert points[0]["bytes"] <= 16 * ROWS
    code = opened_with(nb, "bundle")[0]["bytes"]
    everything = moved(nb)["in"] - code
    assert everything <= 16 * ROWS + SMALL, f"{everything:,}"

    # a second map: its column once, no points
    start = nb.now()
    nb.run(3)
    second = Map(nb, 3).wait_drawn(20)
    nb.quiet()
    assert len(opened_with(nb, "x")) == 1
    crossed = moved(nb, start)
    assert crossed["in"] <= 4 * ROWS + SMALL, crossed
    start = nb.now()
    view.color_by("label")
    nb.quiet()
    assert moved(nb, start)["in"] < SMALL  # known already

    # epochs on the first scrub only
    start = nb.now()
    slider = view.root.locator("input[type=range]")
    slider.focus()
    nb.page.keyboard.press("Home")
    nb.quiet(1)
    assert 2 * EPOCHS * ROWS <= moved(nb, start)["in"] <= 2 * EPOCHS * ROWS + SMALL
    start = nb.now()
    for key in ("ArrowRight", "ArrowRight", "End"):
        nb.page.keyboard.press(key)
    nb.quiet(1)
    assert moved(nb, start)["in"] < SMALL
    assert len(asked(nb, "epochs")) == 1

    # then lassos: at most a bit a row each way
    for outline in (LOW, [(0.01, 0.02), (0.5, 0.02), (0.5, 0.6), (0.01, 0.6)]):
        start = nb.now()
        second.lasso(outline)
        count = view.wait_count()
        nb.kernel.wait(f"len(ds.selection) == {count}")
        nb.quiet(1)
        crossed = moved(nb, start)
        most = max(entry["buffers"] for entry in nb.wire(start))
        assert most <= ROWS / 8 + 8
        assert crossed["out"] <= ROWS / 8 + SMALL, crossed
        assert crossed["in"] <= ROWS / 8 + SMALL, crossed
        view.notebook.kernel("ds.selection.clear()\nNone")
        view.wait_count(0)
    nb.assert_clean()
