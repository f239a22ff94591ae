"""Small pictures of rows, as data addresses: bytes from the dataset, never an address to fetch."""

from __future__ import annotations

import base64

import numpy as np
import pyarrow as pa

from dsx.dataset import Dataset

BIGGEST = 96 << 10
_KINDS = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpeg",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
}


def images(ds: Dataset, rows: np.ndarray) -> list[str]:
    """A data address for each row (k,) whose image is bytes of a known kind, else "".

    Only raster formats: an SVG could carry a script. Pictures above 96 kB are left out.
    """
    role = ds.roles.get("image")
    if role is None:
        return [""] * len(rows)
    values = ds.column(role.column).take(pa.array(rows)).to_pylist()
    return [address(value) for value in values]


def address(value: object) -> str:
    """ "data:image/png;base64,..." of image bytes (or {"bytes": ...}); "" for anything else."""
    data = value.get("bytes") if isinstance(value, dict) else value
    if not isinstance(data, bytes) or len(data) > BIGGEST:
        return ""
    kind = next((kind for magic, kind in _KINDS.items() if data.startswith(magic)), "")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        kind = "webp"
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}" if kind else ""
