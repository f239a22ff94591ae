"""Points as density: colours are averaged where points pile up, and the more points the more ink.

The twin of `widgets/src/density.ts`.
"""

from __future__ import annotations

import numpy as np

_LEAST = 0.68  # ink of a pixel with one point in it: a lone dot must show its colour
_MOST_WRITES = 1_600_000


def density(
    x: np.ndarray,
    y: np.ndarray,
    codes: np.ndarray,
    colours: np.ndarray,
    *,
    alpha: float,
    radius: float,
    size: tuple[int, int],
) -> np.ndarray:
    """float (height, width, 4), premultiplied, alpha in 0..1.

    `x`, `y` in pixels, all within `size` (height, width); `colours` uint8 (256, 3), averaged in
    linear light (by the square: near enough to sRGB, and its root is cheap).
    """
    height, width = size
    pixels = len(x) * np.pi * (radius + 0.5) ** 2 > _MOST_WRITES and radius < 3
    reach = 0 if pixels else int(np.ceil(radius)) + 1
    wide, high = width + 2 * reach, height + 2 * reach
    place = (y.astype(np.int64) + reach) * wide + x.astype(np.int64) + reach
    linear = colours.astype(np.float64) ** 2
    counts = [linear[codes, channel] for channel in range(3)]
    sums = np.stack(
        [np.bincount(place, count, wide * high) for count in counts]
        + [np.bincount(place, minlength=wide * high)]
    ).reshape(4, high, wide)
    if reach:
        sums = _spread(sums, radius, reach)
    weight = sums[3]
    used = weight > 1e-6
    full = np.log1p(max(3.0, 8 * weight.sum() / max(1, used.sum())))
    safe = np.where(used, weight, 1)
    more = _LEAST + (1 - _LEAST) * np.log1p(np.maximum(safe - 1, 0)) / full
    share = np.where(weight < 1, _LEAST * weight * used, np.minimum(1, more)) * alpha
    drawn = np.empty((height, width, 4))
    drawn[..., :3] = (np.sqrt(sums[:3] / safe) * (share / 255)).transpose(1, 2, 0)
    drawn[..., 3] = share
    return drawn


def _spread(sums: np.ndarray, radius: float, reach: int) -> np.ndarray:
    """Every point made a disc with a soft edge: (4, height, width) without the margin."""
    _, high, wide = sums.shape
    height, width = high - 2 * reach, wide - 2 * reach
    if radius > 3:
        return _spread_wide(sums, radius, reach, np.zeros((4, height, width)))
    sums = sums.astype(np.float32)
    spread = np.zeros((4, height, width), np.float32)
    for row in range(-reach, reach + 1):
        for column in range(-reach, reach + 1):
            share = min(1.0, radius + 0.5 - float(np.hypot(row, column)))
            if share >= 0.06:
                top, left = reach + row, reach + column
                spread += share * sums[:, top : top + height, left : left + width]
    return spread


def _spread_wide(sums: np.ndarray, radius: float, reach: int, spread: np.ndarray) -> np.ndarray:
    """The same for wide discs, with running sums; their edges are smooth enough as they are."""
    _, height, width = spread.shape
    running = np.zeros((4, sums.shape[1], sums.shape[2] + 1))
    np.cumsum(sums, axis=2, out=running[..., 1:])
    for row in range(-reach, reach + 1):
        if abs(row) > radius + 0.25:
            continue
        half = int(np.sqrt((radius + 0.25) ** 2 - row**2))
        band = running[:, reach + row : reach + row + height]
        spread += band[..., reach + half + 1 : reach + half + 1 + width]
        spread -= band[..., reach - half : reach - half + width]
    return spread  # of whole numbers, and so exact
