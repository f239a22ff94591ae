"""Every error dsx raises, each also a child of the builtin it refines.

An error is made by a factory from facts and says what was wanted, what was got and what to do.
`code` is stable and safe to test for; the wording is not.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

_LESS_MEMORY = (
    "use a smaller batch (for an embedding os.environ['DSX_BATCH_TOKENS'] = '2048'), a smaller "
    "model or fewer rows, or close what else runs"
)
_RECORDER = "; dsx.Recorder records it while a model is trained"


class DsxError(Exception):
    """Base of all dsx errors: `wanted`, `got` and `hint` are plain sentences."""

    def __init__(self, code: str, wanted: str, got: str, hint: str = "") -> None:
        super().__init__(code, wanted, got, hint)
        self.code, self.wanted, self.got, self.hint = code, wanted, got, hint

    def __str__(self) -> str:
        lines = [f"Wanted {self.wanted}.", f"Got {self.got}."]
        if self.hint:
            lines.append(f"To do: {self.hint}.")
        return " ".join(lines) + f" [{self.code}]"


class InputError(DsxError, ValueError):
    """A value or a set of values that cannot be what it is said to be."""


class ColumnError(DsxError, KeyError):
    """A column that is not there, or is there twice."""


class RoleError(DsxError, ValueError):
    """A role that does not exist, or a column that cannot carry it."""


class NeedsError(DsxError, LookupError):
    """A measure or a view lacks an input."""


class FrozenError(DsxError, TypeError):
    """An attempt to change what is frozen."""


class ExtraError(DsxError, ImportError):
    """An optional package that is not installed."""


class FileError(DsxError, OSError):
    """A file that cannot be read as what it is."""


class StorageError(DsxError, OSError):
    """Something that could not be kept on disk."""


class ExpressionError(DsxError, ValueError):
    """A filter expression that the small grammar does not accept."""


class JobFailed(DsxError, RuntimeError):
    """A job that ended with an error; the error is its `__cause__`."""


class JobCancelled(DsxError, RuntimeError):
    """A job that was cancelled before it finished."""


class WorkerError(DsxError, RuntimeError):
    """The background kernel did not start, or went away, or met an error it cannot hand over."""


class WorkerDied(WorkerError):
    """The background kernel ended in the middle of a job.

    `status` is the exit status of its process (negative: a signal), `log` the end of its log.
    """

    status: int | None = None
    log: str = ""


class ConnectionLost(WorkerError):
    """The connection to a kernel elsewhere broke in the middle of a job."""


class RemoteError(DsxError, ConnectionError):
    """A Jupyter server elsewhere that cannot be reached, refuses, or does not fit."""


class OutOfMemory(DsxError, MemoryError):
    """The memory of the machine or of the GPU did not suffice."""


def plain(error: BaseException) -> str:
    """What an error says to a reader of a page: its cause where it wraps one, without the code."""
    if isinstance(error, JobFailed) and error.__cause__ is not None:
        error = error.__cause__
    said = str(error)
    return said.removesuffix(f" [{error.code}]") if isinstance(error, DsxError) else said


def nearest(name: str, choices: Iterable[str]) -> str | None:
    """The choice most like `name`, or None when none is near."""
    known = list(choices)
    by_lower = {choice.lower(): choice for choice in known}
    if name.lower() in by_lower:
        return by_lower[name.lower()]
    found = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return found[0] if found else None


def offer(name: str, choices: Iterable[str]) -> str:
    """A hint: the nearest choice if one is near, and the sorted list when it is short."""
    known = sorted(choices)
    near = nearest(name, known)
    listed = ", ".join(known[:20]) + (f" and {len(known) - 20} more" if len(known) > 20 else "")
    meant = f"did you mean {near!r}? " if near else ""
    return f"{meant}choose from: {listed}" if known else "there is nothing to choose from"


def first(values: Sequence[Any], limit: int = 5) -> str:
    """The first few of a sequence, as a sentence part."""
    shown = ", ".join(short(value) for value in values[:limit])
    rest = len(values) - limit
    return f"{shown} and {rest:,} more" if rest > 0 else shown


def short(value: Any, width: int = 60) -> str:
    """A value in a few characters."""
    text = repr(
        value.item() if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 else value
    )
    return text if len(text) <= width else text[: width - 1] + "…"


# -- columns and roles -----------------------------------------------------------------------


def unknown_column(name: str, have: Iterable[str], measures: Sequence[str] = ()) -> ColumnError:
    """A column named by the user is not in the table; `measures` are those that would make it."""
    hint = offer(name, have)
    if measures:
        run = " or ".join(f"dsx.measure(ds, {key!r}).wait()" for key in measures)
        hint = f"{name} comes from the measure {' or '.join(measures)}: run {run} first"
    return ColumnError("unknown-column", f"a column named {name!r}", "no such column", hint)


def duplicate_columns(names: Sequence[str]) -> ColumnError:
    """Two or more columns share one name."""
    return ColumnError(
        "duplicate-column",
        "every column to have its own name",
        f"more than one column named {first(list(names))}",
        "rename or drop the copies before reading",
    )


def unknown_role(kind: str, kinds: Iterable[str]) -> RoleError:
    """A role keyword that dsx does not know."""
    return RoleError("unknown-role", "a known role", f"{kind!r}", offer(kind, kinds))


def bad_role(key: str, wanted: str, got: str, hint: str) -> RoleError:
    """A column that cannot carry the role it was given."""
    return RoleError("bad-role", f"role {key} to be {wanted}", got, hint)


def bad_rows(column: str, rows: Sequence[int], wanted: str, got: str, hint: str) -> InputError:
    """Rows of a column that break a rule: names the column and the first offending rows."""
    where = f"{got} in column {column!r} at row{'s' * (len(rows) != 1)} {first(list(rows))}"
    return InputError("bad-rows", wanted, where, hint)


def missing_role(kinds: Sequence[str], purpose: str) -> NeedsError:
    """A purpose (a measure, a view) that needs one of some roles."""
    wanted = " or ".join(kinds)
    hint = f"give it when reading: dsx.read(frame, {kinds[0]}=...)"
    hint += _RECORDER * any(kind.startswith("epoch_") for kind in kinds)
    return NeedsError("missing-role", f"{wanted} for {purpose}", "a dataset without it", hint)


def unknown_result(key: str, have: Iterable[str]) -> ColumnError:
    """A result that was not computed."""
    return ColumnError(
        "unknown-result",
        f"a result {key!r}",
        "none of that key",
        f"compute it with dsx.measure(ds, {key!r}).wait(); "
        f"there now: {', '.join(sorted(have)) or 'none'}",
    )


def unknown_measure(key: str, have: Iterable[str]) -> InputError:
    """A measure key that is not in the registry."""
    return InputError("unknown-measure", "the key of a measure", f"{key!r}", offer(key, have))


def unknown_parameter(key: str, name: str, have: Iterable[str]) -> InputError:
    """A keyword that the measure has no parameter for."""
    return InputError(
        "unknown-parameter", f"a parameter of the measure {key!r}", f"{name!r}", offer(name, have)
    )


def missing_inputs(key: str, needs: Sequence[tuple[str, str, str]]) -> NeedsError:
    """Inputs a measure lacks, each as (roles that would do, what that is, how to give it)."""
    wanted = " and ".join(f"{roles} ({what})" for roles, what, _ in needs)
    keywords = ", ".join(keyword for _, _, keyword in needs)
    hint = f"give it when reading: dsx.read(frame, {keywords}), arrays or column names"
    return NeedsError(
        "missing-input",
        f"{wanted} for the measure {key!r}",
        "a dataset without it" if len(needs) == 1 else "a dataset without these",
        hint + _RECORDER * ("epoch_" in keywords),
    )


def too_few_epochs(column: str, epochs: int, fewest: int, purpose: str) -> InputError:
    """A purpose that needs more epochs than there are."""
    return InputError(
        "too-few-epochs",
        f"at least {fewest} epochs in {column!r} for {purpose}",
        f"{epochs}",
        "record p(gold) after every epoch, as dsx.Recorder does; el2n, area_under_margin, "
        "loss_trajectory and pvi work with one",
    )


def bad_measure(name: str, lacks: Sequence[str], unknown_papers: Sequence[str]) -> InputError:
    """A measure class that does not declare all that is asked of it."""
    got = [f"without {first(list(lacks))}"] if lacks else []
    if unknown_papers:
        got.append(f"with papers unknown to dsx.cite: {first(list(unknown_papers))}")
    return InputError(
        "bad-measure",
        f"the measure {name} to declare all that Measure lists",
        "one " + " and ".join(got),
        "declare it as a class variable; add papers to dsx.cite.PAPERS",
    )


# -- values ----------------------------------------------------------------------------------


def bad_value(name: str, wanted: str, value: Any, hint: str = "") -> InputError:
    """A parameter outside what it may be."""
    return InputError("bad-value", f"{name} to be {wanted}", short(value), hint)


def unknown_choice(what: str, name: str, choices: Iterable[str]) -> InputError:
    """A name that is not among the things one can ask for."""
    return InputError("unknown-choice", f"a known {what}", f"{name!r}", offer(str(name), choices))


def unknown_label(label: str, known: Iterable[str]) -> InputError:
    """A new label for rows that is no label of the dataset so far."""
    return InputError(
        "unknown-label",
        "a label that rows of the dataset have",
        f"{label!r}",
        f"{offer(label, known)}; if a new class is meant, say new=True",
    )


def empty(what: str) -> InputError:
    """Something with no rows where rows are needed."""
    return InputError("empty", f"{what} with at least one row", "none", "check what was read")


def bad_rows_argument(got: str, n: int) -> InputError:
    """Rows given to a selection or decision that do not fit the dataset."""
    return InputError(
        "bad-row-argument",
        f"row numbers in 0..{n - 1}, a boolean mask of {n:,}, ids, or an expression",
        got,
        "pass ds.selection.rows, a mask of the dataset's length, or an expression in a string",
    )


def missing_folder(path: str) -> FileError:
    """A file to be written into a folder that is not there."""
    return FileError(
        "missing-folder",
        f"a folder to write {path!r} into",
        "no such folder",
        "make it first, for example with pathlib.Path(folder).mkdir(parents=True)",
    )


def frozen(what: str, hint: str) -> FrozenError:
    """A change to something that never changes."""
    return FrozenError("frozen", f"{what} to stay as it is", "an attempt to change it", hint)


def bad_expression(text: str, position: int, wanted: str, hint: str = "") -> ExpressionError:
    """A filter expression that stops making sense at `position` (0-based)."""
    start, end = max(0, position - 60), position + 60
    at = f"{'…' * (start > 0)}{text[start:position]}⟪here⟫{text[position:end]}"
    at += "…" * (end < len(text))
    return ExpressionError("bad-expression", wanted, at, hint)


def missing_front_end() -> ExtraError:
    """The built front end is not in the package."""
    return ExtraError(
        "missing-front-end",
        "the front end built into dsx/static",
        "a source tree without it",
        "pip install . builds it; DSX_SKIP_JS_BUILD=1 must not be set",
    )


def missing_extra(feature: str, package: str, extra: str) -> ExtraError:
    """An optional package needed now."""
    return ExtraError(
        "missing-extra",
        f"the package {package} for {feature}",
        "it is not installed",
        f'pip install "dsx[{extra}]"',
    )


# -- jobs ------------------------------------------------------------------------------------


def job_failed(name: str, error: BaseException | None) -> JobFailed:
    """A measure raised; the error is this one's cause."""
    return JobFailed(
        "job-failed",
        f"the measure {name} to finish",
        f"{type(error).__name__}: {error}",
        "the traceback above says where; job.error holds it",
    )


