"""A layout of 100,000 points on its way, from a kernel to a page of JupyterLab.

    python -m tests.benchmarks.bench_stream [--rows 100000] [--seconds 8]

A thread of the kernel offers a new layout forty times a second, more often than any page paints;
each frame crosses as two bytes a coordinate once the page has painted the one before. Told are the
frames painted a second, the time from sending a frame to hearing that it is painted, and how many
frames were ever on their way at once.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks import results
from tests.browser.lab import Lab
from tests.browser.server import Server
from tests.browser.views import Map

LEAST = 10.0  # frames a second
LONGEST = 0.25  # seconds from sent to painted, the median

PREPARE = """
import threading, time
import numpy as np
import dsx

rng = np.random.default_rng(0)
vectors = rng.normal(size=({rows}, 8)).astype("f4")
label = (np.arange({rows}) % 7).astype(str)
ds = dsx.read({{"vector": vectors, "label": label}}, embedding="vector", label="label")
"""
OFFER = """
geometry = view._points()["map"]
start = rng.normal(size=(2, geometry.n)).astype("f4")
end = start * 0.3 + rng.normal(size=(2, 20)).astype("f4")[:, np.arange(geometry.n) % 20] * 3
sent, painted, sending, hearing = {}, {}, geometry._send_frame, geometry.drawn
def send():
    sending()
    sent[geometry._frame] = time.perf_counter()
def hear(frame):
    painted.setdefault(frame, time.perf_counter())
    most.append(geometry._frame - geometry._drawn)
    hearing(frame)
most = []
geometry._send_frame, geometry.drawn = send, hear
def offer(seconds):
    begin = time.perf_counter()
    while (gone := time.perf_counter() - begin) < seconds:
        geometry.show(*(start + (end - start) * (gone / seconds)))
        time.sleep(1 / 40)
    done.set()
def told():
    gaps = sorted(painted[frame] - sent[frame] for frame in painted)
    return len(gaps), max(painted.values()) - min(sent.values()), max(most), gaps
done = threading.Event()
None
"""


def run(rows: int, seconds: float) -> dict[str, Any]:
    """One stream in a fresh JupyterLab: its figures."""
    os.environ["DSX_WARM_UP"] = "0"  # it would share the cores with what is measured
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "jupyter")
        lab = Lab(server)
        try:
            cells = [PREPARE.format(rows=rows), "view = dsx.EmbeddingMap(ds, layout='pca')\nview"]
            notebook = lab.open([*cells, "view.wait()", OFFER])
            notebook.page.set_viewport_size({"width": 1200, "height": 1200})
            for cell in range(3):
                notebook.run(cell, 600)
            Map(notebook, 1).wait_drawn(60)
            notebook.run(3)
            offer = f"threading.Thread(target=offer, args=({seconds},), daemon=True).start()\nNone"
            notebook.kernel(offer)
            notebook.kernel.wait("done.is_set()", seconds + 20)
            notebook.page.wait_for_timeout(500)
            frames, taken, most, gaps = notebook.kernel("told()")
        finally:
            lab.stop()
            server.stop()
    return {
        "frames a second": frames / taken,
        "sent to painted": gaps[len(gaps) // 2],
        "longest": gaps[-1],
        "most on their way": most,
        "load": os.getloadavg()[0],
    }


def report(figures: dict[str, Any], rows: int) -> tuple[str, bool]:
    """The section of RESULTS.md, and whether what is promised holds."""
    rate, middle = figures["frames a second"], figures["sent to painted"]
    kept = rate >= LEAST and middle <= LONGEST and figures["most on their way"] <= 1
    lines = [
        "## A layout on its way",
        "",
        f"{rows:,} points from a kernel to a page of JupyterLab. {results.machine()}; headless"
        f" Chromium. {results.versions('anywidget', 'jupyterlab', 'ipykernel')}."
        f" Load {figures['load']:.1f}.",
        "",
        f"{rate:.1f} frames a second (at least {LEAST:g}); from sent to painted"
        f" {middle * 1000:.0f} ms in the median, {figures['longest'] * 1000:.0f} ms at most; never"
        f" more than {figures['most on their way']} on the way.",
    ]
    return "\n".join(lines), kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=8.0)
    arguments = parser.parse_args()
    text, kept = report(run(arguments.rows, arguments.seconds), arguments.rows)
    print(text)
    if not kept:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
