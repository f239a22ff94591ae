"""PNG files from arrays, with zlib only."""

from __future__ import annotations

import struct
import zlib

import numpy as np

_LEVEL = 6


def png_rgba(image: np.ndarray, *, dpi: float = 0) -> bytes:
    """A PNG of uint8 (height, width, 3 or 4); the same bytes for the same image.

    An image of at most 256 colours is written with a palette, which is a fraction of the size.
    """
    image = np.ascontiguousarray(image)
    if image.shape[2] == 3:
        image = np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])
    few = _few_colours(image.view("<u4")[..., 0])
    if few is not None:
        return png_indexed(*few, dpi=dpi)
    opaque = bool((image[..., 3] == 255).all())
    pixels = image[..., :3] if opaque else image
    rows = _subtracted(pixels.reshape(len(image), -1), 3 if opaque else 4)
    return _file(image.shape[1], len(image), 2 if opaque else 6, rows, [], dpi)


def png_indexed(indices: np.ndarray, palette: np.ndarray, *, dpi: float = 0) -> bytes:
    """An 8-bit palette PNG: uint8 (height, width) places in uint8 (k, 3 or 4) colours, k <= 256."""
    height, width = indices.shape
    chunks = [(b"PLTE", np.ascontiguousarray(palette[:, :3]).tobytes())]
    if palette.shape[1] == 4 and (palette[:, 3] < 255).any():
        chunks.append((b"tRNS", np.ascontiguousarray(palette[:, 3]).tobytes()))
    rows = np.zeros((height, width + 1), np.uint8)  # filter 0: places are no amounts
    rows[:, 1:] = indices
    return _file(width, height, 3, rows, chunks, dpi)


def reduced(
    image: np.ndarray, paper: np.ndarray, colours: int = 128
) -> tuple[np.ndarray, np.ndarray]:
    """(indices, palette) of uint8 (h, w, 3) in at most `colours` colours (at most 256).

    Colours are rounded until they are few enough, each then to the mean of what it stands for;
    `paper`, uint8 (3,), stays as it is.
    """
    flat = image.reshape(-1, 3)
    for bits in range(5, 0, -1):
        key = _key(flat, bits)
        counts = np.bincount(key, minlength=1 << 3 * bits)
        found = np.flatnonzero(counts)
        if len(found) <= colours:
            break
    means = [np.bincount(key, flat[:, k], len(counts))[found] / counts[found] for k in range(3)]
    palette = (np.stack(means, axis=1) + 0.5).astype(np.uint8)
    palette[found == _key(paper[None], bits)[0]] = paper
    place = np.zeros(len(counts), np.uint8)
    place[found] = np.arange(len(found))
    return place[key].reshape(image.shape[:2]), palette


def _few_colours(packed: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """(indices, palette) where an image has at most 256 colours."""
    if len(np.unique(packed[:: 1 + len(packed) // 32])) > 256:  # a look before the long sort
        return None
    colours, indices = np.unique(packed, return_inverse=True)
    if len(colours) > 256:
        return None
    palette = colours[:, None].view(np.uint8).reshape(-1, 4)
    return indices.reshape(packed.shape).astype(np.uint8), palette


def _key(colours: np.ndarray, bits: int) -> np.ndarray:
    red, green, blue = (colours >> (8 - bits)).astype(np.int64).T
    return np.asarray((red << 2 * bits) | (green << bits) | blue)


def _subtracted(rows: np.ndarray, pixel: int) -> np.ndarray:
    """Filter 1, "sub": every pixel less the one to its left."""
    filtered = np.empty((len(rows), rows.shape[1] + 1), np.uint8)
    filtered[:, 0] = 1
    filtered[:, 1 : 1 + pixel] = rows[:, :pixel]
    filtered[:, 1 + pixel :] = rows[:, pixel:] - rows[:, :-pixel]
    return filtered


def _file(
    width: int,
    height: int,
    kind: int,
    rows: np.ndarray,
    more: list[tuple[bytes, bytes]],
    dpi: float,
) -> bytes:
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)), *more]
    if dpi:
        a_metre = round(dpi / 0.0254)
        chunks.append((b"pHYs", struct.pack(">IIB", a_metre, a_metre, 1)))
    chunks += [(b"IDAT", zlib.compress(rows.tobytes(), _LEVEL)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