def job_cancelled(name: str) -> JobCancelled:
    """A job ended because somebody cancelled it."""
    return JobCancelled(
        "job-cancelled",
        f"the result of {name}",
        "a job that was cancelled",
        "job.retry() starts it again",
    )


def job_timeout(name: str, seconds: float) -> TimeoutError:
    """A wait ended before the job did."""
    return TimeoutError(
        f"{name} is still running after {seconds:g} s; it goes on: wait() again, or cancel() it"
    )


# -- what is kept on disk --------------------------------------------------------------------


def storage_full(path: str, free: int) -> StorageError:
    """The disk under the cache folder is full, or the quota is used up."""
    return StorageError(
        "disk-full",
        f"room on the disk of the cache folder {path!r}",
        f"a full disk or quota ({free / 2**20:,.0f} MiB free); nothing stored before is lost",
        "make room (dsx.cache.clear() empties the cache), or set DSX_CACHE to a folder on another "
        "disk, and run it again: finished parts are found again",
    )


def storage_failed(path: str, why: str) -> StorageError:
    """Writing into the cache folder failed for another reason than a full disk."""
    return StorageError(
        "storage-failed",
        f"to write into the cache folder {path!r}",
        why,
        "see that the folder can be written, or set DSX_CACHE to another one",
    )


