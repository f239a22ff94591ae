"""The README's picture, taken from the real page: python .ci/pictures.py"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

CELL = "import dsx\n\nds = dsx.demo('docstrings')\nview = dsx.explore(ds, encoder='lexical')\nview"
WAIT = "view.wait(300)"
OUTLINE = [(0.75, 0.39), (0.9, 0.48), (0.9, 0.75), (0.69, 0.69), (0.63, 0.54), (0.68, 0.42)]


def main() -> None:
    from tests.browser.lab import Lab
    from tests.browser.server import Server
    from tests.browser.views import Map

    server = Server(Path(tempfile.mkdtemp()))
    lab = Lab(server)
    notebook = lab.open([CELL, WAIT])
    notebook.page.set_viewport_size({"width": 1560, "height": 1250})
    notebook.run(0, 120)
    notebook.page.wait_for_selector(".dsx-live")
    notebook.run(1, 300)
    notebook.show(0)
    notebook.page.wait_for_timeout(2500)
    shown = Map(notebook, 0)
    shown.plane.focus()
    for key in ("+", "ArrowLeft", "ArrowUp"):  # to the many, away from what lies far out
        notebook.page.keyboard.press(key)
        notebook.page.wait_for_timeout(600)
    shown.lasso(OUTLINE)
    notebook.output(0).locator(".dsx-contrast-title").click()
    notebook.page.mouse.move(5, 5)
    notebook.page.wait_for_timeout(3500)
    target = ROOT / "docs" / "explore.png"
    target.parent.mkdir(exist_ok=True)
    notebook.page.locator(".dsx-explore").first.screenshot(path=target)
    lab.stop()
    server.stop()
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
