"""What the user decided about rows: a log that can be undone, exported and applied."""

from __future__ import annotations

import csv
import getpass
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from dsx import errors
from dsx.events import Signal
from dsx.history import Change, History

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
    """What all decisions together say: masks of shape (n,) and the new labels by row."""

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
    ) -> None:
        self._n, self._resolve, self._ids, self._history = n, resolve, ids, history
        self._log: tuple[Decision, ...] = ()
        self._standing = _fold((), n)
        self._revision = 0
        self.author = _user()
        self.changed = Signal()

    def tag(self, tag: str, rows: Any = None) -> int:
        """Give rows a tag; how many rows it was given to."""
        return self.decide("tag", tag, rows)

    def untag(self, tag: str, rows: Any = None) -> int:
        """Take a tag from rows."""
        return self.decide("untag", tag, rows)

    def relabel(self, label: str, rows: Any = None) -> int:
        """Say what the label of rows should be."""
        return self.decide("relabel", label, rows)

    def drop(self, rows: Any = None, reason: str = "") -> int:
        """Mark rows to be left out."""
        return self.decide("drop", reason, rows)

    def restore(self, rows: Any = None) -> int:
        """Take back drops and new labels of rows; tags stay."""
        return self.decide("restore", "", rows)

    def decide(self, kind: str, value: str = "", rows: Any = None) -> int:
        """One decision of a kind in `KINDS`; how many rows it concerns."""
        if kind not in KINDS:
            raise errors.bad_value("kind", "a decision", kind, errors.offer(kind, KINDS))
        value = str(value).strip()
        if kind in ("tag", "untag", "relabel") and not value:
            raise errors.bad_value(kind, "a name that is not empty", value)
        chosen = np.flatnonzero(self._resolve(rows)).astype(np.uint32)
        if not len(chosen):
            raise errors.empty(f"rows to {kind}")
        time = datetime.now(UTC).isoformat(timespec="seconds")
        decision = Decision(kind, value, chosen, self.author, time)

        def plan() -> Change:
            before, after = self._log, (*self._log, decision)
            return lambda: self._restore_log(after), lambda: self._restore_log(before)

        self._history.do(f"{kind} {value}".strip(), plan, self._notify)
        return len(chosen)

    def undo(self) -> str | None:
        """Take back the dataset's newest step, a selection or a decision; its label."""
        return self._history.undo()

    @property
    def log(self) -> list[Decision]:
        """All decisions that stand, oldest first."""
        return list(self._log)

    @property
    def tags(self) -> dict[str, np.ndarray]:
        """Tag -> bool (n,)."""
        return dict(self._standing.tags)

    @property
    def dropped(self) -> np.ndarray:
        """bool (n,): rows to be left out."""
        return self._standing.dropped

    @property
    def labels(self) -> dict[int, str]:
        """Row -> new label."""
        return dict(self._standing.labels)

    @property
    def standing(self) -> Standing:
        """Tags, drops and labels together, of one moment."""
        return self._standing

    @property
    def revision(self) -> int:
        """Grows by one with every change."""
        return self._revision

    def __len__(self) -> int:
        return len(self._log)

    def __repr__(self) -> str:
        s = self._standing
        return (
            f"Decisions({len(s.tags)} tags, {int(s.relabelled.sum()):,} relabelled, "
            f"{int(s.dropped.sum()):,} dropped, {len(self._log)} in the log)"
        )

    def to_json(self, path: str | Path) -> None:
        """The log as JSON: a list of decisions with their row numbers and ids."""
        entries = [
            {**asdict(d), "rows": d.rows.tolist(), "ids": self._ids(d.rows)} for d in self.log
        ]
        Path(path).write_text(json.dumps(entries, indent=1, ensure_ascii=False), encoding="utf-8")

    def to_csv(self, path: str | Path) -> None:
        """The log as CSV, one line per decision and row."""
        with Path(path).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["row", "id", "kind", "value", "author", "time"])
            for d in self.log:
                for row, name in zip(d.rows.tolist(), self._ids(d.rows), strict=True):
                    writer.writerow([row, _plain(name), d.kind, _plain(d.value), d.author, d.time])

    def _restore_log(self, log: tuple[Decision, ...]) -> None:
        self._log, self._standing = log, _fold(log, self._n)
        self._revision += 1

    def _notify(self) -> None:
        self.changed.emit(self._revision)


def _fold(log: tuple[Decision, ...], n: int) -> Standing:
    tags: dict[str, np.ndarray] = {}
    dropped, relabelled = np.zeros(n, bool), np.zeros(n, bool)
    labels: dict[int, str] = {}
    for d in log:
        if d.kind == "tag":
            tags.setdefault(d.value, np.zeros(n, bool))[d.rows] = True
        elif d.kind == "untag" and d.value in tags:
            tags[d.value][d.rows] = False
        elif d.kind == "relabel":
            relabelled[d.rows] = True
            labels.update(dict.fromkeys(d.rows.tolist(), d.value))
        elif d.kind == "drop":
            dropped[d.rows] = True
        elif d.kind == "restore":
            dropped[d.rows] = relabelled[d.rows] = False
            for row in d.rows.tolist():
                labels.pop(row, None)
    return Standing({k: v for k, v in tags.items() if v.any()}, dropped, relabelled, labels)


def _plain(text: str) -> str:
    """Keep a spreadsheet from running a cell that begins like a formula."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "unknown"
