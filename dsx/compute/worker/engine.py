"""The queue in front of a kernel: one job at a time, in the order of submission."""

from __future__ import annotations

import logging
import threading
import uuid
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from dsx import errors
from dsx.compute import crossing, keys, saved
from dsx.compute.job import Job
from dsx.compute.worker.session import Session
from dsx.compute.worker.transport import Transport
from dsx.dataset import Dataset
from dsx.measures import Result

log = logging.getLogger("dsx")

RUN = "dsx.compute.runner:run"
READY = "dsx.compute.worker.service:ready"
ASK = "dsx.compute.worker.service:answer"
# seconds a kernel has to honour an interrupt before it is ended
PATIENCE = 3.0


class Engine:
    """Runs jobs on a kernel, on a thread of its own that lives as long as it has work."""

    def __init__(self, transport: Transport, session: Session) -> None:
        self.transport, self.session = transport, session
        self._queue: dict[int, tuple[Job, str]] = {}
        self._current: Job | None = None
        self._lock = threading.Condition()
        self._thread: threading.Thread | None = None
        self._early = False
        self._closed = False
        self._tables: weakref.WeakKeyDictionary[Dataset, dict[tuple[str, ...], Path]] = (
            weakref.WeakKeyDictionary()
        )

    # -- from any thread --------------------------------------------------------------------

    def submit(self, job: Job, key: str) -> None:
        """Put a job in the queue; `key` is what its result will be stored under."""
        with self._lock:
            self._queue[job.number] = (job, key)
        self._wake()

    def start_early(self) -> None:
        """Start the kernel before there is a job."""
        with self._lock:
            self._early = True
        self._wake()

    def cancel(self, job: Job) -> None:
        """Take a job out of the queue, or stop it where it runs."""
        with self._lock:
            self._queue.pop(job.number, None)
            running = self._current is job
        if running:
            self.transport.interrupt()
            timer = threading.Timer(PATIENCE, self._lose_patience, (job,))
            timer.daemon = True
            timer.start()

    def ask(self, call: str, arguments: dict[str, Any]) -> Any:
        """What a function "module:name" of the kernel returns, beside whatever runs."""
        self.transport.start()
        request = {"call": call, "arguments": arguments}
        said, buffers = self.transport.run(ASK, request, lambda *_: None, aside=True)
        return crossing.arrays_in(said["value"], buffers)

    def close(self) -> None:
        """End the kernel; jobs that are left fail."""
        with self._lock:
            self._closed = True
            left = [job for job, _ in self._queue.values()]
            self._queue.clear()
            self._lock.notify_all()
        for job in left:
            job.cancel()
        self.transport.close()

    # -- the thread -------------------------------------------------------------------------

    def _wake(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="dsx queue", daemon=True)
                self._thread.start()
            self._lock.notify_all()

    def _next(self) -> tuple[Job, str] | None:
        """The next job; None when the kernel is to be started early, or at the end."""
        with self._lock:
            while not (self._queue or self._early or self._closed):
                self._lock.wait()
            self._early = False
            if self._closed or not self._queue:
                return None
            taken = self._queue.pop(min(self._queue))
            self._current = taken[0]
            return taken

    def _work(self) -> None:
        while not self._closed:
            taken = self._next()
            if self._closed:
                return
            try:
                self._started()
                if taken is not None:
                    self._run(*taken)
            except errors.JobCancelled:
                pass
            except BaseException as error:  # noqa: BLE001 - it is the job's
                if taken is not None:
                    taken[0].fail(self._told(error, taken[0]))
                else:
                    log.warning("the background kernel did not start: %s", error)
            finally:
                with self._lock:
                    self._current = None

    def _started(self) -> None:
        if not self.transport.alive():
            self.transport.start()
            self.transport.run(READY, {}, lambda *_: None)

    def _run(self, job: Job, key: str) -> None:
        request = self._request(job, key)
        if not job.running(self.transport.place):
            return
        said, _ = self.transport.run(RUN, {"job": request}, self._teller(job))
        result = saved.load(self.transport.get(said["folder"]))
        job.tell(seconds=said["seconds"], memory=said["memory"])
        job.store(result)

    def _teller(self, job: Job) -> Callable[[dict[str, Any], list[memoryview]], None]:
        def tell(said: dict[str, Any], buffers: list[memoryview]) -> None:
            if job.finished:
                return
            if said["kind"] == "partial":
                pairs = zip(said["columns"], buffers, strict=True)
                job.partial.emit({name: np.frombuffer(b, kind) for (name, kind), b in pairs})
                return
            job.memory = max(job.memory, said.pop("memory", 0))
            said.pop("kind")
            job.tell(**said)

        return tell

    def _told(self, error: BaseException, job: Job) -> BaseException:
        return error

    def _lose_patience(self, job: Job) -> None:
        if self._current is job:
            log.info("%s did not stop within %g s: the worker is ended", job.measure, PATIENCE)
            self.transport.kill()

    # -- what crosses -------------------------------------------------------------------------

    def _request(self, job: Job, key: str) -> dict[str, Any]:
        dataset = job.dataset
        names = keys.roles_of(dataset, job.measure)
        roles = [dataset.roles[name] for name in names]
        rows = dataset.selection.rows
        return {
            "measure": saved.spec_of(job.measure),
            "seed": job.seed,
            "key": key,
            "name": dataset.name,
            "table": self.transport.put(self._table(dataset, roles)),
            "roles": [[r.kind, list(r.columns), r.instance, list(r.classes)] for r in roles],
            "results": [self.transport.put(self._folder(one)) for one in _needed(job)],
            "selection": self._rows(rows) if len(rows) else "",
            "partial": len(job.partial) > 0,
            "session": str(self.session.folder),
            "environment": {},
        }

    def _table(self, dataset: Dataset, roles: list[Any]) -> Path:
        """A file of the columns of some roles, written once."""
        names = tuple(sorted({name for role in roles for name in role.columns}))
        known = self._tables.setdefault(dataset, {})
        if names not in known:
            path = self.session.file(f"table-{uuid.uuid4().hex}.arrow")
            table = dataset.table.select(list(names))
            if not names:  # a table without columns has no rows
                table = pa.table({"": pa.nulls(len(dataset))})
            saved.write_table(table, path)
            weakref.finalize(dataset, path.unlink, missing_ok=True)
            known[names] = path
        return known[names]

    def _folder(self, result: Result) -> Path:
        folder = self.session.file(f"result-{uuid.uuid4().hex}")
        folder.mkdir()
        saved.save(result, folder)
        return folder

    def _rows(self, rows: np.ndarray) -> str:
        path = self.session.file(f"rows-{uuid.uuid4().hex}.npy")
        np.save(path, rows, allow_pickle=False)
        return self.transport.put(path)


def _needed(job: Job) -> list[Result]:
    """The results of all that a job's measure needs, and of what that needs."""
    from dsx.compute.plan import kept

    found: dict[Any, Result] = {}
    ahead = list(job.measure.requires(job.dataset))
    while ahead:
        one = ahead.pop()
        if one in found:
            continue
        result = kept(job.dataset, one, job.seed)
        if result is not None:
            found[one] = result
            ahead += one.requires(job.dataset)
    return list(found.values())