def damaged_result(path: str, why: str) -> StorageError:
    """A folder of a saved result that does not hold one."""
    return StorageError(
        "damaged-result",
        f"a saved result in {path!r}",
        why,
        "delete the folder and measure again",
    )


# -- the background kernel ---------------------------------------------------------------------


def worker_error(kind: str, message: str) -> WorkerError:
    """An error of a class that only the worker knows."""
    return WorkerError(
        "worker-error", "the worker to finish", f"{kind}: {message}", "the note below says where"
    )


def worker_died(
    status: int | None,
    log: str,
    how_far: str = "",
    held: int = 0,
    total: int = 0,
    *,
    batches: bool = False,
) -> WorkerDied:
    """The worker's process ended; `status` is its exit status, negative for a signal.

    `batches` says that the job went by batches, whose size can be chosen.
    """
    killed = status == -9
    got = "its process was ended from outside" if killed else "its process ended"
    got += f" {how_far}" if how_far else ""
    if status is not None and not killed:
        got += f", by signal {-status}" if status < 0 else f", with status {status}"
    if held:
        got += f"; it held {held / 2**30:.1f} GB" + f" of {total / 2**30:.1f} GB" * bool(total)
    hint = "job.retry() goes on from what is stored"
    if killed:
        hint += "; a system short of memory ends processes this way: "
        hint += _LESS_MEMORY if batches else "use fewer rows, or close what else runs"
    error = WorkerDied("worker-died", "the background kernel to finish the job", got, hint)
    error.status, error.log = status, log
    if log:
        error.add_note(f"The end of its log:\n{log}")
    return error


