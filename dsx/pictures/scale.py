"""Round ticks and bins of an axis; the twin of `widgets/src/scale.ts`."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Ticks:
    """Values at round numbers, and how to write them."""

    values: list[float]
    write: Callable[[float], str]


def round_step(span: float, count: float) -> float:
    """A step of 1, 2 or 5 times a power of ten that cuts `span` into about `count` parts."""
    if not span > 0:
        return 1.0
    rough = span / max(1.0, count)
    power = 10.0 ** math.floor(math.log10(rough))
    rest = rough / power
    return power * (10 if rest >= 7.07 else 5 if rest >= 3.16 else 2 if rest >= 1.41 else 1)


def ticks(low: float, high: float, count: float) -> Ticks:
    """Round numbers from `low` to `high`, about `count` of them."""
    step = round_step(high - low, count)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return Ticks([k * step for k in range(first, last + 1)], writer(step))


def writer(step: float) -> Callable[[float], str]:
    """Writes numbers with the decimals that a step needs."""
    power = math.floor(math.log10(step) + 1e-9)
    if power > 5 or power < -6:
        return lambda value: f"{value:.1e}".replace("-", "−")
    decimals = max(0, -power)
    return lambda value: f"{round(value, decimals) + 0.0:.{decimals}f}".replace("-", "−")


def bins(low: float, high: float, count: float, most: float = math.inf) -> np.ndarray:
    """Edges of round bins over `low` to `high`, none beyond `most`."""
    step = round_step(high - low, count)
    first = math.floor(low / step + 1e-9)
    last = math.ceil(min(high, most) / step - 1e-9)
    return np.round(np.arange(first, max(last, first + 1) + 1) * step, 12)
