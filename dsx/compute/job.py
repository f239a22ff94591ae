"""One run of one measure, on a thread of this process."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Generator
from time import monotonic
from typing import Any, Literal

from dsx import errors
from dsx.compute.listing import MeasureList
from dsx.dataset import Dataset
from dsx.events import Signal
from dsx.measures import Inputs, Measure, Result, make
from dsx.measures.inputs import checked

log = logging.getLogger("dsx")

State = Literal["waiting", "running", "done", "failed", "cancelled"]
FINISHED: tuple[State, ...] = ("done", "failed", "cancelled")
# how often, in seconds, progress is told to listeners
_TELL_EVERY = 0.05
_slots = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))


class Job:
    """One run of one measure: `wait()` for its Result, `await` it, or `cancel()` it.

    `state` is "waiting", "running", "done", "failed" or "cancelled"; `progress` goes from 0 to 1;
    `error` is what a failed job died of. `changed` is emitted with the job, on the job's thread,
    when any of these changes.
    """

    def __init__(self, dataset: Dataset, measure: Measure, *, seed: int = 0) -> None:
        self.dataset, self.measure, self.seed = dataset, measure, seed
        self.changed = Signal()
        self.error: BaseException | None = None
        self._state: State = "waiting"
        self._progress = 0.0
        self._result: Result | None = None
        self._lock = threading.Lock()
        self._finished = threading.Event()
        self._cancel = threading.Event()
        self._settled = False  # how it ends is decided: no cancel after this, no result
        self._told = 0.0
        self._thread = threading.Thread(
            target=self._run, name=f"dsx job {measure.key}", daemon=True
        )

    @property
    def state(self) -> State:
        """How far it has come: one of the five states above."""
        return self._state

    @property
    def progress(self) -> float:
        """From 0 to 1."""
        return self._progress

    def start(self) -> Job:
        """Begin; called once, by `measure`."""
        self._thread.start()
        return self

    def wait(self, timeout: float | None = None) -> Result:
        """The Result, when it is there.

        Raises TimeoutError after `timeout` seconds (the job goes on), JobFailed with the error as
        its cause, or JobCancelled.
        """
        if not self._finished.wait(timeout):
            raise errors.job_timeout(self.measure.name, timeout or 0.0)
        return self._outcome()

    def __await__(self) -> Generator[Any, None, Result]:
        return self._awaited().__await__()

    def cancel(self) -> bool:
        """Cancel: the job ends at its next report of progress; False when it has ended already."""
        with self._lock:
            if self._settled:
                return False
            self._settled = True
            self._cancel.set()
        # the user is free at once; what the thread still computes is thrown away
        self._finish("cancelled")
        return True

    async def _awaited(self) -> Result:
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()

        def tell(job: Job) -> None:
            if job.state in FINISHED and not loop.is_closed():
                loop.call_soon_threadsafe(ended.set)

        disconnect = self.changed.connect(tell)
        try:
            if not self._finished.is_set():
                await ended.wait()
        finally:
            disconnect()
        return self._outcome()

    def _outcome(self) -> Result:
        if self._state == "failed":
            raise errors.job_failed(self.measure.name, self.error) from self.error
        if self._state == "cancelled" or self._result is None:
            raise errors.job_cancelled(self.measure.name)
        return self._result

    def _run(self) -> None:
        while not _slots.acquire(timeout=0.1):
            if self._cancel.is_set():
                return
        try:
            with self._lock:
                if self._cancel.is_set():
                    return
                self._state = "running"
            self.changed.emit(self)
            inputs = Inputs(self.dataset, seed=self.seed, progress=self._report)
            result = self.measure.compute(inputs)
            self._report(1, 1)
            self._store(result)
        except errors.JobCancelled:
            self._finish("cancelled")
        except Exception as error:  # a failed measure is a failed job
            log.debug("job %s failed", self.measure.name, exc_info=error)
            self.error = error
            self._finish("failed")
        finally:
            self._finish("failed")  # where the thread is ended by force; else it has ended already
            _slots.release()

    def _store(self, result: Result) -> None:
        with self._lock:
            if self._settled:
                return
            self._settled, self._result = True, result
        self.dataset.results.store(self.measure.key, result)
        if self.measure.name != self.measure.key:
            self.dataset.results.store(self.measure.name, result)
        self._finish("done")

    def _report(self, done: int, total: int) -> None:
        if self._cancel.is_set():
            raise errors.job_cancelled(self.measure.name)
        self._progress = min(1.0, done / total) if total else 1.0
        now = monotonic()
        if now - self._told >= _TELL_EVERY:
            self._told = now
            self.changed.emit(self)

    def _finish(self, state: State) -> None:
        with self._lock:
            if self._state in FINISHED:
                return
            self._settled, self._state = True, state
            self._finished.set()
        self.changed.emit(self)

    def __repr__(self) -> str:
        more = f", {self._progress:.0%}" if self._state == "running" else ""
        more = f", {self.error}" if self._state == "failed" else more
        return f"Job({self.measure.name}, {self._state}{more})"


def measure(dataset: Any, key: str, *, seed: int = 0, **parameters: Any) -> Job:
    """Start a measure on a dataset (or anything `dsx.read` takes); a Job.

    The result is also stored: `ds.results[key]` holds the newest, and where parameters differ
    from their defaults `ds.results["key(name=value)"]` keeps this one. Raises InputError for an
    unknown key or a bad parameter and NeedsError for inputs that are missing, at once.
    """
    chosen = make(key, parameters)
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise errors.bad_value("seed", "a whole number of at least 0", seed)
    ds = _dataset(dataset)
    checked(chosen, Inputs(ds, seed=seed))
    return Job(ds, chosen, seed=seed).start()


def result(dataset: Any, key: str, *, seed: int = 0, **parameters: Any) -> Result:
    """The stored result of a measure with these parameters, else that of a job just waited for."""
    ds, wanted = _dataset(dataset), make(key, parameters)
    for name in (wanted.name, wanted.key):
        stored: Result | None = ds.results.get(name)
        if stored is not None and stored.measure == wanted and stored.about.seed == seed:
            return stored
    return measure(ds, key, seed=seed, **parameters).wait()


def measures(dataset: Any = None) -> MeasureList:
    """Every measure, and for a dataset what each needs, has and lacks; prints as a table."""
    return MeasureList(None if dataset is None else _dataset(dataset))


def _dataset(source: Any) -> Dataset:
    if isinstance(source, Dataset):
        return source
    from dsx.sources import read

    read_in: Dataset = read(source)
    return read_in
