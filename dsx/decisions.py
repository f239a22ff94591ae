"""What the user decided about rows: a log that can be undone, exported and applied."""

from __future__ import annotations

import csv
import getpass
import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from dsx import errors
from dsx.events import Signal
from dsx.history import Change, History

_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
KINDS = ("tag", "untag", "relabel", "drop", "restore")


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision: what, on which rows (uint32), by whom and when (ISO 8601, UTC)."""

    kind: str
    value: str
    rows: np.ndarray
    author: str
    time: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What all decisions together say: read-only masks of shape (n,), new labels by row."""

    tags: dict[str, np.ndarray]
    dropped: np.ndarray
    relabelled: np.ndarray
    labels: dict[int, str]


class Decisions:
    """Tags, new labels and drops. Rows never change; `ds.apply()` makes the dataset they mean.

    Every method takes `rows` as `ds.select` does; None means the selection. Each call is one
    step on the dataset's undo stack.
    """

    def __init__(
        self,
        n: int,
        resolve: Callable[[Any], np.ndarray],
        ids: Callable[[np.ndarray], list[str]],
        history: History,
        labels: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self._n, self._resolve, self._ids, self._history = n, resolve, ids, history
        self._known_labels = labels
        # log, what it says, revision: replaced as one, so that reading them takes no lock
        self._now: tuple[tuple[Decision, ...], Standing, int] = ((), _nothing(n), 0)
        self.author = _user()
        self.changed = Signal()

    def tag(self, tag: str, rows: Any = None) -> int:
        """Give rows a tag; how many rows it was given to."""
        return self.decide("tag", tag, rows)

    def untag(self, tag: str, rows: Any = None) -> int:
        """Take a tag from rows."""
        return self.decide("untag", tag, rows)

    def relabel(self, label: str, rows: Any = None, *, new: bool = False) -> int:
        """Say what the label of rows should be; how many rows it concerns.

        A label that no row has so far raises InputError, lest a slip of the pen make a class of
        its own; `new=True` says that a new class is meant.
        """
        return self.decide("relabel", label, rows, new=new)

    def drop(self, rows: Any = None, reason: str = "") -> int:
        """Mark rows to be left out."""
        return self.decide("drop", reason, rows)

    def restore(self, rows: Any = None) -> int:
        """Take back drops and new labels of rows; tags stay."""
        return self.decide("restore", "", rows)

    def decide(self, kind: str, value: str = "", rows: Any = None, *, new: bool = False) -> int:
        """One decision of a kind in `KINDS`; how many rows it concerns. `new` as in `relabel`."""
        if kind not in KINDS:
            raise errors.bad_value("kind", "a decision", kind, errors.offer(kind, KINDS))
        value = str(value).strip().encode("utf-8", "replace").decode()
        if kind in ("tag", "untag", "relabel") and not value:
            raise errors.bad_value(kind, "a name that is not empty", value)
        if kind == "relabel" and not new:
            known = {*self._known_labels(), *self.standing.labels.values()}
            if known and value not in known:
                raise errors.unknown_label(value, known)
        chosen = _frozen(np.flatnonzero(self._resolve(rows)).astype(np.uint32))
        if not len(chosen):
            raise errors.empty(f"rows to {kind}")
        time = datetime.now(UTC).isoformat(timespec="seconds")
        decision = Decision(kind, value, chosen, self.author, time)

        def plan() -> Change:
            before = self._now[0]
            after = (*before, decision)
            return (
                lambda: self._restore(after, _after(self.standing, decision)),
                lambda: self._restore(before, _fold(before, self._n)),
            )

        self._history.do(f"{kind} {value}".strip(), plan, self._notify)
        return len(chosen)

    def undo(self) -> str | None:
        """Take back the dataset's newest step, a selection or a decision; its label."""
        return self._history.undo()

    @property
    def log(self) -> list[Decision]:
        """All decisions that stand, oldest first."""
        return list(self._now[0])

    @property
    def tags(self) -> dict[str, np.ndarray]:
        """Tag -> bool (n,)."""
        return dict(self.standing.tags)

    @property
    def dropped(self) -> np.ndarray:
        """bool (n,): rows to be left out."""
        return self.standing.dropped

    @property
    def labels(self) -> dict[int, str]:
        """Row -> new label."""
        return dict(self.standing.labels)

    @property
    def standing(self) -> Standing:
        """Tags, drops and labels together, of one moment."""
        return self._now[1]

    @property
    def revision(self) -> int:
        """Grows by one with every change."""
        return self._now[2]

    def state(self) -> tuple[Standing, int]:
        """(standing, revision) of one moment."""
        return self._now[1:]

    def __len__(self) -> int:
        return len(self._now[0])

    def __repr__(self) -> str:
        s = self.standing
        return (
            f"Decisions({len(s.tags)} tags, {int(s.relabelled.sum()):,} relabelled, "
            f"{int(s.dropped.sum()):,} dropped, {len(self)} in the log)"
        )

    def to_json(self, path: str | Path) -> None:
        """The log as JSON: a list of decisions with their row numbers and ids.

        Raises FileError where the folder does not exist.
        """
        entries = [
            {
                "kind": d.kind,
                "value": d.value,
                "rows": d.rows.tolist(),
                "ids": self._ids(d.rows),
                "author": d.author,
                "time": d.time,
            }
            for d in self.log
        ]
        text = json.dumps(entries, indent=1, ensure_ascii=False)
        _place(path).write_text(text, encoding="utf-8")

    def to_csv(self, path: str | Path) -> None:
        """The log as CSV, one line per decision and row.

        Raises FileError where the folder does not exist.
        """
        with _place(path).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["row", "id", "kind", "value", "author", "time"])
            for d in self.log:
                value, author = _plain(d.value), _plain(d.author)
                for row, name in zip(d.rows.tolist(), self._ids(d.rows), strict=True):
                    writer.writerow([row, _plain(name), d.kind, value, author, d.time])

    def _restore(self, log: tuple[Decision, ...], standing: Standing) -> None:
        self._now = (log, standing, self._now[2] + 1)

    def _notify(self) -> None:
        self.changed.emit(self.revision)


