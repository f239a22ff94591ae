"""Counting the terms of texts: words, and characters where the words of a text say nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dsx.encoders.encoded import Report

# what stands between words: all but letters, their accents and digits
_BETWEEN = r"[^\pL\pM\pN_]+"
SHORTEST, LONGEST = 2, 40
# Thai, Lao, Burmese, Khmer, kana and Han: written without spaces between words
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]"
)
MOST_TERMS = 20_000
# from this many distinct texts on, a term of more than half of them is left out
ENOUGH = 10
# ... unless fewer than this part of the texts would be left with a word
COVERED = 0.9
# texts cut at a time, texts that character terms are learned from, characters read of one text
CHUNK = 50_000
_GRAM_SAMPLE, _GRAM_CHARACTERS = 50_000, 2_000


@dataclass(frozen=True)
class Counts:
    """How often each text has each term: triplets in the order of the texts, none twice.

    `text` and `term` are int (nnz,), `count` float64 (nnz,); `terms` large_string (terms,), first
    words then characters, each in byte order; `characters` bool (terms,) tells which. Texts
    without a known word are counted by single characters and pairs of them: `n_by_characters`.
    """

    text: np.ndarray
    term: np.ndarray
    count: np.ndarray
    terms: pa.Array
    characters: np.ndarray
    n_by_characters: int = 0


def count_terms(texts: pa.Array, report: Report) -> Counts:
    """The terms of distinct texts (m,), large_string, none of them blank."""
    m = len(texts)
    text, term, count, vocabulary = _all_words(texts, report)
    # a word of one text tells nothing of another; of a single text it is all there is
    having, low = np.bincount(term, minlength=len(vocabulary)), 2 if m > 1 else 1
    chosen = _chosen(having, m, low)
    if len(np.unique(text[np.isin(term, chosen)])) < COVERED * m:
        chosen = _chosen(having, m, low, common=True)  # few words, in many texts: a small world
    chosen = chosen[pc.sort_indices(vocabulary.take(pa.array(chosen))).to_numpy()]
    words = vocabulary.take(pa.array(chosen))
    text, term, count = _only((text, term, count), chosen, len(vocabulary))
    covered = np.zeros(m, bool)
    covered[text] = True
    without = np.flatnonzero(~covered)
    if not len(without):
        return Counts(text, term, count, words, np.zeros(len(words), bool))
    grams, (text_g, term_g, count_g) = _by_characters(texts.take(pa.array(without)), report)
    text = np.concatenate([text, without[text_g]])
    order = np.argsort(text, kind="stable")
    return Counts(
        text[order],
        np.concatenate([term, term_g + len(words)])[order],
        np.concatenate([count, count_g])[order],
        pa.concat_arrays([words, pa.array(map(spelled, grams.tolist()), pa.large_string())]),
        np.arange(len(words) + len(grams)) >= len(words),
        len(np.unique(text_g)),
    )


def count_known(text: str, terms: pa.Array, characters: np.ndarray) -> tuple[np.ndarray, ...]:
    """(places among `terms`, counts) of a text as a query: its words, else its characters.

    Characters only where the texts themselves are compared by them: where no word is known, or
    for a query in a script without spaces. All of Latin's letters occur in any text.
    """
    words = words_of(text)
    runs = []
    if characters.all() or _UNSPACED.search(text):
        runs = [spelled(key) for key in _grams([_flat(text)])[1].tolist()]
    for tokens, which in ((words, ~characters), (runs, characters)):
        place = pc.index_in(pa.array(tokens, terms.type), value_set=terms)
        found = place.drop_null().to_numpy(zero_copy_only=False)
        found, count = np.unique(found[which[found]], return_counts=True)
        if len(found):
            return found, count.astype(np.float64)
    return np.empty(0, np.int64), np.empty(0)


def words_of(text: str) -> list[str]:
    """The words of one text as they are counted, in lower case."""
    return [str(word) for word in _words(pa.array([text], pa.large_string()))[1].to_pylist()]


def spelled(key: int) -> str:
    """The one or two characters that a number stands for."""
    first, second = key >> 21, key & 0x1FFFFF
    return chr(first) + (chr(second - 1) if second else "")


def _all_words(
    texts: pa.Array, report: Report
) -> tuple[np.ndarray, np.ndarray, np.ndarray, pa.Array]:
    """(text, term, count) triplets and the vocabulary of texts (m,)."""
    found: list[tuple[np.ndarray, np.ndarray]] = []
    encoded = []
    for start in range(0, max(1, len(texts)), CHUNK):
        parents, tokens = _words(texts.slice(start, CHUNK))
        coded = tokens.dictionary_encode()
        size = max(1, len(coded.dictionary))
        pairs, count = np.unique(parents * size + coded.indices.to_numpy(), return_counts=True)
        found.append((pairs // size + start, count.astype(np.float64)))
        indices = pa.array((pairs % size).astype(np.int32))
        encoded.append(pa.DictionaryArray.from_arrays(indices, coded.dictionary))
        report.progress(min(start + CHUNK, len(texts)), 2 * len(texts))
    unified = pa.chunked_array(encoded).unify_dictionaries()
    text, count = (np.concatenate(parts) for parts in zip(*found, strict=True))
    term = np.concatenate([chunk.indices.to_numpy() for chunk in unified.chunks])
    return text, term.astype(np.int64), count, unified.chunk(unified.num_chunks - 1).dictionary


def _words(texts: pa.Array) -> tuple[np.ndarray, pa.Array]:
    """(text of each word (k,), the words (k,) large_string), in lower case."""
    lower = pc.utf8_lower(pc.utf8_normalize(texts, form="NFKC"))
    split = pc.split_pattern_regex(lower, pattern=_BETWEEN)
    words = split.flatten()
    length = pc.utf8_length(words).to_numpy(zero_copy_only=False)
    kept = (length >= SHORTEST) & (length <= LONGEST)
    parents = pc.list_parent_indices(split).to_numpy(zero_copy_only=False)[kept]
    return parents.astype(np.int64), words.filter(pa.array(kept))


def _chosen(having: np.ndarray, m: int, low: int, *, common: bool = False) -> np.ndarray:
    """Places of the terms to keep, from how many of m texts have each; at least `low` do.

    Terms of more than half of the texts go, unless `common` or there are few texts.
    """
    high = m / 2 if m >= ENOUGH and not common else m
    fit = np.flatnonzero((having >= low) & (having <= high))
    if len(fit) > MOST_TERMS:
        # of the rarest that would still fit, all or none: which one came first says nothing
        least = np.sort(having[fit])[-MOST_TERMS - 1]
        fit = fit[having[fit] > least]
    return fit


def _only(
    triplets: tuple[np.ndarray, np.ndarray, np.ndarray], chosen: np.ndarray, n_terms: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The triplets of chosen terms, renumbered by their place among these."""
    to_place = np.full(n_terms, -1, np.int64)
    to_place[chosen] = np.arange(len(chosen))
    text, term, count = triplets
    place = to_place[term]
    known = place >= 0
    return text[known], place[known], count[known]


