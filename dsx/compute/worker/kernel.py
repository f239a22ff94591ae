"""The worker process: an IPython kernel."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Any

NICE = 10


def main(arguments: list[str]) -> None:
    """Be an IPython kernel whose prints go to the log."""
    from ipykernel.kernelapp import IPKernelApp

    # with no class for the output streams, prints stay on stdout, which is the log
    app: Any = IPKernelApp.instance(outstream_class=None)
    app.initialize(["--HistoryManager.enabled=False", *arguments])
    app.start()


def step_back() -> None:
    """Give way to other processes from now on: called once what jobs need is imported."""
    with contextlib.suppress(OSError, AttributeError, ValueError):
        if sys.platform != "linux":
            os.nice(NICE)
            return
        now = os.getpriority(os.PRIO_PROCESS, 0)
        for thread in Path("/proc/self/task").iterdir():  # on Linux each has its own priority
            os.setpriority(os.PRIO_PROCESS, int(thread.name), min(19, now + NICE))
