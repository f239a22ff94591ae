"""The texts of a dataset: each distinct one once, in an order of their own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dsx import columns, errors
from dsx.dataset import Dataset


@dataclass(frozen=True)
class Texts:
    """Distinct texts in byte order.

    `unique` is a large_string array (m,), `counts` (m,) how many rows have each, `place` int64
    (n,) the text of every row (-1: none) and `left_out` the masks of rows without one, with why.
    """

    unique: pa.Array
    counts: np.ndarray
    place: np.ndarray
    left_out: list[tuple[np.ndarray, str]]

    @property
    def repeated(self) -> int:
        """How many rows have a text that an earlier row has."""
        return int(self.counts.sum()) - len(self.unique)


def texts_of(dataset: Dataset) -> Texts:
    """The texts of the role text; InputError where that column holds no text."""
    check_text(dataset)
    column = dataset.column(dataset.role("text").column)
    if pa.types.is_null(column.type):
        column = column.cast(pa.large_string())
    return distinct(columns.one_array(column))


def check_text(dataset: Dataset) -> None:
    """InputError where the column of the role text holds something else."""
    name = dataset.role("text").column
    kind = dataset.column(name).type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    if not pa.types.is_null(kind) and not columns.is_string(kind):
        raise errors.bad_role(
            "text",
            "text, to make vectors from",
            f"column {name!r} of type {kind}",
            "name a column of texts: dsx.read(frame, text='column')",
        )


def distinct(array: pa.Array) -> Texts:
    """Distinct texts of an Arrow array of strings, plain or by dictionary."""
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    words = encoded.dictionary.cast(pa.large_string())
    code = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    seen = np.zeros(len(words) + 1, bool)
    seen[code] = True
    blank = np.asarray(pc.equal(pc.utf8_trim_whitespace(words), "").fill_null(True))
    known = np.flatnonzero(seen[:-1] & ~blank)
    # a dictionary may hold a text twice, or in any order: unique, then sorted by bytes
    again = words.take(pa.array(known)).dictionary_encode()
    order = pc.sort_indices(again.dictionary).to_numpy()
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    to_place = np.full(len(words) + 1, -1, np.int64)
    to_place[known] = rank[again.indices.to_numpy()]
    place = to_place[code]
    unique = again.dictionary.take(pa.array(order))
    counts = np.bincount(place[place >= 0], minlength=len(unique))
    none = code < 0
    left_out = [(none, "no text"), ((place < 0) & ~none, "an empty text")]
    return Texts(unique, counts, place, [(mask, why) for mask, why in left_out if mask.any()])
