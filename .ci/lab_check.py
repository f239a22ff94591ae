"""Does what the README promises a newcomer: a clone, its `lab` command, the lesson, a data map.

Run by .ci/run with the Python of the test environment; needs a package index and a Chromium.
The newcomer's environment is its own: nothing is installed here but what the command installs.
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from readme_command import readme_command

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "tests" / "out"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
INSTALL_SECONDS = 600
DRAW_SECONDS = 120


@contextmanager
def lab(clone: Path, runtime: Path) -> Iterator[str]:
    """The address at which the README's command, run in `clone`, serves JupyterLab."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "DSX_"))}
    environment |= {"JUPYTER_RUNTIME_DIR": str(runtime), "BROWSER": "true"}
    log = OUT / "lab.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            ["bash", "-c", readme_command("lab")],
            cwd=clone,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield wait_for_server(server, runtime, log)
        finally:
            if server.poll() is None:
                os.killpg(server.pid, signal.SIGTERM)
            server.wait(30)


def wait_for_server(server: subprocess.Popen[bytes], runtime: Path, log: Path) -> str:
    """The lesson's address, once the server answers; else the end of the log."""
    lesson = readme_command("lab").partition("default_url=/")[2]
    end = time.monotonic() + INSTALL_SECONDS
    while time.monotonic() < end and server.poll() is None:
        for file in runtime.glob("jpserver-*.json"):
            info = json.loads(file.read_text())
            if answers(f"{info['url']}api/status?token={info['token']}"):
                return f"{info['url']}{lesson}?token={info['token']}"
        time.sleep(0.5)
    raise SystemExit(f"no JupyterLab came up:\n{log.read_text()[-4000:]}")


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:  # it is not listening yet
        return False


def run_lesson(page: Page, address: str) -> None:
    """Opens the lesson and runs its cells, one by one, until its first map is drawn."""
    page.goto(address)
    # Before the kernel is there, JupyterLab answers "run" by asking which kernel.
    page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for(timeout=60_000)
    page.locator(".jp-Notebook .jp-Cell").first.click()
    page.keyboard.press("Escape")
    active = page.locator(".jp-Notebook .jp-Cell.jp-mod-active")
    for _ in range(page.locator(".jp-Notebook .jp-Cell").count()):
        explores = "dsx.explore(" in active.inner_text()
        page.keyboard.press("Shift+Enter")
        if explores:
            break
    drawn = page.locator(".dsx-live").first
    drawn.wait_for(state="attached", timeout=DRAW_SECONDS * 1000)
    drawn.evaluate("element => element.scrollIntoView()")  # for the picture taken next


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    browser_path = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert browser_path, f"none of {', '.join(BROWSERS)} is here"
    with tempfile.TemporaryDirectory(prefix="dsx-lab-") as name:
        clone, runtime = Path(name, "dsx"), Path(name, "runtime")
        runtime.mkdir()
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        started = time.monotonic()
        with lab(clone, runtime) as address, sync_playwright() as playwright:
            print(f"JupyterLab answers after {time.monotonic() - started:.0f} s")
            started = time.monotonic()
            browser = playwright.chromium.launch(
                executable_path=browser_path, args=["--no-sandbox"]
            )
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            try:
                run_lesson(page, address)
            finally:
                page.screenshot(path=OUT / "lab-check.png")
                browser.close()
            print(f"a data map of the lesson is drawn {time.monotonic() - started:.0f} s later")


if __name__ == "__main__":
    main()
