"""The names along a K axis, and labels that agree with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from dsx import columns, errors
from dsx.sources import checks


def named_classes(
    table: pa.Table,
    label: str | None,
    k: int,
    role_column: str,
    classes: Sequence[Any] | None,
    known: Sequence[str] | None,
) -> tuple[pa.Table, tuple[str, ...], list[str]]:
    """The table, the K class names and notes.

    `classes` is what the user gave, `known` what the source itself says (the names of a
    Hugging Face ClassLabel). Without either, labels that are numbers 0..K-1 index the classes.
    With names given, numbers 0..K-1 that are no names are replaced by the names. Raises
    InputError for labels outside the class list, naming the first rows.
    """
    names = None
    if classes is not None:
        names = checks.check_classes(classes, role_column)
    elif known is not None and len(known) == k:
        names = tuple(known)
    if names is not None and len(names) != k:
        raise errors.bad_value(
            "classes",
            f"{k} names, one for each class of column {role_column!r}",
            f"{len(names)}: {errors.first(names)}",
            "name every class in the order of the probabilities",
        )
    if label is None:
        return table, names or tuple(map(str, range(k))), []
    codes, found = columns.codes(table.column(label))
    if not found:
        raise errors.bad_rows(
            label, np.flatnonzero(codes < 0).tolist(), "labels", "no label", "name another column"
        )
    notes = []
    lacking = int((codes < 0).sum())
    if lacking:
        notes.append(
            f"{lacking:,} rows have no label in column {label!r}: what needs one leaves them out"
        )
    numbers = [str(number) for number in range(k)]
    if names is None:
        names = _from_numbers(label, codes, found, numbers, role_column, table)
        never = [number for number in names if number not in found]
        if never and names == tuple(numbers):
            notes.append(
                f"labels in column {label!r} were taken as column numbers 0..{k - 1} of "
                f"{role_column!r}; {errors.first(never, 10)} never "
                f"occur{'s' * (len(never) == 1)}: if the columns are other classes, give classes="
            )
    elif not set(found) <= set(names):
        if set(found) & set(names) or not set(found) <= set(numbers):
            _refuse(label, codes, found, names, "add the class to classes=, or correct those rows")
        place = np.array([numbers.index(name) for name in found] + [-1])[codes]
        column = pa.array(names).take(pa.array(place, mask=place < 0))
        table = table.set_column(table.column_names.index(label), label, column)
        notes.append(f"column {label!r}: class numbers 0..{k - 1} were replaced by their names")
    return table, names, notes


def _from_numbers(
    label: str,
    codes: np.ndarray,
    found: list[str],
    numbers: list[str],
    role_column: str,
    table: pa.Table,
) -> tuple[str, ...]:
    if set(found) <= set(numbers):
        return tuple(numbers)
    if pa.types.is_boolean(table.schema.field(label).type) and len(numbers) == 2:
        return ("False", "True")
    if all(name.lstrip("-").isdigit() for name in found):
        hint = "give classes= in the order of the probabilities, for example classes=[1, 2, 3]"
        _refuse(label, codes, found, numbers, hint)
    raise errors.bad_value(
        "classes",
        f"the {len(numbers)} class names in the order of the probabilities in {role_column!r}, "
        f"since the labels in column {label!r} are names ({errors.first(found)})",
        None,
        "give classes=[...]; for a scikit-learn model: classes=list(model.classes_)",
    )


def _refuse(
    label: str, codes: np.ndarray, found: list[str], names: Sequence[str], hint: str
) -> None:
    unknown = [name for name in found if name not in names]
    rows = np.flatnonzero(np.isin(codes, [found.index(name) for name in unknown]))
    raise errors.bad_rows(
        label,
        rows.tolist(),
        f"labels in the class list ({errors.first(list(names), 10)})",
        f"{'labels' if len(unknown) > 1 else 'label'} {errors.first(unknown)}",
        hint,
    )