def _place(path: str | Path) -> Path:
    place = Path(path)
    if not place.parent.is_dir():
        raise errors.missing_folder(str(path))
    return place


def _nothing(n: int) -> Standing:
    return Standing({}, _frozen(np.zeros(n, bool)), _frozen(np.zeros(n, bool)), {})


def _fold(log: tuple[Decision, ...], n: int) -> Standing:
    standing = _nothing(n)
    for decision in log:
        standing = _after(standing, decision)
    return standing


def _after(standing: Standing, d: Decision) -> Standing:
    """What stands after one more decision; only what it touches is copied."""
    if d.kind in ("tag", "untag"):
        before = standing.tags.get(d.value, np.zeros_like(standing.dropped))
        tags = {**standing.tags, d.value: _with(before, d.rows, d.kind == "tag")}
        return replace(standing, tags={tag: mask for tag, mask in tags.items() if mask.any()})
    if d.kind == "drop":
        return replace(standing, dropped=_with(standing.dropped, d.rows, True))
    new = dict.fromkeys(d.rows.tolist(), d.value)
    if d.kind == "relabel":
        relabelled = _with(standing.relabelled, d.rows, True)
        return replace(standing, relabelled=relabelled, labels={**standing.labels, **new})
    return replace(
        standing,
        dropped=_with(standing.dropped, d.rows, False),
        relabelled=_with(standing.relabelled, d.rows, False),
        labels={row: label for row, label in standing.labels.items() if row not in new},
    )


def _with(mask: np.ndarray, rows: np.ndarray, value: bool) -> np.ndarray:
    changed = mask.copy()
    changed[rows] = value
    return _frozen(changed)


def _frozen(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array


def _plain(text: str) -> str:
    """Keep a spreadsheet from running a cell that begins like a formula; numbers stay numbers."""
    if text.lstrip()[:1] not in tuple("=+-@＝＋－＠") and text[:1] not in tuple("\t\r\n"):
        return text
    return text if _NUMBER.fullmatch(text) else "'" + text


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "unknown"
