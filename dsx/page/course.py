"""The course of an embedding map: which measures run in which order, and what they put on screen.

First a picture that is there soon, then better ones in its place, then what is known about them.
A course belongs to a dataset, an encoder and a layout, and is shared by every view that shows
these. It runs on a thread of its own, whose every step is a job: what is stored or cached is used
at once, a job that is cancelled leaves the picture there is, and of one that failed the rest goes
on without.
"""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from dsx import encoders, errors
from dsx.compute import job as compute
from dsx.compute import plan
from dsx.compute.job import Job
from dsx.events import Signal
from dsx.measures import Measure, make
from dsx.measures.inputs import Inputs, checked
from dsx.page import geometry as geometries
from dsx.page.catalogue import version_of
from dsx.page.choosing import Picture, encoder_for, first_encoder, layout_for, no_umap, titled
from dsx.page.encoding import encode

if TYPE_CHECKING:
    from dsx.dataset import Dataset
    from dsx.measures.result import Result

log = logging.getLogger("dsx")

SLOW = 18_000  # texts that a sentence model reads in a minute on two cores: 300 a second
# of the encoder's vectors alone, and of the map they make
_OF_MAP, _OF_VECTORS = ("clusters", "map_trust"), ("duplicates", "outliers")
_GRACE = 1.0  # seconds a course outlives its last view: a cell that runs again takes it over


