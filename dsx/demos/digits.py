"""Handwritten digits with labels that can be flipped at a known rate."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dsx import errors
from dsx.columns import from_numpy
from dsx.dataset import Dataset
from dsx.demos.harvest import package_version
from dsx.demos.training import train_epochs, whole_number, with_dynamics

CLASSES = tuple("0123456789")
TRAIN_SHARE = 0.7
INK = 16  # the pixels' full scale


def digits(*, flip: float = 0.0, seed: int = 0, epochs: int = 20) -> Dataset:
    """scikit-learn's 1,797 handwritten digits and a small network trained on 70% of them.

    `flip`, in [0, 1): the share of the training rows whose label is replaced by one of the nine
    other digits, each equally likely; test labels stay true. Columns: id, label, true_label,
    flipped, split (train, test), pixels (64 values 0..16), image (PNG bytes); role epoch_probs
    (1797, epochs, 10). For one seed, the rows flipped at a lower rate are flipped at a higher one
    too, and the split does not depend on the rate.
    """
    share = _share(flip)
    seed, epochs = whole_number("seed", seed, 0), whole_number("epochs", epochs, 1)
    from sklearn.datasets import load_digits
    from sklearn.neural_network import MLPClassifier

    pixels, truth = load_digits(return_X_y=True)
    n = len(truth)
    split_rng, flip_rng, train_rng = np.random.default_rng(seed).spawn(3)
    in_training = np.zeros(n, bool)
    in_training[split_rng.permutation(n)[: round(TRAIN_SHARE * n)]] = True
    train_rows = np.flatnonzero(in_training)

    wrong = (truth + flip_rng.integers(1, len(CLASSES), n)) % len(CLASSES)
    n_flipped = round(share * len(train_rows))
    flipped = np.zeros(n, bool)
    flipped[flip_rng.permutation(train_rows)[:n_flipped]] = True
    label = np.where(flipped, wrong, truth)

    model = MLPClassifier(
        hidden_layer_sizes=(64,), learning_rate_init=0.01, batch_size=32, random_state=seed
    )
    probabilities = train_epochs(
        model,
        (pixels / INK).astype(np.float32),
        label,
        train_rows,
        n_classes=len(CLASSES),
        epochs=epochs,
        rng=train_rng,
    )
    grey = pixels.astype(np.uint8)
    table = pa.table(
        {
            "id": [f"digit-{row:04d}" for row in range(n)],
            "label": _named(label),
            "true_label": _named(truth),
            "flipped": flipped,
            "split": pa.array(np.where(in_training, "train", "test")).dictionary_encode(),
            "pixels": from_numpy(grey),
            "image": pa.array([_png(row.reshape(8, 8)) for row in grey], pa.binary()),
        }
    )
    notes = [
        f"{n:,} handwritten digits of 8 x 8 pixels: the test set of Alpaydin and Kaynak, Optical "
        f"Recognition of Handwritten Digits (UCI, 1998), as it comes with scikit-learn "
        f"{package_version('scikit-learn')}.",
        f"Flipped on purpose: {n_flipped:,} of the {len(train_rows):,} training labels "
        f"(asked for {share:.1%}), each to one of the nine other digits at random. Columns "
        "true_label and flipped hold the truth; no test label was flipped.",
        f"Trained on the spot, seed {seed}: a network with one layer of 64 units, {epochs} epochs "
        "over the training rows. The probabilities of the test rows are those of a model that "
        "never saw them.",
    ]
    roles = {"id": "id", "label": "label", "split": "split", "image": "image"}
    return with_dynamics(table, roles, probabilities, CLASSES, name="digits", notes=notes)


def _share(flip: Any) -> float:
    is_number = isinstance(flip, int | float | np.number) and not isinstance(flip, bool)
    if not is_number or not 0 <= float(flip) < 1:
        raise errors.bad_value(
            "flip", "a share of at least 0 and below 1", flip, "for ten per cent, pass flip=0.1"
        )
    return float(flip)


def _named(codes: NDArray[np.integer[Any]]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int8)), list(CLASSES))


def _png(ink: NDArray[np.uint8]) -> bytes:
    """An 8-bit grey PNG, dark ink on white paper."""
    height, width = ink.shape
    grey = (255 - ink.astype(np.uint16) * 255 // INK).astype(np.uint8)
    lines = b"".join(b"\0" + line.tobytes() for line in grey)  # 0: the line is not filtered
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b"")]
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