def _by_characters(
    texts: pa.Array, report: Report
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """(keys of the kept runs of characters, sorted; triplets) of texts without known words."""
    m = len(texts)
    step = -(-m // _GRAM_SAMPLE)
    sample = texts.take(pa.array(np.arange(0, m, step)))
    text, key = _grams([_flat(one) for one in sample.to_pylist()])
    key = np.unique(np.stack([text, key]), axis=1)[1]
    keys, having = np.unique(key, return_counts=True)
    keys = keys[_chosen(having, len(sample), 2 if len(sample) >= ENOUGH else 1)]
    parts = []
    for start in range(0, m, CHUNK):
        text, key = _grams([_flat(one) for one in texts.slice(start, CHUNK).to_pylist()])
        place = np.minimum(np.searchsorted(keys, key), max(0, len(keys) - 1))
        known = keys[place] == key if len(keys) else np.zeros(len(key), bool)
        size = max(1, len(keys))
        pairs, count = np.unique(text[known] * size + place[known], return_counts=True)
        parts.append((pairs // size + start, pairs % size, count.astype(np.float64)))
        report.progress(m + min(start + CHUNK, m), 2 * m)
    text, term, count = (np.concatenate(part) for part in zip(*parts, strict=True))
    return keys, (text, term, count)


def _flat(text: str) -> str:
    return " ".join(text[:_GRAM_CHARACTERS].lower().split())


def _grams(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """(text of each, key of each) for every character and every pair of characters in a row."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32).astype(np.int64)
    text = np.repeat(np.arange(len(texts)), [len(one) for one in texts])
    joined = text[1:] == text[:-1]
    pairs = (codes[:-1] << 21 | (codes[1:] + 1))[joined]
    return np.concatenate([text, text[:-1][joined]]), np.concatenate([codes << 21, pairs])
