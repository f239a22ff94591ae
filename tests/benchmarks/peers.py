"""How each of the compared packages is shown, panned, recoloured and lassoed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.browser.notebook import Notebook

Box = dict[str, float]
Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Peer:
    """`prepare` loads the data, `show` draws (and sets `called`); both are cells.

    `recolour` returns when it was asked for. `polygon` holds about half of the points; the kernel's
    `received` is (time, count) once the mask is there.
    """

    name: str
    prepare: str
    show: str
    frames: int
    pan_tool: Callable[[Notebook], None]
    lasso_tool: Callable[[Notebook], None]
    recolour: Callable[[Notebook], float]
    polygon: Callable[[Box], Points]


LOAD = """
import time
import numpy as np
from IPython.display import display
data = np.load("{file}")
p, label = data["p"], data["label"]
received = None
"""

SCATTER_PREPARE = (
    LOAD
    + """
import jscatter
import pandas as pd
frame = pd.DataFrame({{
    "variability": p.std(axis=1),
    "confidence": p.mean(axis=1),
    "correct": pd.Categorical((p > 0.5).sum(axis=1)),
    "label": pd.Categorical(label),
}})
"""
)
SCATTER_SHOW = """
called = time.time()
scatter = jscatter.Scatter(
    x="variability", y="confidence", data=frame, color_by="correct",
    width={width}, height={height},
    regl_scatterplot_options={{}},
)
display(scatter.show())
def keep(change):
    global received
    mask = np.zeros(len(frame), bool)
    mask[scatter.selection()] = True
    received = (time.time(), int(mask.sum()))
scatter.widget.observe(keep, names="selection")
"""


def scatter_lasso(notebook: Notebook) -> None:
    notebook.kernel("scatter.mouse(mode='lasso')\nNone")
    notebook.page.wait_for_timeout(1000)


def scatter_recolour(notebook: Notebook) -> float:
    return float(notebook.kernel("asked = time.time()\nscatter.color(by='label')\nasked")) * 1000


def left_of(box: Box, share: float, inset: float = 0.0) -> Points:
    """The part of a box left of a share of its width."""
    left, right = box["x"] + inset, box["x"] + box["width"] * share
    top, bottom = box["y"] + inset, box["y"] + box["height"] - inset
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


SCATTER = Peer(
    name="jupyter-scatter",
    prepare=SCATTER_PREPARE,
    show=SCATTER_SHOW,
    frames=16,
    pan_tool=lambda notebook: None,
    lasso_tool=scatter_lasso,
    recolour=scatter_recolour,
    polygon=lambda box: left_of(box, 0.5, 2),
)

DSX_PREPARE = (
    LOAD
    + """
import dsx
names = np.array(["ant", "bee", "cow", "dog", "elk", "fox"])[label]
ds = dsx.read({{"label": names, "gold": p > 0.5}}, label="label", epoch_probs=p)
"""
)
DSX_SHOW = """
called = time.time()
view = dsx.DataMap(ds, height=580)
display(view)
def keep(kind, key, revision):
    global received
    if kind == "selection":
        mask = ds.selection.mask
        received = (time.time(), int(mask.sum()))
ds.changed.connect(keep)
"""


def dsx_tool(key: str) -> Callable[[Notebook], None]:
    """Choose a tool by its key."""

    def choose(notebook: Notebook) -> None:
        notebook.output(1).locator(".dsx-map-plane").focus()
        notebook.page.keyboard.press(key)

    return choose


def dsx_recolour(notebook: Notebook) -> float:
    """The reader chooses a column that the page does not have yet."""
    select = notebook.output(1).locator(".dsx-map select").first
    return float(
        select.evaluate(
            """(select) => {
              const asked = performance.timeOrigin + performance.now();
              select.value = "label";
              select.dispatchEvent(new Event("change", { bubbles: true }));
              return asked;
            }"""
        )
    )


DSX = Peer(
    name="dsx",
    prepare=DSX_PREPARE,
    show=DSX_SHOW,
    frames=40,
    pan_tool=dsx_tool("p"),
    lasso_tool=dsx_tool("l"),
    recolour=dsx_recolour,
    polygon=lambda box: left_of(box, 0.45, 12),
)

PEERS = {"dsx": DSX, "jupyter-scatter": SCATTER}
