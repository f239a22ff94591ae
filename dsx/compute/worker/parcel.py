"""What a job takes along: its columns and the results it needs, as files."""

from __future__ import annotations

import os
import threading
import uuid
import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa

from dsx import storage
from dsx.compute import keys, runner, saved
from dsx.compute.job import Job
from dsx.compute.worker.session import Session
from dsx.compute.worker.transport import Transport
from dsx.dataset import Dataset
from dsx.measures import Result
from dsx.roles import Role
from dsx.storage.place import VARIABLE

Files = dict[Any, Path]


class Parcels:
    """Writes what jobs need into the session's folder, each thing once."""

    def __init__(self, transport: Transport, session: Session) -> None:
        self._transport, self._session = transport, session
        self._tables: weakref.WeakKeyDictionary[Dataset, Files] = weakref.WeakKeyDictionary()
        self._results: weakref.WeakKeyDictionary[Result, Path] = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()

    def request(self, job: Job, key: str, results: Iterable[Result]) -> dict[str, Any]:
        """A job as JSON, with the results it needs; raises OSError where the disk is full."""
        dataset, put = job.dataset, self._transport.put
        roles = [dataset.roles[name] for name in sorted(keys.roles_of(dataset, job.measure))]
        shared = self._transport.shares_files
        return {
            "measure": saved.spec_of(job.measure),
            "seed": job.seed,
            "key": key if shared else "",
            "name": dataset.name,
            "table": put(self._table(dataset, roles)),
            "roles": [[r.kind, list(r.columns), r.instance, list(r.classes)] for r in roles],
            "results": [put(self.folder(result)) for result in results],
            "partial": len(job.partial) > 0,
            "session": self._transport.folder,
            "environment": _environment() if shared else None,
        }

    def came_from(self, result: Result, folder: Path) -> None:
        """Note where a result lies, so that it need not be written again."""
        with self._lock:
            self._note(result, folder)

    def folder(self, result: Result) -> Path:
        """A folder with a result: where it came from, or a copy written now."""
        with self._lock:
            known = self._results.get(result)
            if known is None or not known.is_dir():
                known = self._new("result")
                known.mkdir()
                saved.save(result, known)
                self._note(result, known)
            return known

    def _note(self, result: Result, folder: Path) -> None:
        self._results[result] = folder
        if folder.parent == self._session.folder:  # nobody else looks there
            weakref.finalize(result, self._session.discard, folder).atexit = False

    def _table(self, dataset: Dataset, roles: list[Role]) -> Path:
        names = sorted({name for role in roles for name in role.columns})
        with self._lock:
            known = self._tables.setdefault(dataset, {})
            if tuple(names) not in known:
                path = self._new("table")
                table = dataset.table.select(names)
                if not names:  # without a column there would be no rows
                    table = pa.table({"row": pa.nulls(len(dataset))})
                try:
                    saved.write_table(table.replace_schema_metadata(), path)
                except OSError:
                    path.unlink(missing_ok=True)
                    raise
                weakref.finalize(dataset, self._session.discard, path).atexit = False
                known[tuple(names)] = path
            return known[tuple(names)]

    def _new(self, kind: str) -> Path:
        return self._session.file(f"{kind}-{os.getpid()}-{uuid.uuid4().hex}")


def _environment() -> dict[str, str]:
    """Settings for the worker; a cache that goes with this process is shared with it."""
    # by its full path: the worker has another working folder
    return runner.settings() | {VARIABLE: str(storage.store().path.parent)}


def needed(job: Job) -> list[Result]:
    """The results of all that a job's measure needs, and of what that needs."""
    from dsx.compute.plan import kept

    found: dict[Any, Result] = {
        other.measure: other.result for other in job.requires if other.result is not None
    }
    ahead, seen = list(job.measure.requires(job.dataset)), set[Any]()
    while ahead:
        one = ahead.pop()
        if one in seen:
            continue
        seen.add(one)
        result = found.get(one) or kept(job.dataset, one, job.seed)
        if result is not None:
            found[one] = result
            ahead += one.requires(job.dataset)
    return list(found.values())
