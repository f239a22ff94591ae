"""Text that wants to run: in cells, labels, column and category names. It is shown as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.views import Map

if TYPE_CHECKING:
    from tests.browser.lab import Lab

SET_UP = r"""
import numpy as np
import dsx

BAD = [
    "<script>window.__pwned = 1</script>",
    "<img src=x onerror='window.__pwned = 2'>",
    "<img src=\"http://pwned.invalid/pixel.png\">",
    "<a href=\"javascript:window.__pwned = 3\">click here</a>",
    "javascript:window.__pwned = 4",
    "\"><svg onload=window.__pwned=5>",
    "</style><style>@import url(http://pwned.invalid/a.css)</style>",
    "\u202egnitirw tfel ot thgir\u202c and back",
    "${window.__pwned = 6} {{constructor.constructor('window.__pwned = 7')()}}",
    "$$\\href{javascript:window.__pwned=8}{x}$$",
    "<iframe srcdoc='<script>parent.__pwned=9</script>'></iframe>",
    "x" * 200_000,
    "\x00 null and \ufeff mark and \u2028 line",
]
n = 600
rng = np.random.default_rng(0)
probs = rng.uniform(size=(n, 5)).astype("float32")
name = "<img src=x onerror='window.__pwned = 10'>"
ds = dsx.read(
    {"text": [BAD[i % len(BAD)] for i in range(n)],
     "label": [BAD[i % 4] for i in range(n)],
     name: [BAD[i % 3] for i in range(n)],
     "</script><script>window.__pwned=11</script>": list(range(n))},
    text="text", label="label", epoch_probs=probs, name="<b onmouseover=window.__pwned=12>name</b>",
)
"""


def test_nothing_runs(lab: Lab) -> None:
    nb = lab.open(
        [
            SET_UP,
            "dsx.explore(ds, encoder='lexical')",
            "dsx.DataMap(ds, color=name)",
            "dsx.Rows(ds, columns=[name])",
            "ds",
        ]
    )
    nb.page.set_viewport_size({"width": 1400, "height": 1600})
    for cell in range(5):
        nb.run(cell)
    explore, view = Map(nb, 1).wait_drawn(), Map(nb, 2).wait_drawn()
    page = nb.page

    # every way a text gets on the page: tooltip, legend, table, facets, colours, tags, popovers
    for x in (0.3, 0.45, 0.5, 0.55, 0.6):
        view.move_to(x, 0.5)
        page.wait_for_timeout(250)
    for option in explore.root.locator("select[aria-label='Colour by'] option").all():
        value = option.get_attribute("value")
        if value:
            explore.color_by(value)
            page.wait_for_timeout(100)
    explore.lasso([(0.3, 0.2), (0.95, 0.2), (0.95, 0.9), (0.3, 0.9)])
    explore.wait_count()
    frame = nb.output(1).locator(".dsx-explore")
    frame.get_by_role("button", name="What is special here").click()
    frame.locator(".dsx-contrast-lists").wait_for(timeout=20_000)
    nb.kernel("ds.decisions.tag(BAD[1])\nds.decisions.relabel(BAD[0], new=True)\nNone")
    grid = nb.output(3).locator("[role=grid]")
    grid.locator(".dsx-row-text").first.wait_for(timeout=10_000)
    grid.focus()
    for key in ("End", "Home", "ArrowDown", "Enter", "ArrowDown", "Enter"):
        page.keyboard.press(key)
        page.wait_for_timeout(100)
    for key in ("t", "r"):
        page.keyboard.press(key)
        page.wait_for_timeout(500)
        page.keyboard.press("Escape")
        grid.focus()
    nb.screenshot("hostile")

    assert nb.js("return window.__pwned ?? null;") is None
    shown = page.inner_text("body")
    assert "<script>window.__pwned = 1</script>" in shown
    assert "<img src=x onerror=" in shown
    inside = "[data-cell] .jp-Cell-outputArea"
    assert (
        page.locator(f"{inside} .dsx script, {inside} .dsx iframe, {inside} .dsx img").count() == 0
    )
    assert page.locator(f"{inside} a[href^='javascript:']").count() == 0
    # a character that turns the line round stays within its row
    assert page.locator(f"{inside} .dsx-row-text:not([dir])").count() == 0
    nb.assert_clean()
