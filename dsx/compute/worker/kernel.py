"""The worker process: `python -m dsx.compute.worker.kernel -f connection-file`."""

from __future__ import annotations

import contextlib
import os
import sys

NICE = 10


def main() -> None:
    """Be an IPython kernel of low priority, whose prints go to the log."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(NICE)
    from ipykernel.kernelapp import IPKernelApp

    # with no class for the output streams, prints stay on stdout, which is the log
    app = IPKernelApp.instance(outstream_class=None)
    app.initialize(["--HistoryManager.enabled=False", *sys.argv[1:]])
    app.start()


if __name__ == "__main__":
    main()
