"""Training dynamics collected from any training loop, readable while the training goes on."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from dsx import errors
from dsx.columns import display, from_numpy
from dsx.dataset import Dataset
from dsx.recording.batch import listed, number
from dsx.recording.dynamics_write import write_run
from dsx.recording.epoch import Epoch
from dsx.recording.finished import joined, notes_of, rows_of
from dsx.sources import cells, checks, refusals
from dsx.sources.assemble import build

_KINDS = {"probs": "epoch_probs", "logits": "epoch_logits"}


class Recorder:
    """Collects what a model says of every row in every epoch.

    A loop over batches calls ``rec.log(epoch, ids, logits=logits)``; a model that scores the
    whole set at once calls ``rec.epoch(epoch, model.predict_proba(x))``; Keras takes
    ``callbacks=[rec.keras(x)]``. ``rec.dataset()`` gives the finished epochs as a Dataset, from
    any thread and while later epochs are being recorded.

    `ids` (n,) names all rows beforehand, `labels` (n,) their gold labels, `texts` (n,) what a
    person reads; without ids the rows are those that get logged, and labels may come with the
    batches. `classes` names the K columns. Probabilities are (b, K), or (b,) of each row's own
    label, p(gold): not of a fixed class, such as "positive". Logits are (b, K). All is kept as
    float32.

    An epoch is finished when all rows known beforehand are in, when a later epoch begins, or by
    `finish()`, which leaving a ``with`` block calls. A refused call records nothing and loses
    nothing. Safe to use from several threads.
    """

    def __init__(
        self,
        ids: Any = None,
        labels: Any = None,
        *,
        classes: Sequence[Any] | None = None,
        texts: Any = None,
        name: str = "recording",
    ) -> None:
        self.name = name
        self.classes = None if classes is None else checks.check_classes(classes, "the recording")
        self._lock = threading.RLock()
        self._places: dict[Any, int] = {}
        self._ids: list[Any] = []
        self._labels: dict[int, Any] = {}
        self._epochs: dict[int, Epoch] = {}
        self._kind = ""
        self._width: int | None = None
        sized = next((one for one in (ids, labels, texts) if one is not None), None)
        self._fixed = sized is not None
        self._counted = ids is None and sized is not None  # ids are our own 0..n-1
        self._texts = None if texts is None else cells.array_of(listed(texts), "texts")
        if sized is not None:
            self._know(list(range(len(sized))) if ids is None else listed(ids))
        if labels is not None:
            checks.check_length(len(labels), len(self._ids), "labels")
            self._take_labels(range(len(self._ids)), listed(labels))
        if self._texts is not None:
            checks.check_length(len(self._texts), len(self._ids), "texts")

    # -- recording --------------------------------------------------------------------------

    def log(
        self, epoch: int, ids: Any, probs: Any = None, *, logits: Any = None, labels: Any = None
    ) -> None:
        """Record one batch: ids (b,), probabilities (b, K) or (b,), or logits (b, K).

        Raises InputError, with nothing recorded, for values that are no probabilities, an id
        that is unknown or already recorded in this epoch, another K than before, or
        probabilities after logits.
        """
        with self._lock:
            epoch = number(epoch)
            kind, values = self._values(probs, logits)
            batch = listed(ids)
            checks.check_length(len(values), len(batch), kind)
            places, new = self._resolve(batch, epoch)
            given = {} if labels is None else self._check_labels(places, batch, listed(labels))
            # nothing above has changed the recording; nothing below can fail
            self._kind, self._width = kind, (values.shape[1] if values.ndim == 2 else 0)
            for one in new:
                self._places[one] = len(self._ids)
                self._ids.append(one)
            self._labels.update(given)
            if epoch not in self._epochs:
                for earlier, other in self._epochs.items():
                    other.finished = other.finished or earlier < epoch
                late = any(one > epoch for one in self._epochs)
                self._epochs[epoch] = Epoch(max(len(self._ids), 1024), self._width, finished=late)
            self._epochs[epoch].put(places, values)
            if self._fixed and self._epochs[epoch].n_seen == len(self._ids):
                self._epochs[epoch].finished = True

    def epoch(
        self, epoch: int, probs: Any = None, *, logits: Any = None, ids: Any = None,
        labels: Any = None,
    ) -> None:  # fmt: skip
        """Record a whole epoch at once, in the order of `ids` (default: as known, else 0..n-1)."""
        with self._lock:
            if ids is None:
                values = probs if probs is not None else logits
                n = len(values) if hasattr(values, "__len__") else 0
                self._counted = self._counted or not self._ids
                ids = list(self._ids) if self._ids else list(range(n))
            self.log(epoch, ids, probs, logits=logits, labels=labels)
            self._epochs[number(epoch)].finished = True

    def finish(self) -> None:
        """Say that every epoch begun is over; rows that were not logged in it stay out of it."""
        with self._lock:
            for epoch in self._epochs.values():
                epoch.finished = True

    def keras(self, x: Any, ids: Any = None, *, logits: bool = False, **predict: Any) -> Any:
        """A callback for Keras' ``fit`` that scores `x` after every epoch.

        `ids` names the rows of `x`; `logits` says that the model's last layer is no softmax;
        anything else (batch_size, ...) goes to ``model.predict``. A model with one sigmoid
        output is recorded as two classes.
        """
        from dsx.recording.keras_callback import RecordEpoch

        return RecordEpoch(self, x, ids, logits=logits, predict=predict)

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *exc: object) -> None:
        self.finish()

    # -- reading ----------------------------------------------------------------------------

    @property
    def epochs(self) -> list[int]:
        """The numbers of the finished epochs."""
        with self._lock:
            return sorted(epoch for epoch, one in self._epochs.items() if one.finished)

    def dataset(
        self, join: Any = None, *, classes: Sequence[Any] | None = None, **roles: Any
    ) -> Dataset:
        """The finished epochs as a Dataset; a snapshot that later epochs do not change.

        `join` is a table (anything `dsx.read` takes) with more columns of the same rows: matched
        by id, where `id=` names its id column, or, when the recording has no ids but the order
        of its rows, row by row. Other roles as in `dsx.read`. A row that was not logged in some
        finished epoch is NaN there, counted in the notes, and measures leave it out and say so.
        Raises InputError while no epoch is finished, and for a table of other rows.
        """
        with self._lock:
            numbers, values, names = self._snapshot()
            labels = [self._labels.get(row) for row in range(len(names))]
            texts, kind, counted = self._texts, self._kind, self._counted
        table = pa.table({"id": cells.array_of(names, "ids")})
        if any(label is not None for label in labels):
            table = table.append_column("label", cells.array_of(labels, "labels"))
        if texts is not None:
            table = table.append_column("text", texts)
        classes = self.classes if classes is None else classes
        notes = notes_of(numbers, values, classes)
        values.setflags(write=False)  # ours alone: no copy needed
        column, identity, frame = _KINDS[kind], "id", "pyarrow"
        added: list[str] = []
        if join is not None:
            other, frame, found = rows_of(join)
            named = roles.pop("id", None)
            table, identity, more = joined(table, names, counted, other, named)
            notes += [*found, *more]
            ours = ("id", column) if counted and named is None else (column,)
            added = [one for one in ours if one not in other.column_names]
        given: dict[str, Any] = {**({"id": identity} if identity else {}), column: column}
        try:
            return build(
                table.append_column(column, from_numpy(values)), {**given, **roles}, classes,
                name=self.name, kind=frame, notes=notes, added=added, unrecorded=[column],
            )  # fmt: skip
        except errors.NeedsError as error:
            raise refusals.unlabelled_recording(error.wanted) from None

    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """Write the finished epochs in the published layout, one JSON-lines file each.

        Probabilities stand as ``probs_epoch_N`` and beside it, for readers of the published
        layout, as logits (their logarithm); what `dsx.read(folder)` gives back is equal bit for
        bit. Raises FileError when the folder already holds a recording.
        """
        with self._lock:
            numbers, values, names = self._snapshot()
            gold = [self._labels.get(row) for row in range(len(names))]
            kind, classes = self._kind, self.classes
        return write_run(
            Path(folder), kind, numbers, values, names, gold, classes, overwrite=overwrite
        )

    def __repr__(self) -> str:
        with self._lock:
            begun = sorted(set(self._epochs) - set(self.epochs))
            state = "".join(
                f", epoch {epoch} at {self._epochs[epoch].n_seen:,} rows" for epoch in begun
            )
            return f"Recorder({len(self._ids):,} rows, {len(self.epochs)} finished epochs{state})"

    # -- inside -----------------------------------------------------------------------------

    def _values(self, probs: Any, logits: Any) -> tuple[str, np.ndarray]:
        if (probs is None) == (logits is None):
            got = "neither" if probs is None else "both"
            raise errors.bad_value("a batch", "probs= or logits=", got, "pass one of them")
        kind, raw = ("probs", probs) if logits is None else ("logits", logits)
        values = checks.as_array(raw, kind).astype(np.float32)
        if values.ndim not in ((1, 2) if kind == "probs" else (2,)):
            raise errors.bad_value(
                kind,
                "(rows, classes)" + (", or (rows,) of the gold label" if kind == "probs" else ""),
                f"an array of shape {values.shape}",
                "score the rows of one batch",
            )
        if self._kind and kind != self._kind:
            raise errors.bad_value(
                "a batch", f"{self._kind}, as recorded so far", kind, "use a second Recorder"
            )
        width = values.shape[1] if values.ndim == 2 else 0
        wanted = self._width
        if wanted is None and width and self.classes is not None:
            wanted = len(self.classes)
        if wanted is not None and width != wanted:
            raise errors.bad_value(
                kind,
                f"{wanted} values a row" if wanted else "one value a row",
                f"{width or 'one'}",
                "every batch needs the same classes; for scikit-learn pass classes= to fit",
            )
        if kind == "logits":
            checks.check_logits(values, kind)
            return kind, values
        classes = values.ndim == 2
        return kind, checks.check_probabilities(
            values, kind, classes=classes, logits="rec.log(..., logits=)"
        )[0]

    def _resolve(self, batch: list[Any], epoch: int) -> tuple[np.ndarray, list[Any]]:
        """Rows of a batch of ids, and the ids not met before; refuses an id met twice."""
        if len(set(batch)) < len(batch):
            seen: set[Any] = set()
            again = [row for row, one in enumerate(batch) if one in seen or seen.add(one)]  # type: ignore[func-returns-value]
            raise refusals.duplicate_ids(
                "ids", [batch[r] for r in again], again, "a batch", "log each row once an epoch"
            )
        fresh = [one for one in batch if one not in self._places]
        if fresh and self._fixed:
            rows = [row for row, one in enumerate(batch) if one not in self._places]
            raise errors.bad_rows(
                "ids",
                rows,
                "ids that the Recorder was made with",
                f"unknown id {errors.first(fresh)}",
                "log the same ids, of the same type (1 is not '1')",
            )
        start = len(self._ids)
        new = {one: start + row for row, one in enumerate(fresh)}
        places = np.array(
            [self._places[one] if one in self._places else new[one] for one in batch], np.int64
        )
        if epoch in self._epochs:
            twice = np.flatnonzero(self._epochs[epoch].has(places))
            if len(twice):
                again = [batch[row] for row in twice[:5]]
                whole = self._epochs[epoch].finished
                raise refusals.recorded_already(epoch, again, twice.tolist(), whole=whole)
        return places, fresh

    def _check_labels(
        self, places: Sequence[int] | np.ndarray, batch: list[Any], labels: list[Any]
    ) -> dict[int, Any]:
        checks.check_length(len(labels), len(batch), "labels")
        given = dict(zip((int(place) for place in places), labels, strict=True))
        for row, (place, label) in enumerate(given.items()):
            known = self._labels.get(place)
            if known is not None and label != known:
                raise errors.bad_rows(
                    "labels",
                    [row],
                    "the gold label an id had before",
                    f"{label!r} after {known!r} for id {batch[row]!r}",
                    "log the gold label, not the prediction",
                )
            if self.classes is not None and label is not None:
                place = isinstance(label, int) and 0 <= label < len(self.classes)
                if display(label) not in self.classes and not place:
                    raise errors.bad_rows(
                        "labels",
                        [row],
                        f"labels in the class list ({errors.first(self.classes, 10)})",
                        f"label {label!r}",
                        "add the class to classes=, or correct those rows",
                    )
        return given

    def _take_labels(self, places: Sequence[int] | range, labels: list[Any]) -> None:
        self._labels.update(self._check_labels(list(places), list(self._ids), labels))

    def _know(self, names: list[Any]) -> None:
        places = {one: row for row, one in enumerate(names)}
        if len(places) < len(names):
            again = [row for row, one in enumerate(names) if places[one] != row]
            raise refusals.duplicate_ids(
                "ids", [names[r] for r in again], again, "a Recorder",
                "give every row an id of its own, or leave ids= out to count the rows",
            )  # fmt: skip
        self._places, self._ids = places, names

    def _snapshot(self) -> tuple[list[int], np.ndarray, list[Any]]:
        """Finished epochs, a copy of their values (n, E) or (n, E, K), and the ids."""
        numbers = self.epochs
        if not numbers:
            begun = errors.first(sorted(self._epochs)) if self._epochs else "none"
            raise errors.bad_value(
                "the recording",
                "at least one finished epoch",
                f"epochs begun: {begun}",
                "call rec.finish() after the last batch, or wait for the next epoch to begin",
            )
        values = np.stack([self._epochs[epoch].values(len(self._ids)) for epoch in numbers], 1)
        return numbers, values, list(self._ids)
