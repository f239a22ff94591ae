"""Functions that tests ask the worker for."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from dsx.compute import saved


def doubled(n: int) -> dict[str, Any]:
    if n < 0:
        raise ValueError("negative")
    return {"values": 2 * np.arange(n, dtype=np.float32), "n": np.int64(n)}


def first_pid(folder: str) -> int:
    return int(saved.load(Path(folder)).column("pid")[0])


def priorities() -> list[int]:
    """Of all threads, the warm-up's apart."""
    threads = [int(path.name) for path in Path("/proc/self/task").iterdir()]
    return sorted({os.getpriority(os.PRIO_PROCESS, thread) for thread in threads})


def die_once(mark: str) -> int:
    """Ends the worker the first time."""
    if not Path(mark).exists():
        Path(mark).touch()
        os._exit(3)
    return os.getpid()


def die() -> None:
    os._exit(3)


def limit_files(size: int) -> None:
    """No file may grow beyond so many bytes, as on a disk that is full; -1: no limit."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def steps() -> list[tuple[str, Any]]:
    """A warm-up whose first step waits for a file, and whose second makes one."""
    folder = Path(os.environ["DSX_TOY"])

    def one() -> None:
        while not (folder / "one").exists():
            time.sleep(0.01)

    return [("one", one), ("two", (folder / "two").touch)]


def chatty() -> str:
    """Speaks on another comm before it answers, as a progress bar's widget does."""
    from comm import create_comm

    create_comm(target_name="another", data={}).send({"x": 1})
    return "answered"
