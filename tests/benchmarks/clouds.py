"""Vectors like those of texts: clouds in few dimensions, seen through many, with noise."""

from __future__ import annotations

import os
import platform
import sys
import time

import numpy as np


def clouds(n: int, d: int = 384, seed: int = 0) -> np.ndarray:
    """float32 (n, d) of unit length: 50 clouds in 24 dimensions, mapped into d, and noise."""
    rng = np.random.default_rng(seed)
    centres = 2 * rng.normal(size=(50, 24))
    into = rng.normal(size=(24, d)) / 5
    found = np.empty((n, d), np.float32)
    for start in range(0, n, 20_000):
        m = min(20_000, n - start)
        inner = centres[rng.integers(0, 50, m)] + rng.normal(size=(m, 24))
        block = inner @ into + 0.3 * rng.normal(size=(m, d))
        found[start : start + m] = block / np.linalg.norm(block, axis=1, keepdims=True)
    return found


def spent() -> float:
    """Seconds of processor time of this process: a busy machine lengthens these less."""
    return time.process_time()


def load() -> str:
    """How busy the machine was, for the record."""
    if not hasattr(os, "getloadavg"):
        return platform.system()
    return f"load {os.getloadavg()[0]:.1f} at the end"


def peak_mib() -> float:
    """The most memory this process has held that is its own, in MiB (Linux)."""
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (2**20 if sys.platform == "darwin" else 1024)
