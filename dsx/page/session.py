"""What all views of one dataset share, from the kernel to the browser."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from dsx.page import jobs
from dsx.page.catalogue import columns_of
from dsx.page.hidden import Hidden

if TYPE_CHECKING:
    from dsx.dataset import Dataset
    from dsx.page.base import View


class Session(Hidden):
    """Selection, filter, decisions and the list of columns of one dataset; never displayed.

    Everything here is small or one bit a row. Traits follow the dataset from whatever thread
    changed it, newest revision last.
    """

    dataset = traitlets.Unicode().tag(sync=True)
    name = traitlets.Unicode().tag(sync=True)
    n_rows = traitlets.Int().tag(sync=True)
    columns: traitlets.List[Any] = traitlets.List().tag(sync=True)
    columns_revision = traitlets.Int(0).tag(sync=True)
    runs: traitlets.List[Any] = traitlets.List().tag(sync=True)
    n_epochs = traitlets.Int(0).tag(sync=True)
    text_bytes = traitlets.Int(0).tag(sync=True)
    selection = traitlets.Bytes(b"").tag(sync=True)
    selection_revision = traitlets.Int(0).tag(sync=True)
    selection_origin = traitlets.Unicode("").tag(sync=True)
    filter = traitlets.Dict().tag(sync=True)
    filter_base = traitlets.Bytes(b"").tag(sync=True)
    filter_bits = traitlets.Bytes(b"").tag(sync=True)
    filter_revision = traitlets.Int(0).tag(sync=True)
    tags = traitlets.Dict().tag(sync=True)
    n_dropped = traitlets.Int(0).tag(sync=True)
    n_relabelled = traitlets.Int(0).tag(sync=True)
    dropped = traitlets.Bytes(b"").tag(sync=True)
    decisions_revision = traitlets.Int(0).tag(sync=True)
    undo_label = traitlets.Unicode("").tag(sync=True)
    redo_label = traitlets.Unicode("").tag(sync=True)
    jobs: traitlets.List[Any] = traitlets.List().tag(sync=True)

    def __init__(self, ds: Dataset) -> None:
        self._ds = ds
        self._writing = threading.RLock()
        self._leave: list[Callable[[], None]] = []
        self.views: weakref.WeakSet[View] = weakref.WeakSet()
        with self._writing:  # what changes meanwhile is written after this
            self._leave = [
                ds.changed.connect(self._follow),
                ds.history.changed.connect(lambda: self._write(self._history)),
                jobs.follow(lambda: self._write(self._jobs), ds.id),
            ]
            try:
                super().__init__(
                    dataset=ds.id,
                    name=ds.name,
                    n_rows=len(ds),
                    **columns_of(ds),
                    **self._selection(),
                    **self._filter(),
                    **self._decisions(),
                    **self._history(),
                    **self._jobs(),
                )
            except BaseException:
                self._stop()
                raise

    def close(self) -> None:
        """Stop following the dataset and leave the page."""
        self._stop()
        super().close()

    def _stop(self) -> None:
        for leave in self._leave:
            leave()
        self._leave = []

    def _follow(self, kind: str, key: str, revision: int) -> None:
        self._write(
            {"selection": self._selection, "filter": self._filter, "results": self._results}.get(
                kind, self._decisions
            )
        )

    def _write(self, read: Callable[[], dict[str, Any]]) -> None:
        # Read inside: the thread that writes last has then read last. Nothing read here takes the
        # dataset's lock, which may be held by whoever is told of a change and waits for us.
        with self._writing, self.hold_sync():
            for name, value in read().items():
                setattr(self, name, value)

    def _results(self) -> dict[str, Any]:
        return {**columns_of(self._ds), "columns_revision": self.columns_revision + 1}

    def _jobs(self) -> dict[str, Any]:
        return {"jobs": jobs.entries(self._ds)}

    def _selection(self) -> dict[str, Any]:
        bits, revision, origin = self._ds.selection.state()
        return {
            "selection": bits,
            "selection_revision": revision,
            "selection_origin": origin,
        }

    def _filter(self) -> dict[str, Any]:
        scope = self._ds.filter_state.state()
        # the page makes the rows of these clauses again by itself; of others it needs the outcome
        told = any(
            not {"column", "search", "tags"} & {*clause} for clause in scope.clauses.values()
        )
        return {
            "filter": dict(scope.clauses),
            "filter_base": b"" if scope.base.all() else _bits(scope.base),
            "filter_bits": _bits(scope.mask) if told else b"",
            "filter_revision": scope.revision,
        }

    def _decisions(self) -> dict[str, Any]:
        standing, revision = self._ds.decisions.state()
        dropped = int(standing.dropped.sum())
        return {
            "tags": {tag: int(mask.sum()) for tag, mask in standing.tags.items()},
            "n_dropped": dropped,
            "n_relabelled": len(standing.labels),
            "dropped": _bits(standing.dropped) if dropped else b"",
            "decisions_revision": revision,
        }

    def _history(self) -> dict[str, Any]:
        history = self._ds.history
        return {"undo_label": history.undo_label, "redo_label": history.redo_label}


def _bits(mask: np.ndarray) -> bytes:
    return np.packbits(mask, bitorder="little").tobytes()


_sessions: dict[str, Session] = {}
_opening = threading.RLock()


def session(ds: Dataset, view: View | None = None) -> Session:
    """The one Session of a dataset, opened (again) when needed; kept as long as it has a view."""
    with _opening:
        found = _sessions.get(ds.id)
        if found is None or found.comm is None:
            found = _sessions[ds.id] = Session(ds)
        if view is not None:
            found.views.add(view)
        return found


def dataset_of(key: str) -> Dataset | None:
    """The dataset of an open session."""
    found = _sessions.get(key)
    return found._ds if found else None


def release(ds: Dataset, view: View) -> bool:
    """A view is gone; the last one of a dataset takes the session with it (then True)."""
    with _opening:
        found = _sessions.get(ds.id)
        if found is None:
            return False
        found.views.discard(view)
        if len(found.views):
            return False
        del _sessions[ds.id]
    found.close()
    return True
