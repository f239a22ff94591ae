"""From the name of an encoder to the vectors of a dataset."""

from __future__ import annotations

from dsx import errors
from dsx.dataset import Dataset
from dsx.encoders import functions, given, lexical, naming
from dsx.encoders.encoded import Encoded, Report
from dsx.encoders.texts import check_text


def check(name: str, dataset: Dataset) -> None:
    """Raise for a resolved name that this dataset has nothing for; nothing is read."""
    kind = naming.kind_of(name)
    if kind == "given" or (kind == "model" and naming.encodes_images(name, dataset)):
        return
    if not dataset.has("text"):
        raise errors.missing_role(["text"], f"the encoder {naming.title(name)}")
    check_text(dataset)


def encode(name: str, dataset: Dataset, seed: int, report: Report) -> Encoded:
    """The vectors of a dataset by a resolved name."""
    kind = naming.kind_of(name)
    check(name, dataset)
    if kind == "given":
        return given.encode(name, dataset, report)
    if kind == "lexical":
        return lexical.encode(dataset, seed, report)
    if kind == "callable":
        return functions.encode(name, dataset, report)
    from dsx.encoders import images, sentence

    if naming.encodes_images(name, dataset):
        return images.encode(name, dataset, report)
    return sentence.encode(name, dataset, report)
