"""What a batch is given as: numbers of epochs, and ids or labels in whatever holds them."""

from __future__ import annotations

from typing import Any

import numpy as np

from dsx import errors


def number(epoch: Any) -> int:
    """The number of an epoch. Raises InputError for what is no number from 0 up."""
    if isinstance(epoch, bool) or not isinstance(epoch, (int, np.integer)) or epoch < 0:
        raise errors.bad_value("epoch", "a number from 0 up", epoch, "count epochs from 0")
    return int(epoch)


def listed(values: Any) -> list[Any]:
    """A sequence, array, series or tensor (on any device) as a list of plain values."""
    for step in ("detach", "cpu"):
        if callable(getattr(values, step, None)):
            values = getattr(values, step)()
    if callable(getattr(values, "numpy", None)):
        values = values.numpy()
    found: list[Any] = values.tolist() if hasattr(values, "tolist") else list(values)
    return [one.item() if isinstance(one, np.generic) else one for one in found]
