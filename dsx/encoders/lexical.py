"""Word vectors that need no model: TF-IDF and a truncated singular value decomposition.

Latent semantic analysis (Deerwester et al. 1990): terms weighted by how often they stand in a
text and how few texts have them, then the leading singular directions, found by randomised
subspace iteration (Halko et al. 2011). Distinct texts are taken once, in byte order, with the
number of rows that have them as a weight, so neither the order of rows nor the number of threads
changes a byte; the sign of a direction is that of its largest loading.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dsx import columns, stats
from dsx.dataset import Dataset
from dsx.encoders.encoded import Encoded, Report, spread, unit_length
from dsx.encoders.terms import Counts, count_known, count_terms, words_of
from dsx.encoders.texts import Texts, texts_of

ALONE = "no word or character that tells how it is like other texts"
DIMENSIONS = 100
OVERSAMPLING = 10
ITERATIONS = 4
# a direction below this part of the largest singular value is rounding, not data
_NEGLIGIBLE = 1e-3
# a text of which the directions keep less than this part of its length points nowhere
_INVISIBLE = 1e-3


@dataclass(frozen=True)
class Fit:
    """Vectors float32 (m, d) of unit length (NaN: no known term), loadings float32 (terms, d).

    `idf` is float32 (terms,), `kept` the share of the squared TF-IDF weights that the directions
    keep.
    """

    vectors: np.ndarray
    loadings: np.ndarray
    idf: np.ndarray
    kept: float


def encode(dataset: Dataset, seed: int, report: Report) -> Encoded:
    """The lexical embedding of a dataset's texts; table `terms` places a query among them."""
    texts = texts_of(dataset)
    report.stage("counting words")
    counts = count_terms(texts.unique, report)
    report.stage("finding directions")
    made = fit(counts, texts.counts, seed)
    vectors = spread(made.vectors, texts.place)
    alone = np.isnan(vectors[:, 0]) & (texts.place >= 0)
    left_out = list(texts.left_out)
    if alone.any():
        left_out.append((alone, ALONE))
    terms = {
        "term": counts.terms,
        "characters": pa.array(counts.characters),
        "idf": pa.array(made.idf),
        "loadings": columns.from_numpy(made.loadings),
    }
    notes = _notes(texts, counts, made)
    return Encoded(vectors, left_out, notes, {"terms": terms}, backend="numpy and scipy")


def fit(counts: Counts, weights: np.ndarray, seed: int) -> Fit:
    """Directions of texts (m,) of which `weights` (m,) rows have each."""
    from scipy.sparse import csr_array
    from threadpoolctl import threadpool_limits

    m, n_terms = len(weights), len(counts.terms)
    idf = _idf(counts, weights)
    if not len(counts.term):
        nothing = np.full((m, 1), np.nan, np.float32)
        return Fit(nothing, np.zeros((n_terms, 1), np.float32), idf, 0.0)
    data = _weights(counts.count, idf[counts.term])
    data /= np.sqrt(np.bincount(counts.text, data**2, minlength=m))[counts.text]
    start = np.concatenate([[0], np.cumsum(np.bincount(counts.text, minlength=m))])
    tf_idf = csr_array((data.astype(np.float32), counts.term, start), shape=(m, n_terms))
    # one thread: the sums of a threaded product depend on how it was cut
    with threadpool_limits(1):
        loadings, share = _directions(tf_idf, weights.astype(np.float32), seed)
        vectors = unit_length(tf_idf @ loadings, _INVISIBLE)
    return Fit(vectors, loadings, idf, share)


def place(text: str, terms: pa.Table) -> np.ndarray:
    """float32 (d,): a text among those that the table `terms` comes from; NaN without a term."""
    characters = columns.to_numpy(terms.column("characters"))
    found, count = count_known(text, columns.one_array(terms.column("term")), characters)
    loadings = columns.to_numpy(terms.column("loadings"))
    if not len(found):
        return np.full(loadings.shape[1], np.nan, np.float32)
    weights = _weights(count, columns.to_numpy(terms.column("idf"))[found])
    vector = (weights.astype(np.float32) @ loadings[found])[None]
    return np.asarray(unit_length(vector, _INVISIBLE)[0])


def words_used(text: str, terms: pa.Table) -> tuple[list[str], list[str]]:
    """The words of a query that `place` places it by, and those it passes over."""
    words = list(dict.fromkeys(words_of(text)))
    kinds = columns.to_numpy(terms.column("characters"))
    known = columns.one_array(terms.column("term"))
    place = pc.index_in(pa.array(words, known.type), value_set=known).to_pylist()
    used = [w for w, at in zip(words, place, strict=True) if at is not None and not kinds[at]]
    return used, [word for word in words if word not in used]


def _idf(counts: Counts, weights: np.ndarray) -> np.ndarray:
    """ln((1 + rows) / (1 + rows with the term)) + 1, float32 (terms,)."""
    having = np.bincount(counts.term, weights[counts.text], minlength=len(counts.terms))
    return np.asarray(np.log((1 + weights.sum()) / (1 + having)) + 1, np.float32)


def _weights(count: np.ndarray, idf: np.ndarray) -> np.ndarray:
    return np.asarray((1 + np.log(count)) * idf, np.float64)


def _directions(tf_idf: Any, weights: np.ndarray, seed: int) -> tuple[np.ndarray, float]:
    """(loadings float32 (terms, d), share of the squared weights kept) of a sparse (m, terms)."""
    m, n_terms = tf_idf.shape
    turned = tf_idf.T.tocsr()
    size = min(DIMENSIONS + OVERSAMPLING, n_terms)
    rng = stats.generator(seed, "lexical")
    basis = np.linalg.qr(rng.standard_normal((n_terms, size), dtype=np.float32))[0]
    for _ in range(ITERATIONS if size < n_terms else 0):
        basis = np.linalg.qr(turned @ (weights[:, None] * (tf_idf @ basis)))[0]
    seen = np.sqrt(weights)[:, None] * (tf_idf @ basis)
    squares, turn = np.linalg.eigh((seen.T @ seen).astype(np.float64))
    squares, turn = squares[::-1], turn[:, ::-1]
    d = min(DIMENSIONS, m, int(np.count_nonzero(squares > _NEGLIGIBLE**2 * squares[0])))
    loadings = (basis @ turn[:, :d].astype(np.float32)).astype(np.float32)
    largest = np.abs(loadings).argmax(axis=0)
    loadings *= np.where(loadings[largest, np.arange(d)] < 0, np.float32(-1), np.float32(1))
    return loadings, float(min(1.0, squares[:d].sum() / weights.sum(dtype=np.float64)))


def _notes(texts: Texts, counts: Counts, made: Fit) -> list[str]:
    terms, d = made.loadings.shape
    if not made.kept:
        return []
    notes = [
        f"{terms:,} term{'s' * (terms != 1)} in {d} direction{'s' * (d != 1)}, which keep "
        f"{made.kept:.0%} of the TF-IDF weights"
    ]
    if counts.n_by_characters:
        n = counts.n_by_characters
        notes.append(
            f"{n:,} text{'s' * (n != 1)} without a word that another has: compared by characters "
            "and pairs of characters"
        )
    return notes
