"""Jobs: what runs where in this session, how far it is, and how to stop it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import anywidget
import traitlets

from dsx.page import jobs
from dsx.page.hidden import reference
from dsx.page.runtime import LOADER, bundle, runtime
from dsx.page.uplink import uplink


class Jobs(anywidget.AnyWidget):
    """Every job of this session: those under way, those that failed, then those that are done.

    With progress, queue, place, time and memory; each can be cancelled, tried again or dismissed.
    The same jobs are objects in Python: `dsx.measure` returns one.
    """

    _esm = LOADER
    build = traitlets.Unicode().tag(sync=True)
    runtime = traitlets.Unicode().tag(sync=True)
    uplink = traitlets.Unicode().tag(sync=True)
    view = traitlets.Unicode("Jobs").tag(sync=True)
    jobs: traitlets.List[Any] = traitlets.List().tag(sync=True)

    def __init__(self) -> None:
        self._stop: Callable[[], None] = lambda: None
        self._writing = threading.Lock()  # who writes last has then read last
        super().__init__(
            runtime=reference(runtime()),
            uplink=reference(uplink()),
            build=bundle()[1],
            jobs=_listed(),
        )
        self._stop = jobs.follow(self._follow)
        self._follow()

    def close(self) -> None:
        """Take it off the page; it is told of no more jobs."""
        self._stop()
        layout = self.layout
        super().close()
        layout.close()

    def _follow(self) -> None:
        with self._writing:
            if self.comm is not None:
                self.jobs = _listed()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        reference = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {"application/vnd.jupyter.widget-view+json": reference, "text/plain": repr(self)}

    def __repr__(self) -> str:
        listed = _listed()
        if not listed:
            return "Jobs: none so far"
        return "\n".join(["Jobs", *(f"  {_line(entry)}" for entry in listed)])


def _listed() -> list[dict[str, Any]]:
    """What is under way or wants attention, then what is done, the newest first."""
    return [*jobs.entries(), *jobs.finished()]


def _line(entry: dict[str, Any]) -> str:
    """One job in words, as far as they are known."""
    parts = [f"{entry['title']} of {entry['dataset']!r}: {entry['state']}"]
    if entry["state"] == "running":
        parts.append(f"{entry['progress']:.0%}")
        parts.append(f"{entry['seconds']:.0f} s")
        parts.append(" ".join(word for word in (entry["stage"], entry["place"]) if word))
    if entry["state"] == "done":
        parts.append(f"{entry['seconds']:.1f} s")
        parts.append(entry["place"])
    if entry["state"] == "waiting" and entry["queue"]:
        parts.append(f"{entry['queue']} before it")
    if entry["memory"]:
        parts.append(f"{entry['memory'] / 2**20:,.0f} MiB")
    if entry["message"]:
        parts.append(entry["message"].splitlines()[0])
    return ", ".join(parts)
