"""A classifier trained for real, watched after every epoch."""

from __future__ import annotations

import operator
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dsx import columns, errors
from dsx.dataset import Dataset
from dsx.roles import Role


class Trainable(Protocol):
    """What scikit-learn's incremental classifiers have in common."""

    def partial_fit(self, X: Any, y: Any, classes: Any = ...) -> Any:
        """One pass over the rows given."""

    def predict_proba(self, X: Any) -> NDArray[np.floating[Any]]:
        """Probabilities (n, K) of the rows given."""


def train_epochs(
    model: Trainable,
    inputs: Any,
    labels: NDArray[np.integer[Any]],
    train_rows: NDArray[np.integer[Any]],
    *,
    n_classes: int,
    epochs: int,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Train on `train_rows` for `epochs` passes and ask for every row's probabilities after each.

    inputs: n rows, dense or sparse; labels: integers 0..n_classes-1. Returns (n, epochs,
    n_classes) float32. Every pass sees the training rows in a new order drawn from `rng`.
    """
    # The matrices are small, so one thread is the fastest; and the order of a sum, hence its
    # last bits, would otherwise depend on the number of cores.
    from threadpoolctl import threadpool_limits

    classes = np.arange(n_classes)
    seen = np.empty((labels.shape[0], epochs, n_classes), dtype=np.float32)
    with threadpool_limits(limits=1):
        for epoch in range(epochs):
            order = rng.permutation(train_rows)
            model.partial_fit(inputs[order], labels[order], classes=classes)
            seen[:, epoch] = model.predict_proba(inputs)
    return seen


def with_dynamics(
    table: pa.Table,
    roles: dict[str, str],
    probabilities: NDArray[np.float32],
    classes: tuple[str, ...],
    *,
    name: str,
    notes: list[str],
) -> Dataset:
    """A Dataset of the table's rows with the probabilities as its epoch_probs.

    roles: kind -> column. The probabilities are no column of the frames the user gets back.
    """
    table = table.append_column("epoch_probs", columns.from_numpy(probabilities))
    given = [Role(kind, (column,)) for kind, column in roles.items()]
    given.append(Role("epoch_probs", ("epoch_probs",), classes=classes))
    return Dataset(table, given, name=name, kind="pyarrow", added=["epoch_probs"], notes=notes)


def whole_number(name: str, value: Any, least: int) -> int:
    """`value` as an int of at least `least`; raises InputError."""
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if number < least or isinstance(value, bool):
        raise errors.bad_value(name, f"a whole number of at least {least}", value)
    return number
