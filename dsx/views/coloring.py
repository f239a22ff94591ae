"""A column as one colour a row with its legend: the twin of `widgets/src/datamap/colour.ts`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dsx.dataset import Dataset
from dsx.views import catalogue, palette
from dsx.views.palette import MISSING, MOST_CATEGORIES, OTHER, Theme

CORRECTNESS = ("n_correct", "correctness")
REGIONS = ["easy", "ambiguous", "hard"]
_LEVELS = 10
_BINS = 9


@dataclass(frozen=True, slots=True)
class Entry:
    """One colour of a legend: its slot, what it stands for, and how many rows have it."""

    slot: int
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Coloring:
    """`codes` uint8 (n,): slots of `colours` uint8 (k, 3), OTHER and MISSING beyond."""

    title: str
    codes: np.ndarray
    colours: np.ndarray
    entries: tuple[Entry, ...]


def coloring(ds: Dataset, name: str, theme: Theme = "light", n_epochs: int = 0) -> Coloring:
    """How a map coloured by a column looks; "correctness" prefers the counts where they are."""
    if name == "correctness" and "n_correct" in ds.result_columns():
        name = "n_correct"
    about, data = catalogue.encoded(ds, name)
    values = np.frombuffer(
        data, {"u8": "u1", "u16": "<u2", "u32": "<u4", "f32": "<f4"}[about["dtype"]]
    )
    if name in CORRECTNESS:
        return _by_correctness(about["kind"], values, theme, n_epochs)
    if about["kind"] == "category":
        return _by_category(name, about, values, theme)
    return _by_number(about["title"], values.astype(np.float64), theme)


def _by_correctness(kind: str, values: np.ndarray, theme: Theme, n_epochs: int) -> Coloring:
    known = values != 255 if kind == "category" else np.isfinite(values)
    largest = float(values[known].max()) if known.any() else 0.0
    is_share = kind == "number" and largest <= 1
    total = (n_epochs or _LEVELS) if is_share else max(int(largest), n_epochs, 1)
    levels = min(total, _LEVELS)
    codes = np.full(len(values), MISSING, np.uint8)
    unit = 1 if is_share else total
    codes[known] = np.floor(values[known] / unit * levels + 0.5)
    exact = levels == total
    labels = [str(k) if exact else f"{round(100 * k / levels)}%" for k in range(levels + 1)]
    title = "correct in epochs" if exact else "correct in share of epochs"
    return _made(title, codes, palette.diverging(theme, levels + 1), labels)


def _by_category(
    name: str, about: dict[str, list[str]], values: np.ndarray, theme: Theme
) -> Coloring:
    names = about["categories"]
    missing = 255 if values.dtype.itemsize == 1 else 65535
    counts = np.bincount(values, minlength=65536)
    kept = list(range(len(names)))
    if len(names) > MOST_CATEGORIES:
        kept = sorted(kept, key=lambda code: -counts[code])[:MOST_CATEGORIES]
    slots = np.full(65536, OTHER, np.uint8)
    slots[kept] = np.arange(len(kept), dtype=np.uint8)
    slots[missing] = MISSING
    region = name == "region" and names == REGIONS
    colours = palette.regional(theme) if region else palette.categorical(theme, len(kept))
    labels = [names[code] or "(empty)" for code in kept]
    return _made(str(about["title"]), slots[values], colours, labels, len(names) - len(kept))


def _by_number(title: str, values: np.ndarray, theme: Theme) -> Coloring:
    known = np.isfinite(values)
    low, high = (values[known].min(), values[known].max()) if known.any() else (0.0, 1.0)
    step = _round_step((high - low) or 1.0, _BINS)
    low = np.floor(low / step + 1e-9) * step
    bins = max(1, min(14, int(np.ceil((high - low) / step - 1e-9))))
    codes = np.full(len(values), MISSING, np.uint8)
    codes[known] = np.clip((values[known] - low) / step, 0, bins - 1).astype(np.uint8)
    labels = [f"{low + k * step:.4g} to {low + (k + 1) * step:.4g}" for k in range(bins)]
    return _made(title, codes, palette.sequential(theme, bins), labels)


def _made(
    title: str, codes: np.ndarray, colours: np.ndarray, labels: list[str], others: int = 0
) -> Coloring:
    counts = np.bincount(codes, minlength=256)
    entries = [Entry(slot, label, int(counts[slot])) for slot, label in enumerate(labels)]
    if others:
        entries.append(Entry(OTHER, f"{others} others", int(counts[OTHER])))
    if counts[MISSING]:
        entries.append(Entry(MISSING, "no value", int(counts[MISSING])))
    return Coloring(title, codes, colours, tuple(entries))


def _round_step(span: float, most: int) -> float:
    """The smallest of 1, 2, 5 times a power of ten that cuts a span into at most `most` parts."""
    rough = span / most
    power = 10.0 ** np.floor(np.log10(rough))
    return float(next(k * power for k in (1, 2, 5, 10) if k * power >= rough * (1 - 1e-9)))