def out_of_memory(message: str) -> OutOfMemory:
    """An allocation that failed, in memory or on a GPU."""
    return OutOfMemory(
        "out-of-memory", "enough memory", message or "an allocation that failed", _LESS_MEMORY
    )


def worker_not_started(why: str, log: str) -> WorkerError:
    """The worker did not get ready."""
    error = WorkerError(
        "worker-not-started",
        "the background kernel to start",
        why + ("; it said last: " + log.splitlines()[-1] if log else ""),
        "the end of its log is below; where='here' runs a measure without it",
    )
    if log:
        error.add_note(f"The end of its log:\n{log}")
    return error


# -- maps ------------------------------------------------------------------------------------


def too_few_for_umap(n: int, fewest: int) -> InputError:
    """UMAP asked for a handful of rows."""
    return InputError(
        "too-few-rows",
        f"at least {fewest} rows with a vector for a UMAP map",
        f"{n}",
        'show them with method="pca", which takes any number',
    )


def nothing_to_unfold() -> InputError:
    """UMAP asked for rows that are all the same."""
    return InputError(
        "all-equal",
        "vectors that differ for a UMAP map",
        "vectors that all point the same way",
        'method="pca" shows them at one point; look at the texts, or choose another encoder',
    )


def nothing_to_contrast(n_in: int, n: int, rows: str, *, within: bool = False) -> InputError:
    """A comparison of some rows with the rest, where one of the two has no rows."""
    which = f"where {rows}" if rows else "marked"
    got = f"none of {n:,}" if n_in == 0 else f"all {n:,}"
    got += " that pass the filter and are not dropped" * within
    hint = "write a condition that some rows meet and some do not"
    if not rows:
        hint = 'mark some rows first, on a map or with ds.select(...), or give rows="..."'
    return InputError(
        "nothing-to-contrast", f"some rows {which} and some not, to compare", got, hint
    )


def not_there_yet(what: str) -> NeedsError:
    """Something is asked of vectors that a job is still computing."""
    hint = "wait for the job that computes them, or start it"
    return NeedsError("not-there-yet", what, "they are not computed yet", hint)


def missing_package(feature: str, package: str, how: str) -> ExtraError:
    """A package that none of dsx's extras brings."""
    return ExtraError(
        "missing-package", f"the package {package} for {feature}", "it is not installed", how
    )


# -- a kernel elsewhere ----------------------------------------------------------------------


def bad_server_address(got: str) -> InputError:
    """Something that is no web address of a server."""
    return InputError(
        "bad-address", "the address of a Jupyter server", got, 'such as "https://host:8888"'
    )


def token_in_address(host: str) -> InputError:
    """A secret inside an address, where logs and histories would keep it."""
    return InputError(
        "token-in-address",
        f"the address of the Jupyter server at {host} without a token or password in it",
        "an address that holds one",
        "give the address up to the port or path, and the token as token=, or leave it out to be "
        "asked for it",
    )


def server_without_tls(host: str) -> InputError:
    """Plain http to another machine."""
    return InputError(
        "not-https",
        f"an https address, for {host} is another machine",
        "http, which anybody between may read, the token too",
        "use https, or make a tunnel (ssh -L 8888:localhost:8888 ...) and connect to "
        "http://localhost:8888",
    )


def bad_token() -> InputError:
    """A token that cannot stand in a header; it is not shown."""
    return InputError(
        "bad-token", "a token of plain letters and digits", "something else", "copy it again"
    )


