"""The embedding map in a real JupyterLab: points that come later, move, and are there again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.views import ALL, Map

if TYPE_CHECKING:
    from tests.browser.lab import Lab

VECTORS = """
import numpy as np
import dsx

rng = np.random.default_rng(0)
group = np.arange(1200) % 6
vectors = (rng.normal(0, 0.3, (1200, 8)) + 3 * np.eye(8)[group]).astype("f4")
ds = dsx.read({"vector": vectors, "label": group.astype(str)}, embedding="vector", label="label")
"""
TURNED = """
geometry = view._points()["map"]
x, y = (np.frombuffer(data, "f4") for data in (geometry.x, geometry.y))
def show(angle):
    geometry.show(np.cos(angle) * x - np.sin(angle) * y, np.sin(angle) * x + np.cos(angle) * y)
None
"""


def test_points_come_move_and_stay(lab: Lab) -> None:
    """A sentence at first; frames are painted and acknowledged; a lasso, final points, a reload."""
    show = "view = dsx.EmbeddingMap(ds, layout='pca', height=300)\nview"
    nb = lab.open([VECTORS, show, "dsx.Rows(ds, height=200)", TURNED])
    nb.page.set_viewport_size({"width": 1200, "height": 1400})
    for cell in range(3):
        nb.run(cell)
    root = nb.output(1).locator(".dsx-embedding")
    root.wait_for(timeout=20_000)
    assert root.locator(".dsx-waiting").count() == 1
    drawn = Map(nb, 1).wait_drawn(60)
    assert not root.locator(".dsx-waiting").is_visible()
    assert "near dots have similar" in root.locator(".dsx-says").inner_text()
    assert root.locator(".dsx-map-frame").count() == 1

    # A layout on its way: every frame is painted before the next is sent, and the last one stays.
    nb.run(3)
    before = drawn.print()
    nb.kernel("for k in range(1, 9): show(k / 5)\nNone")
    nb.kernel.wait("geometry._drawn == geometry._frame and geometry._waiting is None", 10)
    assert drawn.print() != before
    assert "still settling" in root.locator(".dsx-says").inner_text()
    assert drawn.ink() > 50

    # Whoever selects while points move selects rows, here and in the table.
    nb.kernel("show(2.5)\nNone")
    drawn.lasso(ALL)
    assert drawn.wait_count() == 1200
    nb.kernel.wait("len(ds.selection) == 1200")

    # Final points, and the same points again after the page was loaded anew.
    nb.kernel("geometry.place(x, y, dict(geometry.about), {})\nNone")
    nb.page.wait_for_function("!document.querySelector('.dsx-says').innerText.includes('settling')")
    nb.js("await panel().context.save()")
    nb.reload()
    assert Map(nb, 1).wait_drawn(30).ink() > 50
    nb.assert_clean()