class Course:
    """What an embedding map shows, now and next. `changed` is emitted on the course's thread."""

    def __init__(self, ds: Dataset, encoder: str, layout: str, why: str = "") -> None:
        self.ds, self.encoder, self.layout, self.why = ds, encoder, layout, why
        self.projection = f"embedding:{encoder}:{layout}"
        self.changed = Signal()
        self.there = threading.Event()  # there are points, or there will be none
        self.ended = threading.Event()
        self.shown: Picture | None = None
        self.results: Mapping[str, Result] = {}  # of the picture on screen, by measure key
        self.moving = False
        self.cannot = ""  # why the layout that is wanted is not begun: these vectors have none
        self.given_up: Mapping[Measure, errors.DsxError] = {}
        self._lock = threading.Lock()
        self._users: weakref.WeakSet[Any] = weakref.WeakSet()
        self._running, self._again, self._leaving = False, False, False
        self._job: Job | None = None  # the one this course has asked for and waits for
        self._dropped: Job | None = None

    # -- who looks at it --------------------------------------------------------------------

    def join(self, user: object) -> None:
        """Someone shows this course: it runs, or runs on."""
        with self._lock:
            self._users.add(user)
            self._leaving = False
            with _opening:
                _courses.setdefault((self.ds.id, self.encoder, self.layout), self)
        self.start()

    def leave(self, user: object) -> None:
        """Someone shows it no more; without anyone left its jobs are cancelled soon."""
        with self._lock:
            self._users.discard(user)
            if self._users or self._leaving:
                return
            self._leaving = True
        timer = threading.Timer(_GRACE, self._stop)
        timer.daemon = True
        timer.start()

    def start(self) -> None:
        """Run through the steps, on a thread; those that are done cost nothing."""
        with self._lock:
            self._again = True
            if self._running:
                return
            self._running = True
            self.ended.clear()
        threading.Thread(target=self._run, name=f"dsx {self.projection}", daemon=True).start()

    def retry(self, measure: Measure) -> bool:
        """Take up again what was given up with the job of a measure; whether anything was."""
        with self._lock:
            kept = {m: error for m, error in self.given_up.items() if not self._on(m, measure)}
            if len(kept) == len(self.given_up):
                return False
            self.given_up = kept
        self.start()
        return True

    def geometry(self) -> geometries.Geometry:
        """The points on screen, opened (again) when needed."""
        about = {"kind": "embedding", "title": self.title, "note": ""}
        return geometries.geometry(self.ds, self.projection, self._places, about)

    def _carrier(self) -> geometries.Geometry | None:
        """The same while a view shows them; without one nothing is opened."""
        with self._lock:
            looked_at = bool(self._users)
        return self.geometry() if looked_at else None

    @property
    def title(self) -> str:
        """The picture on screen in a few words."""
        return titled(self.shown or self.wanted)

    @property
    def wanted(self) -> Picture:
        """The picture this course goes to."""
        return Picture(self.encoder, self.layout)

    @property
    def running(self) -> bool:
        """Whether any step is still to come."""
        return not self.ended.is_set()

    # -- the steps --------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            with self._lock:
                self._again = False
            try:
                self._pictures()
                self._columns()
            except Exception:  # a step that broke must not leave a view waiting without a word
                log.exception("the course of %s broke", self.projection)
            self.there.set()
            with self._lock:
                if self._again and not self._leaving:
                    continue
                self._running = False
                self.ended.set()
            self.changed.emit()
            return

    def _pictures(self) -> None:
        if self._known(self.wanted):
            return
        steps = self._steps()
        if self.shown is not None:  # a run through the steps again: nothing worse than there is
            steps = steps[steps.index(self.shown) + 1 if self.shown in steps else 1 :]
        while steps:
            step = steps.pop(0)
            if self._senseless(step):
                if steps:  # what the next vectors are like is seen before they are laid out
                    steps = list(dict.fromkeys((Picture(self.encoder, "pca"), *steps)))
            elif self._show(step):
                if step.encoder != self.encoder and step.method != "pca":
                    self._columns(_OF_MAP)  # this picture will stand for a while
            elif self._cancelled():
                return
            elif self.shown is not None and step.encoder == self.encoder != self.shown.encoder:
                # without its vectors: the layout of those there are
                steps = [Picture(self.shown.encoder, self.layout)]
                steps = steps if self._worth(steps[0]) else []

    def _steps(self) -> list[Picture]:
        """The pictures on the way to the one that is wanted, that one last."""
        first, wanted = first_encoder(self.ds, self.encoder), self.wanted
        if self.layout == "placed":  # a reader who knows the map sees no other on the way
            return [wanted]
        if first == self.encoder or self._encoded():  # nothing else is there sooner
            return list(dict.fromkeys((Picture(self.encoder, "pca"), wanted)))
        steps = [Picture(first, "pca")]
        if self._slow() and self.layout != "pca":
            return [*steps, Picture(first, self.layout), wanted]
        return list(dict.fromkeys((*steps, Picture(self.encoder, "pca"), wanted)))

    def _senseless(self, step: Picture) -> bool:
        """Whether the vectors that are there already have no such layout; it is not begun."""
        if step.method != "umap" or step == self.shown:
            return False
        known = compute.found(self.ds, "embedding", encoder=step.encoder)
        why = "" if known is None else no_umap(known)
        if step == self.wanted:
            self.cannot = why
        return bool(why)

    def _slow(self) -> bool:
        """Whether a model will take more than a minute, and the layout of words is worth it."""
        model = encoders.kind_of(self.encoder) not in ("given", "lexical", "callable")
        return model and len(self.ds) > SLOW

    def _worth(self, picture: Picture) -> bool:
        return picture.method != "pca" and picture != self.shown

    def _known(self, picture: Picture) -> bool:
        known = compute.found(self.ds, make("projection", _projection(picture)))
        return known is not None and self._show(picture)

    def _encoded(self) -> bool:
        return compute.found(self.ds, "embedding", encoder=self.encoder) is not None

    def _show(self, picture: Picture) -> bool:
        if picture == self.shown:
            return True
        result = self._done("projection", **_projection(picture))
        if result is None:
            return False
        self.shown, self.results, self.moving = picture, {"projection": result}, False
        about = {"kind": "embedding", "title": self.title, "note": "; ".join(result.notes)}
        carrier = self._carrier()
        if carrier is not None:
            carrier.place(*_xy(result), about, first_colours(self.ds))
        self.there.set()
        self.changed.emit()
        return True

    def _columns(self, only: tuple[str, ...] = (*_OF_MAP, *_OF_VECTORS)) -> None:
        shown = self.shown
        if shown is None:
            return
        every: dict[str, dict[str, Any]] = {key: _projection(shown) for key in _OF_MAP}
        every |= {key: {"encoder": shown.encoder} for key in _OF_VECTORS}
        for key, parameters in every.items():
            if self._leaving:
                return
            if key not in only:
                continue
            result = self._done(key, **parameters)
            if result is not None and self.results.get(key) is not result:
                self.results = {**self.results, key: result}
                self.changed.emit()

    def _done(self, key: str, **parameters: Any) -> Result | None:
        """The result of a measure, waited for; None where it failed or was given up."""
        measure = make(key, parameters).resolved(self.ds)
        if measure in self.given_up or self._leaving:
            return None
        result: Result | None = compute.found(self.ds, measure)
        if result is None:
            result = self._wait(measure)
        if result is None:
            return None
        if self.ds.results.get(key) is not result:  # what is on screen is what columns are of
            self.ds.results.store(key, result)
        return result

    def _wait(self, measure: Measure) -> Result | None:
        job = None
        try:
            job = self._job = plan.submit(self.ds, measure, watch=self._move)
            if self._leaving:  # it was submitted meanwhile
                self._drop()
            return job.wait()
        except errors.DsxError as error:
            if job is None or job is not self._dropped:
                self._give_up(measure, error)
            return None
        finally:
            self._job = None

    def _move(self, rows: Mapping[str, np.ndarray]) -> None:
        """Points on their way, on whatever thread they came."""
        if "x" not in rows:
            return
        if not self.moving:
            self.moving = True
            self.changed.emit()
        carrier = self._carrier()
        if carrier is not None:
            carrier.show(rows["x"], rows["y"])

    def _give_up(self, measure: Measure, error: errors.DsxError) -> None:
        with self._lock:
            self.given_up = {**self.given_up, measure: error}
        if self.moving:  # the points go back to where they are known to belong
            self.moving = False
            there, carrier = self._places(), self._carrier()
            if there is not None and carrier is not None:
                carrier.place(there[0], there[1], carrier.about, there[2])
        self.changed.emit()

    def _cancelled(self) -> bool:
        return any(isinstance(error, errors.JobCancelled) for error in self.given_up.values())

    def _places(self) -> geometries.Places | None:
        result = self.results.get("projection")
        return None if result is None else (*_xy(result), first_colours(self.ds))

    def _stop(self) -> None:
        with self._lock:
            if not self._leaving or self._users:
                self._leaving = False
                return
            with _opening:
                if _courses.get((self.ds.id, self.encoder, self.layout)) is self:
                    del _courses[self.ds.id, self.encoder, self.layout]
        self._drop()

    def _drop(self) -> None:
        """Need its job no more, which others may: it is cancelled where nobody does."""
        with self._lock:
            job, self._job = self._job, None
            if job is None:
                return
            self._dropped = job
        pending = [job]
        while pending:
            each = pending.pop()
            dropped.add(each)
            pending += each.requires
        plan.release(job)

    def _on(self, measure: Measure, other: Measure) -> bool:
        """Whether a measure is another one or needs its result."""
        needs = measure.requires(self.ds)
        return measure == other or any(self._on(each, other) for each in needs)


