"""The embedding map of one view: whose course it shows, what the page and a printer are told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dsx import cite, encoders, errors
from dsx.compute import job as compute
from dsx.compute.job import Job
from dsx.page.choosing import LAYOUTS, titled
from dsx.page.course import Course, course
from dsx.page.embedding_spec import PAPERS, method_of, spec_of, waiting
from dsx.page.geometry import Geometry
from dsx.result_columns import made_by

if TYPE_CHECKING:
    from dsx.dataset import Dataset

Encoder = str | Callable[..., Any]


class EmbeddingPart:
    """Follows one course, or two side by side; `changed()` is called on their threads.

    `color` is a column or "": then the label where there is one, else the clusters once they are
    there. Raises NeedsError, ExtraError, InputError and ColumnError for what cannot be.
    """

    def __init__(
        self,
        ds: Dataset,
        changed: Callable[[], None],
        *,
        encoder: Encoder = "auto",
        layout: str = "auto",
        color: str = "",
        against: Encoder | None = None,
    ) -> None:
        self._ds, self._changed = ds, changed
        self._color = _known(ds, color)
        self._course = course(ds, _name(encoder), layout)
        self._next: Course | None = None  # chosen by the reader, without points yet
        self._against = self._other(against, encoder, layout) if against is not None else None
        self._agreement: Job | None = None
        self._compared: tuple[Course, Course] | None = None
        self._joined: dict[Course, Callable[[], None]] = {}
        self._lock = threading.RLock()

    @property
    def course(self) -> Course:
        """The one whose picture is on screen."""
        return self._course

    def points(self) -> dict[str, Geometry]:
        """The points by the name of the map; from here on the courses run."""
        with self._lock:
            shown = {"map": self._course}
            if self._against is not None:
                shown["against"] = self._against
            for each in (*shown.values(), *([self._next] if self._next else [])):
                self._join(each)
            return {name: each.geometry() for name, each in shown.items()}

    def spec(self) -> dict[str, Any]:
        """What the page needs to know to draw the map, as it stands now."""
        with self._lock:
            said = {**spec_of(self._course), "color": self.color, "against": None, "pending": None}
            if self._next is not None:
                chosen = self._next
                said["pending"] = {
                    "encoder": chosen.encoder,
                    "layout": chosen.layout,
                    "title": titled(chosen.wanted),
                }
            if self._against is not None:
                said["against"] = {
                    "method": method_of(self._against),
                    "agreement": "agreement" if self._agreed else "",
                    "waiting": waiting(self._against),
                }
            return said

    @property
    def color(self) -> str:
        """The column that colours the points unless the reader chose another; "" for none yet."""
        if self._color:
            return self._color if self._has(self._color) else ""
        if self._ds.has("label"):
            return self._ds.role("label").column
        return "cluster" if "clusters" in self._course.results and self._has("cluster") else ""

    def choose(self, encoder: str, layout: str) -> None:
        """The reader wants other vectors or another layout; "" for what they are."""
        with self._lock:
            now = self._next or self._course
            chosen = course(self._ds, encoder or now.encoder, layout or now.layout)
            dropped, self._next = self._next, None if chosen is self._course else chosen
            if dropped is not None and dropped is not self._next:
                self._leave(dropped)
            if self._next is not None:
                self._join(self._next)
        self._follow()

    def leave(self) -> None:
        """Nobody looks at this map any more."""
        with self._lock:
            for each, stop in list(self._joined.items()):
                stop()
                each.leave(self)
            self._joined.clear()

    def papers(self) -> list[str]:
        """Keys of the papers behind what is shown."""
        shown = self._course.shown
        first = [PAPERS[shown.method]] if shown is not None else []
        others = [r for key, r in self._course.results.items() if key != "projection"]
        return [*first, *(paper for result in others for paper in result.measure.papers)]

    def cite(self) -> cite.Bibtex:
        """BibTeX of the papers behind what is shown."""
        return cite.bibtex(self.papers())

    # -- inside -----------------------------------------------------------------------------

    def _other(self, against: Encoder, encoder: Encoder, layout: str) -> Course:
        second = (
            course(self._ds, _name(encoder), against)
            if isinstance(against, str) and against in LAYOUTS
            else course(self._ds, _name(against), layout)
        )
        if second is self._course:
            raise errors.bad_value(
                "against", "another encoder or another layout", against,
                f"the map itself is {titled(second.wanted)}",
            )  # fmt: skip
        return second

    def _follow(self) -> None:
        with self._lock:
            chosen = self._next
            if chosen is not None and chosen.shown is not None:
                old, self._course, self._next = self._course, chosen, None
                self._leave(old)
            elif chosen is not None and not chosen.running:  # it failed: its jobs say why
                self._next = None
                self._leave(chosen)
        self._agree()
        self._changed()

    def _agree(self) -> None:
        """The measure of how far two maps agree, once both are what they will be."""
        one, other = self._course, self._against
        with self._lock:
            if other is None or one.running or other.running or not self._joined:
                return
            if one.shown is None or other.shown is None or self._compared == (one, other):
                return
            self._compared = (one, other)
            maps = one.encoder == other.encoder  # of one space the two maps, else the two spaces
            try:
                job = compute.measure(
                    self._ds, "neighbourhood_agreement",
                    encoder=one.shown.encoder, method=one.shown.method if maps else "",
                    against=other.shown.encoder, against_method=other.shown.method if maps else "",
                )  # fmt: skip
            except errors.DsxError:  # both fell back to the same picture
                return
            self._agreement = job
        job.changed.connect(lambda job: self._changed() if job.finished else None)

    @property
    def _agreed(self) -> bool:
        return self._agreement is not None and self._agreement.state == "done"

    def _has(self, name: str) -> bool:
        return name in self._ds.columns or name in self._ds.result_columns()

    def _join(self, each: Course) -> None:
        if each not in self._joined:
            self._joined[each] = each.changed.connect(self._follow)
            each.join(self)

    def _leave(self, each: Course) -> None:
        if each in self._joined and each is not self._against:
            self._joined.pop(each)()
            each.leave(self)


def can_map(ds: Dataset) -> bool:
    """Whether there is anything to make vectors of."""
    return any(ds.has(kind) for kind in ("embedding", "text", "image"))


def _name(encoder: Encoder) -> str:
    if callable(encoder):
        return encoders.register(encoder)
    if not isinstance(encoder, str):
        raise errors.bad_value("encoder", "a name or a function of a list of texts", encoder)
    return encoder


def _known(ds: Dataset, color: str) -> str:
    """A column, a role's column ("label"), or one that a measure will make. Raises ColumnError."""
    color = ds.roles[color].column if color in ds.roles else color
    if color and not made_by(color):
        ds.column(color)
    return color
