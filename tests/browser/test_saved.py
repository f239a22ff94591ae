"""A saved notebook, opened where no kernel answers: a picture, and a file that grew little."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from tests.browser.views import MADE, Map

if TYPE_CHECKING:
    from tests.browser.lab import Lab
    from tests.browser.notebook import Notebook

VIEWS = (2, 3)
SAVE_STATE = "@jupyter-widgets/jupyterlab-manager:saveWidgetState"


@pytest.fixture
def saved(lab: Lab) -> Path:
    """A notebook with a map and an explore, run and saved; its kernel has ended."""
    nb = lab.open(
        [
            MADE,
            "ds = made(20_000)",
            "dsx.DataMap(ds)",
            "dsx.explore(ds, encoder='lexical', layout='pca')",
        ]
    )
    before = nb.save()
    for cell in range(4):
        nb.run(cell)
    for cell in VIEWS:
        Map(nb, cell).wait_drawn()
        # one of the two is seen: the live view
        assert nb.output(cell).locator(".dsx-snap").count() == 1
        assert not nb.output(cell).locator(".dsx-snap img").is_visible()
    nb.page.wait_for_timeout(1500)  # the browser's picture replaces the one Python drew
    nb.quiet()
    grown = nb.save() - before
    assert grown < 200_000 * len(VIEWS), f"{grown:,} bytes for {len(VIEWS)} views"
    text = nb.file.read_text()
    assert (
        "of the made data"
        not in text.split("def made")[1].split("dsx.read")[1].split("outputs", 1)[1]
    )
    nb.assert_clean()
    lab.close_pages()
    return nb.file


def _without_kernel(path: Path, name: str) -> tuple[Path, Any]:
    notebook = nbformat.read(path, 4)
    # a kernel of another language: JupyterLab would start any Python for a Python notebook
    notebook.metadata["kernelspec"] = {"name": "gone", "display_name": "Gone", "language": "gone"}
    notebook.metadata["language_info"] = {"name": "gone"}
    return path.with_name(name), notebook


def _pictures(nb: Notebook) -> None:
    for cell in VIEWS:
        nb.show(cell)
        image = nb.output(cell).locator(".dsx-snap img")
        image.wait_for(state="visible", timeout=10_000)
        size = image.evaluate("(img) => [img.naturalWidth, img.naturalHeight, img.clientWidth]")
        assert min(size) > 200, size
        said = nb.output(cell).inner_text()
        assert "Loading widget" not in said and "Error displaying" not in said


def _no_kernel(nb: Notebook) -> None:
    button = nb.page.locator(".jp-Dialog").get_by_role("button", name="No Kernel")
    button.evaluate("(button) => button.click()")
    nb.page.wait_for_timeout(1000)


def test_in_jupyterlab_and_nbconvert(lab: Lab, saved: Path) -> None:
    from nbconvert import HTMLExporter
    from nbformat.sign import NotebookNotary

    # trusted, no kernel
    path, notebook = _without_kernel(saved, "trusted.ipynb")
    nbformat.write(notebook, path)
    notary = NotebookNotary(data_dir=str(lab.server.root.parent / "data"))
    notary.sign(nbformat.read(path, 4))
    notary.store.close()
    nb = lab.open(path=path.name, kernel=False)
    _no_kernel(nb)
    assert nb.js("return panel().content.widgets[2].model.trusted;") is True
    _pictures(nb)
    nb.screenshot("saved-trusted", cell=2)
    nb.page.close()

    # not trusted
    path, notebook = _without_kernel(saved, "untrusted.ipynb")
    notebook.cells[0].source += "\n# changed elsewhere"
    nbformat.write(notebook, path)
    nb = lab.open(path=path.name, kernel=False)
    _no_kernel(nb)
    assert nb.js("return panel().content.widgets[2].model.trusted;") is False
    _pictures(nb)

    # trusted, with a new kernel that knows nothing of the views
    nb = lab.open(path=saved.name)
    assert nb.js("return panel().content.widgets[2].model.trusted;") is True
    _pictures(nb)

    # nbconvert
    html, _ = HTMLExporter().from_notebook_node(nbformat.read(saved, 4))
    file = saved.with_suffix(".html")
    file.write_text(html)
    page = nb.page
    page.goto(file.as_uri(), wait_until="domcontentloaded")
    images = page.locator(".dsx-snap img")
    assert images.count() == len(VIEWS)
    for image in images.all():
        assert image.is_visible()
        assert image.evaluate("(img) => img.naturalWidth") > 200


@pytest.mark.slow
def test_widget_state_holds_no_points(lab: Lab) -> None:
    """With JupyterLab's own setting to save widget state, points stay out of the file."""
    nb = lab.open([MADE, "dsx.DataMap(made(50_000))"])
    nb.run(0)
    nb.run(1)
    Map(nb, 1).wait_drawn()
    nb.page.wait_for_timeout(1500)
    nb.js("await window.jupyterapp.commands.execute(arg)", SAVE_STATE)
    size = nb.save()
    state = json.loads(nb.file.read_text())["metadata"].get("widgets", {})
    assert state, "the setting was not on"
    assert size < 600_000, f"{size:,} bytes"
