"""What stays when cells run again, are deleted, when the page is loaded anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.views import LOW, MADE, Map, drawn, opened_with

if TYPE_CHECKING:
    from tests.browser.lab import Lab
    from tests.browser.notebook import Notebook

COUNTS = """
import gc, comm, ipywidgets
from IPython.display import display
def counts():
    gc.collect()
    kinds = [type(each).__name__ for each in gc.get_objects()]
    return {
        "widgets": len(ipywidgets.widgets.widget._instances),
        "comms": len(comm.get_comm_manager().comms),
        "datasets": kinds.count("Dataset"),
    }
"""


def _page(nb: Notebook) -> dict[str, Any]:
    """Canvases, models and megabytes of the page after its garbage was taken."""
    client = nb.page.context.new_cdp_session(nb.page)
    client.send("HeapProfiler.enable")
    client.send("HeapProfiler.collectGarbage")
    usage = client.send("Runtime.getHeapUsage")
    client.detach()
    return {
        "canvases": nb.page.locator(".dsx canvas").count(),
        "megabytes": (usage["usedSize"] + usage.get("backingStorageSize", 0)) / 1e6,
    }


@pytest.mark.slow
def test_running_again_and_deleting_leaks_nothing(lab: Lab) -> None:
    cells = [
        MADE + COUNTS,
        "ds = made(60_000)",
        "dsx.explore(ds, encoder='lexical', layout='pca')",
        "view = dsx.DataMap(made(60_000, seed=1))\ndisplay(view)",
        "1 + 1",
    ]
    nb = lab.open(cells)
    for cell in range(4):
        nb.run(cell)
    Map(nb, 3).wait_drawn()
    nb.run(2)
    nb.run(3)
    Map(nb, 3).wait_drawn()
    kernel, page = nb.kernel("counts()"), _page(nb)
    for _ in range(10):
        nb.run(2)
        nb.run(3)
    Map(nb, 2).wait_drawn()
    Map(nb, 3).wait_drawn()
    nb.page.wait_for_timeout(11_500)  # data stay ten seconds, for a cell that runs again
    assert nb.kernel("counts()") == kernel
    after = _page(nb)
    assert after["canvases"] == page["canvases"]
    # ten more of each would be 20 x 60,000 rows x 10 bytes and more
    assert after["megabytes"] < page["megabytes"] + 5, (page, after)

    nb.delete(3)
    nb.delete(2)
    nb.run(2)  # deleted cells are named with the next execution
    nb.kernel("del view\nNone")
    nb.page.wait_for_timeout(500)
    left = nb.kernel("counts()")
    assert left["widgets"] <= 4, left  # the code and the line to Python stay for the next view
    assert left["comms"] <= left["widgets"] + 2, left
    assert _page(nb)["canvases"] == 0
    nb.assert_clean()


@pytest.mark.slow
def test_loading_the_page_anew(lab: Lab) -> None:
    """With the kernel alive, views draw again and the selection and the filter stand."""
    nb = lab.open(
        [
            MADE,
            "ds = made(20_000)",
            "dsx.DataMap(ds)",
            "dsx.explore(ds, encoder='lexical', layout='pca')",
        ]
    )
    for cell in range(4):
        nb.run(cell)
    view = Map(nb, 2).wait_drawn()
    view.lasso(LOW)
    count = view.wait_count()
    nb.kernel.wait(f"len(ds.selection) == {count}")
    Map(nb, 3).wait_drawn()
    nb.quiet()
    nb.save()
    nb.reload()
    assert Map(nb, 2).wait_drawn().wait_count() == count
    assert Map(nb, 3).wait_drawn().wait_count() == count
    assert min(drawn(nb)) > 500
    assert nb.kernel("len(ds.selection)") == count
    assert len(opened_with(nb, "bundle")) <= 1
    # and Python is still heard
    nb.kernel("ds.select('label == \"bee\"')\nNone")
    Map(nb, 2).wait_count(10_000)
    nb.assert_clean()
