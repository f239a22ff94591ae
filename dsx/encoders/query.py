"""A text of the reader's placed among the vectors of a dataset."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from dsx import errors
from dsx.encoders import functions, lexical, naming
from dsx.encoders.encoded import unit_length


def query_vector(name: str, text: str, result: Any) -> np.ndarray:
    """float32 (d,) of unit length in the space of `result`, an embedding of that encoder.

    Lexical vectors and functions in this process; a model's only where it is loaded, which is
    the worker: NeedsError elsewhere. NaN where the text has no known word. Given vectors have no
    encoder: InputError.
    """
    kind = naming.kind_of(name)
    if kind == "lexical":
        return lexical.place(text, result.tables["terms"])
    if kind == "given":
        raise errors.bad_value(
            "encoder", "one that can encode a text", name, "a text cannot be placed among vectors "
            "that came with the dataset; choose another encoder for it"
        )  # fmt: skip
    if kind == "callable":
        return np.asarray(unit_length(functions.called(name, [text]))[0])
    if "sentence_transformers" not in sys.modules:
        raise errors.ask_the_worker(naming.title(name))
    return vector(name, text)


def vector(name: str, text: str) -> np.ndarray:
    """float32 (d,) of unit length from a model, loaded here: for the worker."""
    from dsx.encoders import sentence

    return sentence.of_query(name, text)
