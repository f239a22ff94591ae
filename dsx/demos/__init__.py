"""Real datasets that need no download, each with a classifier trained when asked for."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any

from dsx import errors
from dsx.dataset import Dataset

# Name -> the module that makes it, by the function of the same name.
_NAMES = {"digits": "dsx.demos.digits", "docstrings": "dsx.demos.docstrings"}


def demo(name: str, **options: Any) -> Dataset:
    """A real dataset with per-epoch probabilities of a classifier trained on the spot.

    - `demo("digits", flip=0.0, seed=0, epochs=20)`: 1,797 handwritten digits; the share `flip`
      of the training labels replaced by a wrong one, the truth kept in `true_label`.
    - `demo("docstrings", seed=0, epochs=12)`: documentation strings of numpy, scipy, scikit-learn
      and the standard library as English texts; the label is the subpackage.

    Nothing is fetched and nothing invented; `ds.notes` says where the rows come from and what was
    left out. Equal arguments and equal package versions give equal bytes.
    Raises InputError for a name, an option or a value that it does not know.
    """
    if name not in _NAMES:
        raise errors.unknown_choice("demo", name, _NAMES)
    make: Callable[..., Dataset] = getattr(import_module(_NAMES[name]), name)
    known = inspect.signature(make).parameters
    for option in options:
        if option not in known:
            raise errors.unknown_choice(f"option of demo({name!r})", option, known)
    return make(**options)
