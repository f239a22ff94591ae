"""The worker process: an IPython kernel."""

from __future__ import annotations

import contextlib
import os
from typing import Any

NICE = 10


def main(arguments: list[str]) -> None:
    """Be an IPython kernel of low priority, whose prints go to the log."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(NICE)
    from ipykernel.kernelapp import IPKernelApp

    # with no class for the output streams, prints stay on stdout, which is the log
    app: Any = IPKernelApp.instance(outstream_class=None)
    app.initialize(["--HistoryManager.enabled=False", *arguments])
    app.start()
