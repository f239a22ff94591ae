"""Functions that tests ask the worker for."""

from __future__ import annotations

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
