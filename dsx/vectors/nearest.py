"""The rows nearest to one vector, by cosine, going through all of them."""

from __future__ import annotations

import numpy as np

from dsx.vectors.unit import CHUNK


def to_one(
    vectors: np.ndarray, place: np.ndarray, k: int, used: np.ndarray, *, but: int = -1
) -> tuple[np.ndarray, np.ndarray]:
    """(uint32 (m,) rows, float32 (m,) cosines), nearest first, m at most k.

    `vectors` (n, d) of any length, read chunk by chunk; `used` bool (n,): the rows that count;
    `but` is a row to leave out. Rows of length zero are near nothing.
    """
    similarity = np.full(len(vectors), -np.inf, np.float32)
    place = place.astype(np.float32) / max(float(np.linalg.norm(place)), 1e-30)
    for start in range(0, len(vectors), CHUNK):
        block = np.asarray(vectors[start : start + CHUNK], np.float32)
        length = np.sqrt(np.einsum("ij,ij->i", block, block))
        with np.errstate(invalid="ignore", divide="ignore"):
            cosine = (block @ place) / length
        known = used[start : start + CHUNK] & np.isfinite(cosine)
        similarity[start : start + CHUNK][known] = cosine[known]
    if but >= 0:
        similarity[but] = -np.inf
    k = min(k, int(np.count_nonzero(similarity > -np.inf)))
    if not k:
        return np.zeros(0, np.uint32), np.zeros(0, np.float32)
    found = np.argpartition(-similarity, k - 1)[:k]
    order = np.lexsort((found, -similarity[found]))
    rows = found[order].astype(np.uint32)
    return rows, similarity[rows]
