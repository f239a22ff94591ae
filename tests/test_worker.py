"""The background kernel: what crosses, order, reuse, cancel, lookups, its folder and its end."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dsx
from dsx import errors
from dsx.compute import job as jobs_module
from dsx.compute import worker
from dsx.compute.job import Job, jobs, measure
from dsx.compute.plan import submit
from dsx.compute.worker import session, warming
from dsx.compute.worker.inbox import Inbox
from dsx.dataset import Dataset
from dsx.measures import REGISTRY

pytestmark = pytest.mark.usefixtures("toys")


@pytest.fixture
def ds() -> Dataset:
    texts = [f"text number {i}" for i in range(30)]
    return dsx.read({"label": ["a", "b", "c"] * 10, "text": texts, "other": list(range(30))})


def until(true: Callable[[], Any], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


def pid_of(job: Job) -> int:
    return int(job.wait(30).column("pid")[0])


# -- what crosses ------------------------------------------------------------------------------


def test_a_heavy_measure_runs_in_another_process_and_its_result_is_held(ds: Dataset) -> None:
    frames: list[np.ndarray] = []
    told: list[tuple[str, float, str]] = []
    job = submit(ds, REGISTRY["toy_steps"](steps=4), watch=lambda rows: frames.append(rows["x"]))
    job.changed.connect(lambda j: told.append((j.state, j.progress, j.stage)))
    result = job.wait(30)
    assert result.column("pid")[0] != os.getpid()
    assert ds.results["toy_steps"] is result is ds.results["toy_steps(steps=4)"]
    assert (job.state, job.place, job.device, job.backend) == ("done", "worker", "toy", "hand")
    assert job.seconds > 0.3 and job.memory > 20e6
    assert [frame[0] for frame in frames] == [0, 1, 2, 3] and len(frames[0]) == len(ds)
    assert ("running", 0.5, "step 2") in told and told[-1] == ("done", 1.0, "step 3"), told
    # only what it needs went over: the label, not the text
    assert result.column("columns")[0] == 1
    assert result.rows.column("pid").chunk(0).buffers()[1].parent is not None  # a view of a file


def test_a_small_measure_can_be_sent_away_and_a_heavy_one_kept_here(ds: Dataset) -> None:
    kept = measure(ds, "toy", where="here")
    assert pid_of(kept) == os.getpid() and kept.place == "here"
    probs = np.random.default_rng(0).random((30, 4)).astype("f4")
    with_epochs = dsx.read({"label": ["a", "b"] * 15}, epoch_probs=probs)
    away = measure(with_epochs, "data_map", where="worker")
    here = measure(with_epochs, "data_map", where="here")
    assert away.wait(30).rows.equals(here.wait(30).rows)
    assert away.place in ("worker", "cache") and here.place == "here"
    with pytest.raises(errors.InputError, match="where to be 'worker' or 'here'"):
        measure(ds, "toy", where="there")


def test_a_measure_made_in_a_notebook_runs_here_and_says_so(ds: Dataset, toys: Any) -> None:
    class Own(toys.Toy):
        pass

    job = submit(ds, Own(), where="worker")
    assert pid_of(job) == os.getpid() and job.place == "here"
    assert "defined in the notebook" in job.notes[0]


def test_settings_made_after_the_worker_began_reach_it(
    ds: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid_of(measure(ds, "toy"))
    monkeypatch.setenv("DSX_TOY", "set late")
    measure(ds, "toy_steps", steps=0).wait(30)
    assert worker.ask("os:getenv", {"key": "DSX_TOY"}) == "set late"
    monkeypatch.delenv("DSX_TOY")
    measure(ds, "toy_steps", steps=0, seed=2).wait(30)
    assert worker.ask("os:getenv", {"key": "DSX_TOY"}) is None


# -- what is needed first, and what is there ---------------------------------------------------


def test_what_is_needed_is_computed_first_and_comes_along(ds: Dataset) -> None:
    seen: list[Job] = []
    disconnect = jobs_module.begun.connect(seen.append)
    job = measure(ds, "toy_needy")
    disconnect()
    (first,) = job.requires
    assert seen == [first, job] and jobs()[-2:] == [first, job]
    result = job.wait(30)
    assert (result.column("double") == 2 * first.wait().column("pid")).all()
    assert set(ds.results) == {"toy_steps", "toy_steps(steps=1)", "toy_needy"}
    again = measure(ds, "toy_needy", times=3)  # what it needs is there
    assert not again.requires and (again.wait(30).column("double") % 3 == 0).all()


def test_what_fails_first_fails_what_needs_it_with_the_same_error(ds: Dataset) -> None:
    job = measure(ds, "toy_needy", wrong=True)
    with pytest.raises(errors.JobFailed, match="nothing is right"):
        job.wait(30)
    assert isinstance(job.error, ValueError) and job.requires[0].state == "failed"


def test_the_same_again_is_not_computed_again(ds: Dataset, tmp_path: Path) -> None:
    gate = str(tmp_path / "gate")
    job = measure(ds, "toy_steps", steps=300, until=gate)
    assert measure(ds, "toy_steps", steps=300, until=gate) is job
    Path(gate).touch()
    result = job.wait(30)
    again = measure(ds, "toy_steps", steps=300, until=gate)
    assert again is not job and again.wait(30) is result and again.place == "cache"
    assert jobs_module.found(ds, "toy_steps", steps=300, until=gate) is result
    assert jobs_module.found(ds, "toy_steps", steps=301) is None


def test_equal_rows_find_what_was_stored_for_others() -> None:
    probs = np.random.default_rng(1).random((20, 3)).astype("f4")
    one, two = (dsx.read({"label": ["a", "b"] * 10}, epoch_probs=probs) for _ in range(2))
    first = measure(one, "data_map", where="worker", first_epochs=2)
    first.wait(30)
    second = measure(two, "data_map", where="worker", first_epochs=2)
    assert second.wait(30).rows.equals(first.wait().rows) and second.place == "cache"


# -- order and cancel --------------------------------------------------------------------------


def test_one_at_a_time_in_the_order_of_submission(ds: Dataset, tmp_path: Path) -> None:
    gate, ended = tmp_path / "gate", []
    first = measure(ds, "toy_steps", steps=300, until=str(gate))
    until(lambda: first.state == "running")
    others = [measure(ds, "toy_steps", steps=0, seed=seed) for seed in (1, 2, 3)]
    for job in others:
        job.changed.connect(lambda j: ended.append(j.seed) if j.finished else None)
    assert [job.queue for job in (first, *others)] == [0, 1, 2, 3]
    assert others[1].cancel() and others[2].queue == 2
    gate.touch()
    others[2].wait(30)
    assert ended == [2, 1, 3] and others[1].state == "cancelled"


def test_a_cancelled_job_leaves_the_worker_as_it_is(ds: Dataset) -> None:
    pid = pid_of(measure(ds, "toy"))
    for key in ("toy_steps", "toy_odd"):
        job = measure(ds, key, **({"steps": 600} if key == "toy_steps" else {}))
        until(lambda job=job: job.progress > 0 or job.stage == "step 0")
        started = time.monotonic()
        assert job.cancel() and job.state == "cancelled" and time.monotonic() - started < 1
        with pytest.raises(errors.JobCancelled):
            job.wait(1)
        assert job.error is None
    assert pid_of(measure(ds, "toy", seed=1)) == pid


def test_a_job_that_ignores_interrupts_frees_the_view_at_once_and_is_then_ended(
    ds: Dataset,
) -> None:
    pid = pid_of(measure(ds, "toy"))
    job = measure(ds, "toy_stubborn")
    until(lambda: job.progress == 0.5)
    started = time.monotonic()
    assert job.cancel() and job.state == "cancelled" and time.monotonic() - started < 1
    after = measure(ds, "toy", seed=1)
    assert pid_of(after) != pid  # in a fresh kernel
    assert job.state == "cancelled" and job.error is None and "toy_stubborn" not in ds.results


def test_cancelling_takes_along_what_nobody_else_needs(ds: Dataset, tmp_path: Path) -> None:
    gate = str(tmp_path / "gate")
    alone = measure(ds, "toy_needy", steps=300, until=gate)
    (first,) = alone.requires
    assert alone.cancel() and first.state == "cancelled"
    one = measure(ds, "toy_needy", steps=300, until=gate)
    two = measure(ds, "toy_needy", steps=300, until=gate, times=3)
    assert one.requires == two.requires and one.cancel()
    assert one.requires[0].state in ("waiting", "running")
    Path(gate).touch()
    assert two.wait(30).column("double")[0] > 0
    assert one.state == "cancelled"
    wanted = measure(ds, "toy_steps", steps=301)
    third = submit(ds, REGISTRY["toy_needy"](steps=301))
    assert third.requires == [wanted] and third.cancel() and wanted.state != "cancelled"
    assert wanted.cancel()


def test_what_waits_for_a_cancelled_job_is_cancelled(ds: Dataset) -> None:
    job = measure(ds, "toy_needy", steps=300)
    assert job.requires[0].cancel()
    with pytest.raises(errors.JobCancelled):
        job.wait(10)


# -- lookups -----------------------------------------------------------------------------------


def test_a_lookup_waits_for_no_job(ds: Dataset, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    job = measure(ds, "toy_steps", steps=300, until=str(gate))
    until(lambda: job.state == "running" and job.stage)
    if not worker.current().transport.subshells:
        pytest.skip("this ipykernel has no subshells: lookups wait")
    pid = worker.ask("os:getpid")
    found = worker.ask("tests.lookups:doubled", {"n": 3})
    assert found["values"].tolist() == [0, 2, 4] and found["n"] == 3
    assert found["values"].dtype == np.float32
    with pytest.raises(ValueError, match="negative"):
        worker.ask("tests.lookups:doubled", {"n": -1})
    assert job.state == "running"
    gate.touch()
    assert pid_of(job) == pid


def test_a_lookup_reads_a_result_where_it_lies(ds: Dataset) -> None:
    result = measure(ds, "toy").wait(30)
    folder = worker.folder_of(result)
    assert worker.ask("tests.lookups:first_pid", {"folder": folder}) == result.column("pid")[0]
    here = measure(ds, "toy", where="here", seed=5).wait(30)
    assert worker.ask("tests.lookups:first_pid", {"folder": worker.folder_of(here)}) == os.getpid()


# -- threads, loops, processes -----------------------------------------------------------------


def test_the_notebooks_loop_goes_on_while_a_job_is_awaited(ds: Dataset) -> None:
    async def both() -> tuple[Any, int]:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0.01)

        ticking = asyncio.create_task(tick())
        result = await measure(ds, "toy_steps", steps=5)
        ticking.cancel()
        return result, ticks

    result, ticks = asyncio.run(both())
    assert result.column("pid")[0] != os.getpid() and ticks > 10


def test_many_threads_submit_and_each_gets_its_own(ds: Dataset) -> None:
    got: dict[int, int] = {}

    def ask(seed: int) -> None:
        got[seed] = measure(ds, "toy", seed=seed).wait(60).about.seed

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(10, 22)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert got == {seed: seed for seed in range(10, 22)}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_forked_child_has_no_part_in_the_worker(ds: Dataset) -> None:
    pid_of(measure(ds, "toy"))
    folder = worker.current().session.folder
    child = os.fork()
    if child == 0:
        # the parent's worker is not the child's to end
        worker.close()
        os._exit(0 if worker._local is None else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert folder not in session.swept() and folder.is_dir()
    assert pid_of(measure(ds, "toy", seed=1)) == worker.ask("os:getpid")


def test_the_folder_is_private_and_files_go_with_what_they_hold(ds: Dataset) -> None:
    pid_of(measure(ds, "toy"))
    folder = worker.current().session.folder
    assert folder.stat().st_mode & 0o777 == 0o700
    assert all(len(os.fsencode(path)) < 104 for path in folder.glob("s-*"))
    before = set(folder.iterdir())
    other = dsx.read({"label": ["x", "y"] * 5})
    pid_of(measure(other, "toy"))
    made = set(folder.iterdir()) - before
    assert {path.name.split("-")[0] for path in made} == {"table", "result"}
    del other
    until(lambda: gc.collect() >= 0 and not any(path.exists() for path in made))


# -- whole processes ---------------------------------------------------------------------------

SCRIPT = """
import os, sys, time
import dsx
from dsx.compute import worker
from tests import toys
ds = dsx.read({"label": ["a", "b"] * 5})
"""


def script(code: str, **keywords: Any) -> subprocess.Popen[str]:
    text = SCRIPT + textwrap.dedent(code)
    root = str(Path(__file__).parent.parent)
    environment = {**os.environ, "PYTHONPATH": root, **keywords.pop("env", {})}
    return subprocess.Popen(
        [sys.executable, "-W", "error::ResourceWarning", "-c", text],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, **keywords,
    )  # fmt: skip


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z"


def test_a_process_that_ends_leaves_nothing_even_in_the_middle_of_a_job() -> None:
    ended = script("""
        job = dsx.measure(ds, "toy_steps", steps=600)
        while not job.stage: time.sleep(.01)
        print(worker.current().session.folder, worker.ask("os:getpid"))
    """)
    out, err = ended.communicate(timeout=60)
    folder, pid = out.split()
    assert ended.returncode == 0 and err == ""
    assert not Path(folder).exists()
    until(lambda: gone(int(pid)), 5)


def test_after_a_crash_the_worker_ends_itself_and_its_folder_is_swept() -> None:
    crashed = script("""
        import signal
        job = dsx.measure(ds, "toy_steps", steps=600)
        while not job.stage: time.sleep(.01)
        print(worker.current().session.folder, worker.ask("os:getpid"), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    out, _ = crashed.communicate(timeout=60)
    folder, pid = out.split()
    assert crashed.returncode == -signal.SIGKILL and Path(folder).is_dir()
    until(lambda: gone(int(pid)), 10)
    assert Path(folder) in session.swept() and not Path(folder).exists()


def test_a_folder_that_is_gone_and_a_long_path_are_no_hindrance(tmp_path: Path) -> None:
    start, long = tmp_path / "start", tmp_path / ("long" * 20)
    start.mkdir()
    long.mkdir()
    ran = script(
        """
        os.rmdir(os.getcwd())
        job = dsx.measure(ds, "toy")
        assert job.wait(30).column("pid")[0] != os.getpid()
        print(worker.current().session.folder)
        """,
        cwd=start,
        env={"TMPDIR": str(long), "LC_ALL": "C"},
    )
    out, err = ran.communicate(timeout=60)
    assert err == "" and ran.returncode == 0 and out.startswith(str(long))
    assert not list(long.iterdir())


def test_an_early_start_costs_nothing_and_is_ready_when_the_first_job_comes() -> None:
    ran = script("""
        worker.start_early()
        while not (worker._local and worker._local.transport.alive()): time.sleep(.01)
        print(dsx.measure(ds, "toy").wait(30).column("pid")[0] == worker.ask("os:getpid"))
        worker.close()
        worker.start_early()
    """)
    out, err = ran.communicate(timeout=60)
    assert out.split() == ["True"] and err == "" and ran.returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="priorities of threads are Linux's")
