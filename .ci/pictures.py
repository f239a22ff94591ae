"""The README's picture, taken from the real page: python .ci/pictures.py"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

CELL = "import dsx\n\nds = dsx.demo('digits', flip=0.1)\ndsx.explore(ds)"
OUTLINE = [(0.02, 0.99), (0.02, 0.8), (0.25, 0.7), (0.42, 0.72), (0.42, 0.99)]


def main() -> None:
    from tests.browser.lab import Lab
    from tests.browser.server import Server
    from tests.browser.views import Map

    server = Server(Path(tempfile.mkdtemp()))
    lab = Lab(server)
    notebook = lab.open([CELL])
    notebook.page.set_viewport_size({"width": 1400, "height": 1150})
    notebook.run(0, 120)
    notebook.page.wait_for_selector(".dsx-live")
    notebook.page.wait_for_timeout(1500)
    Map(notebook, 0).lasso(OUTLINE)
    notebook.page.mouse.move(5, 5)
    notebook.page.wait_for_timeout(2000)
    target = ROOT / "docs" / "explore.png"
    target.parent.mkdir(exist_ok=True)
    notebook.page.locator(".dsx-explore").first.screenshot(path=target)
    lab.stop()
    server.stop()
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
