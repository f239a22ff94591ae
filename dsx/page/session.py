"""What all views of one dataset share, from the kernel to the browser."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

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

    def __init__(self, ds: Dataset) -> None:
        self._ds = ds
        self._writing = threading.RLock()
        self.views: weakref.WeakSet[View] = weakref.WeakSet()
        about = columns_of(ds)
        super().__init__(
            dataset=ds.id,
            name=ds.name,
            n_rows=len(ds),
            **about,
            **self._selection(),
            **self._filter(),
            **self._decisions(),
        )
        self._leave = [
            ds.changed.connect(self._follow),
            ds.history.changed.connect(lambda: self._write(self._history())),
        ]

    def close(self) -> None:
        """Stop following the dataset and leave the page."""
        for leave in self._leave:
            leave()
        self._leave = []
        super().close()

    def _follow(self, kind: str, key: str, revision: int) -> None:
        if kind == "results":
            about = columns_of(self._ds)
            self._write(lambda: {**about, "columns_revision": self.columns_revision + 1})
        else:
            self._write(
                {"selection": self._selection, "filter": self._filter}.get(kind, self._decisions)
            )

    def _write(self, read: Any) -> None:
        with self._writing, self.hold_sync():
            for name, value in (read() if callable(read) else read).items():
                setattr(self, name, value)

    def _selection(self) -> dict[str, Any]:
        bits, revision, origin = self._ds.selection.state()
        return {
            "selection": bits,
            "selection_revision": revision,
            "selection_origin": origin,
        }

    def _filter(self) -> dict[str, Any]:
        state = self._ds.filter_state
        active = state.active
        return {
            "filter": dict(state.clauses),
            "filter_base": b"" if state.base.all() else _bits(state.base),
            "filter_bits": _bits(state.mask) if active else b"",
            "filter_revision": state.revision,
        }

    def _decisions(self) -> dict[str, Any]:
        standing = self._ds.decisions.standing
        dropped = int(standing.dropped.sum())
        return {
            "tags": {tag: int(mask.sum()) for tag, mask in standing.tags.items()},
            "n_dropped": dropped,
            "n_relabelled": len(standing.labels),
            "dropped": _bits(standing.dropped) if dropped else b"",
            "decisions_revision": self._ds.decisions.revision,
        }

    def _history(self) -> dict[str, Any]:
        history = self._ds.history
        return {"undo_label": history.undo_label, "redo_label": history.redo_label}


def _bits(mask: np.ndarray) -> bytes:
    return np.packbits(mask, bitorder="little").tobytes()


_sessions: dict[str, Session] = {}


def session(ds: Dataset) -> Session:
    """The one Session of a dataset, opened (again) when needed."""
    found = _sessions.get(ds.id)
    if found is None or found.comm is None:
        found = _sessions[ds.id] = Session(ds)
    return found


def dataset_of(key: str) -> Dataset | None:
    """The dataset of an open session."""
    found = _sessions.get(key)
    return found._ds if found else None


def release(ds: Dataset, view: View) -> bool:
    """A view is gone; the last one of a dataset takes the session with it (then True)."""
    found = _sessions.get(ds.id)
    if found is None:
        return False
    found.views.discard(view)
    if len(found.views):
        return False
    del _sessions[ds.id]
    found.close()
    return True