def token_missing(variable: str) -> RemoteError:
    """No token was given and nobody can be asked."""
    return RemoteError(
        "token-missing",
        "the token of the Jupyter server",
        "none, and nobody to ask for it here",
        f"set the environment variable {variable}, or give token= (in a notebook rather leave it "
        "out: a cell is saved)",
    )


def remote_unreachable(host: str, why: str) -> RemoteError:
    """Nothing answers at the address."""
    return RemoteError(
        "remote-unreachable",
        f"a Jupyter server at {host}",
        why,
        "see that the server runs and that the address and port are right",
    )


def remote_refused(host: str, status: int) -> RemoteError:
    """The server does not take the token."""
    return RemoteError(
        "remote-refused",
        f"the Jupyter server at {host} to let us in",
        f"a refusal (HTTP {status})",
        "give the server's own token: jupyter server list prints it there",
    )


def remote_answer(host: str, asked: str, got: str) -> RemoteError:
    """The server answers with something else than was asked for."""
    return RemoteError(
        "remote-answer",
        f"{asked} from the Jupyter server at {host}",
        got,
        "see that the address is that of a Jupyter server of 2022 or later",
    )


def remote_without_dsx(host: str, version: str, why: str) -> RemoteError:
    """The kernel there cannot import dsx."""
    return RemoteError(
        "remote-without-dsx",
        f"dsx {version} in the kernel at {host}",
        why,
        f'run there: pip install "dsx[embed,map]=={version}", or name another kernel with kernel=',
    )


def remote_other_version(host: str, ours: str, theirs: str) -> RemoteError:
    """Another version of dsx there: numbers might differ without anybody seeing it."""
    return RemoteError(
        "remote-other-version",
        f"dsx {ours} in the kernel at {host}, as here",
        f"dsx {theirs}",
        "install the same version on both sides",
    )


def connection_lost(why: str) -> ConnectionLost:
    """A connection to a kernel elsewhere broke and could not be made again in time."""
    return ConnectionLost(
        "connection-lost",
        "the connection to the kernel elsewhere to hold",
        why,
        "job.retry() connects again and computes what is not stored yet; closing the handle that "
        "dsx.connect_kernel gave brings the work back to this machine",
    )


def transfer_damaged() -> WorkerError:
    """A file that arrived otherwise than it was sent."""
    return WorkerError(
        "transfer-damaged", "a file to arrive as it was sent", "other bytes", "try again"
    )


# -- encoders --------------------------------------------------------------------------------


def unknown_encoder(
    name: str, known: Iterable[str], offline: bool, *, installed: bool = True
) -> InputError:
    """An encoder that is neither known nor on this machine, nor can be fetched."""
    got = f"{name!r}, which is not on this machine"
    # functions of the session are no help to who misspelt a model, and may be many
    hint = offer(name, [each for each in known if not each.startswith("callable:")])
    if not installed:
        got = f"{name!r}; no encoder of that name is known here"
        hint += '; any other model of sentence-transformers needs pip install "dsx[embed]"'
    elif offline:
        got += ", and HF_HUB_OFFLINE forbids to fetch it"
        hint += "; or unset HF_HUB_OFFLINE, or give the folder of a model"
    else:
        hint += "; or give the folder of a model, or check the name and the network"
    return InputError("unknown-encoder", "the name of an encoder", got, hint)


def bad_model(name: str, wanted: str, got: str, hint: str) -> FileError:
    """A model's files that cannot be loaded, or must not be."""
    return FileError("bad-model", f"the model {name!r} {wanted}", got, hint)


def bad_encoder_output(name: str, wanted: str, got: str) -> InputError:
    """What a function given as an encoder returned."""
    return InputError(
        "bad-encoder-output",
        f"the function {name} to return {wanted}",
        got,
        "it is called with a list of texts and returns one row of numbers for each, as an array",
    )


def encoder_raised(name: str, error: BaseException) -> InputError:
    """A function given as an encoder raised."""
    return InputError(
        "encoder-raised",
        f"the function {name} to encode texts",
        f"{type(error).__name__}: {error}",
        "the traceback above shows where; try it on ds.values('text')[:10].tolist()",
    )


def ask_the_worker(name: str) -> NeedsError:
    """A query for a model that is loaded in the background kernel only."""
    return NeedsError(
        "ask-the-worker", f"the model {name!r} in this process", "it lives in the worker",
        "views ask the worker; dsx.encoders.query.vector loads it here",
    )  # fmt: skip


def no_image_model(name: str, why: str, hint: str) -> NeedsError:
    """Images that no model on this machine can encode."""
    return NeedsError("missing-image-model", f"the model {name!r} for the images", why, hint)