# jobs that a picture needs no more: where one is cancelled for that, nobody is told
dropped: weakref.WeakSet[Job] = weakref.WeakSet()

# held by the views that show them, and while they run
_courses: weakref.WeakValueDictionary[tuple[str, str, str], Course] = weakref.WeakValueDictionary()
_opening = threading.Lock()


def course(ds: Dataset, encoder: str = "auto", layout: str = "auto") -> Course:
    """The one Course of a dataset for an encoder and a layout; raises what cannot be.

    NeedsError for a dataset with neither vectors nor texts nor images, ExtraError for a layout
    whose package is not installed, InputError for names that mean nothing.
    """
    encoder = encoder_for(ds, encoder)
    layout, why = layout_for(ds, layout)
    wanted = make("projection", {"encoder": encoder, "method": layout}).resolved(ds)
    for measure in (*wanted.requires(ds), wanted):
        checked(measure, Inputs(ds))
    with _opening:
        return _courses.setdefault((ds.id, encoder, layout), Course(ds, encoder, layout, why))


def courses(ds: Dataset) -> list[Course]:
    """Those of a dataset that some view shows."""
    with _opening:
        return [found for found in _courses.values() if found.ds is ds]


def first_colours(ds: Dataset) -> dict[str, Any]:
    """The codes of the labels, which come along with the points; {} where there are none."""
    if "label" not in ds.roles:
        return {}
    name = ds.roles["label"].column
    about, data = encode(name, ds.column(name), "label")
    if about["kind"] != "category":
        return {}
    return {**about, "version": version_of(ds, name, ds.column(name)), "data": data}


def _projection(picture: Picture) -> dict[str, Any]:
    return {"encoder": picture.encoder, "method": picture.method}


def _xy(result: Result) -> tuple[np.ndarray, np.ndarray]:
    return result.column("x"), result.column("y")