def test_the_worker_steps_back_behind_other_processes(ds: Dataset) -> None:
    pid_of(measure(ds, "toy"))
    before = os.getpriority(os.PRIO_PROCESS, 0)
    assert worker.ask("tests.lookups:priorities") == [min(19, before + 10)]


def test_nothing_of_the_users_ipython_runs_in_the_worker(ds: Dataset) -> None:
    assert str(worker.current().session.folder) in worker.ask("os:getenv", {"key": "IPYTHONDIR"})
    assert worker.ask("os:getcwd") == str(worker.current().session.folder)


def test_the_newest_partial_result_takes_the_place_of_one_nobody_has_seen() -> None:
    inbox = Inbox()
    for number in range(3):
        inbox.put(({"kind": "partial", "number": number}, []))
        inbox.put(({"kind": "progress", "number": number}, []))
    inbox.put(None)
    seen = [(said["kind"], said["number"]) for said, _ in iter(inbox.get, None)]
    progress = [("progress", number) for number in range(3)]
    assert seen == [*progress[:2], ("partial", 2), progress[2]]
    inbox.put(({"kind": "partial", "number": 4}, []))
    assert inbox.get() == ({"kind": "partial", "number": 4}, []) and not inbox


def test_without_subshells_a_lookup_waits_for_the_job(
    ds: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measure(ds, "toy").wait(30)
    monkeypatch.setattr(worker.own().transport, "subshells", False)  # as with ipykernel 6
    gate, found = tmp_path / "gate", []
    job = measure(ds, "toy_steps", steps=300, until=str(gate))
    until(lambda: job.state == "running" and job.stage)
    asking = threading.Thread(target=lambda: found.append(worker.ask("os:getpid")))
    asking.start()
    asking.join(0.3)
    assert not found and job.state == "running"
    gate.touch()
    asking.join(30)
    assert found == [pid_of(job)]


# -- the warm-up -------------------------------------------------------------------------------


def test_the_warm_up_takes_its_steps_when_nothing_else_is_to_be_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker.close()
    monkeypatch.setattr(warming, "STEPS", "tests.lookups:steps")
    monkeypatch.setenv("DSX_WARM_UP", "1")
    monkeypatch.setenv("DSX_TOY", str(tmp_path))
    ds = dsx.read({"label": ["a", "b"] * 5})
    measure(ds, "toy").wait(30)
    warm_up = worker.warm_up()
    assert warm_up is not None
    told: list[tuple[str, str]] = []
    warm_up.changed.connect(lambda w: told.append((w.state, w.stage)))
    until(lambda: warm_up.stage == "one")
    assert warm_up not in jobs()
    # a job that comes does not wait for the step, and the next step waits for the job
    job = measure(ds, "toy_steps", steps=300, until=str(tmp_path / "gate"))
    until(lambda: job.stage)
    assert warm_up.stage == "one"
    (tmp_path / "one").touch()
    time.sleep(0.7)
    assert warm_up.stage == "one" and not (tmp_path / "two").exists()
    (tmp_path / "gate").touch()
    until(lambda: warm_up.state == "done")
    assert told[-1] == ("done", "") and ("running", "two") in told
    assert not warm_up.cancel()


def test_a_warm_up_can_be_cancelled_and_what_compiles_waits_for_its_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, toys: Any
) -> None:
    worker.close()
    monkeypatch.setattr(warming, "STEPS", "tests.lookups:steps")
    monkeypatch.setenv("DSX_WARM_UP", "1")
    monkeypatch.setenv("DSX_TOY", str(tmp_path))
    ds = dsx.read({"label": ["a", "b"] * 5})
    measure(ds, "toy").wait(30)
    warm_up = worker.warm_up()
    assert warm_up is not None
    until(lambda: warm_up.stage == "one")
    job = measure(ds, "toy_compiled")
    until(lambda: job.stage == "preparing UMAP (once in a session)")
    assert warm_up.cancel() and warm_up.state == "cancelled"
    (tmp_path / "one").touch()
    assert job.wait(30) and not (tmp_path / "two").exists()
