"""Training dynamics written in the published layout: one JSON-lines file per epoch."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dsx import errors
from dsx.columns import display
from dsx.sources import refusals
from dsx.sources.dynamics_files import CLASSES_FILE


def write_run(
    folder: Path,
    kind: str,
    epochs: Sequence[int],
    values: np.ndarray,
    names: Sequence[Any],
    gold: Sequence[Any],
    classes: Sequence[str] | None,
    *,
    overwrite: bool,
) -> Path:
    """Write float32 values (n, E) or (n, E, K) of `kind` "probs" or "logits"; the folder.

    Gold labels that are class names are written as their numbers, the names to a file beside.
    Raises FileError when the folder already holds a recording, unless `overwrite`.
    """
    folder = folder.expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    there = sorted(path.name for path in folder.glob("*epoch_*.jsonl*"))
    if there and not overwrite:
        raise refusals.unreadable_file(
            str(folder),
            "a folder without a recording",
            errors.first(there),
            "choose another folder, or pass overwrite=True",
        )
    for name in there:
        (folder / name).unlink()
    (folder / CLASSES_FILE).unlink(missing_ok=True)
    if classes is not None:
        text = json.dumps(list(classes), ensure_ascii=False)
        (folder / CLASSES_FILE).write_text(text, encoding="utf-8")
        places = {name: place for place, name in enumerate(classes)}
        gold = [places.get(display(label), label) for label in gold]
    for at, number in enumerate(epochs):
        path = folder / f"dynamics_epoch_{number}.jsonl"
        draft = path.with_suffix(".part")
        with draft.open("w", encoding="utf-8") as file:
            file.writelines(_lines(kind, number, names, gold, values[:, at]))
        draft.replace(path)  # a reader never sees half a file
    return folder


def _lines(
    kind: str,
    epoch: int,
    names: Sequence[Any],
    gold: Sequence[Any],
    values: np.ndarray,
) -> Iterator[str]:
    """Lines of one epoch's file; nine digits give a float32 back bit for bit."""
    field, numbers = f"{kind}_epoch_{epoch}", values
    if values.ndim == 1:
        field, shape, numbers = f"prob_epoch_{epoch}", "%.9g", values[:, None]
    else:
        shape = "[" + ",".join(["%.9g"] * values.shape[1]) + "]"
    filled, empty = f'{{"guid":%s,"{field}":{shape}', f'{{"guid":%s,"{field}":null'
    if kind == "probs" and values.ndim == 2:
        filled += f',"logits_epoch_{epoch}":{shape}'
        empty += f',"logits_epoch_{epoch}":null'
        logs = np.log(np.maximum(values.astype(np.float64), 1e-45))  # zero has no logarithm
        numbers = np.concatenate([values, logs], axis=1)
    missing = np.isnan(numbers[:, 0]).tolist()
    for at, (name, label) in enumerate(zip(names, gold, strict=True)):
        end = "}\n" if label is None else f',"gold":{json.dumps(label, ensure_ascii=False)}}}\n'
        guid = json.dumps(name, ensure_ascii=False)
        if missing[at]:
            yield empty % guid + end
        else:
            yield filled % (guid, *numbers[at].tolist()) + end
