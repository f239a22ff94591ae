"""One undo stack for all that a user changes in a dataset."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from dsx.events import Signal

Action = Callable[[], None]
Change = tuple[Action, Action]


@dataclass(frozen=True, slots=True)
class Step:
    """One change that can be taken back, and whom to tell when it moves."""

    label: str
    redo: Action
    undo: Action
    notify: Action


class History:
    """Steps that can be undone and redone, newest last; the oldest fall off at `limit`.

    The lock is the dataset's, so that a step and the state it changes move together; `notify` and
    `changed` follow when it is released.
    """

    def __init__(self, lock: threading.RLock | None = None, limit: int = 200) -> None:
        self._lock = lock or threading.RLock()
        self._limit = limit
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self.changed = Signal()

    def do(self, label: str, plan: Callable[[], Change | None], notify: Action) -> None:
        """Carry out what `plan` returns and remember how to take it back.

        `plan` runs with the lock held, so that it sees the state it changes; None changes nothing.
        """
        with self._lock:
            change = plan()
            if change is None:
                return
            redo, undo = change
            redo()
            self._done.append(Step(label, redo, undo, notify))
            del self._done[: -self._limit]
            self._undone.clear()
        notify()
        self.changed.emit()

    def undo(self) -> str | None:
        """Take the newest step back; its label, or None when there is nothing to undo."""
        return self._move(self._done, self._undone, "undo")

    def redo(self) -> str | None:
        """Do the step undone last again; its label, or None."""
        return self._move(self._undone, self._done, "redo")

    def _move(self, source: list[Step], target: list[Step], action: str) -> str | None:
        with self._lock:
            if not source:
                return None
            step = source.pop()
            (step.undo if action == "undo" else step.redo)()
            target.append(step)
        step.notify()
        self.changed.emit()
        return step.label

    @property
    def undo_label(self) -> str:
        """What `undo` would take back, "" when nothing."""
        return _last(self._done)

    @property
    def redo_label(self) -> str:
        """What `redo` would do again, "" when nothing."""
        return _last(self._undone)

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self.undo_label)

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to do again."""
        return bool(self.redo_label)


def _last(steps: list[Step]) -> str:
    newest = steps[-1:]  # one step of the interpreter: no lock is needed to read a label
    return newest[0].label if newest else ""
