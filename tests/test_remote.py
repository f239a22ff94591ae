"""Heavy measures on a kernel of another Jupyter server: a real one, on this machine."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import logging
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dsx
from dsx import errors
from dsx.compute import worker
from dsx.compute.job import jobs, measure
from dsx.compute.remote import RemoteKernel, connect_kernel, connection
from dsx.compute.remote import handle as handles
from dsx.compute.remote.address import Token, address, is_local, token_from
from dsx.compute.remote.files import Files
from dsx.compute.remote.wire import packed, unpacked
from dsx.compute.saved import save
from dsx.dataset import Dataset
from dsx.measures import REGISTRY, Inputs
from tests.conftest import ROOT

pytestmark = pytest.mark.usefixtures("toys")

TOKEN = "jupyter-token-that-nobody-may-see-0123456789"


@dataclass
class Server:
    """A Jupyter server of its own."""

    port: int
    folder: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kernels(self) -> list[dict[str, Any]]:
        request = urllib.request.Request(
            f"{self.url}/api/kernels", headers={"Authorization": f"token {TOKEN}"}
        )
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read())


def kernel_spec(folder: Path, name: str, dsx_source: str) -> None:
    """A kernel that finds another dsx first."""
    fake = folder / name
    (fake / "dsx").mkdir(parents=True)
    (fake / "dsx" / "__init__.py").write_text(dsx_source)
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": name,
        "language": "python",
        "env": {"PYTHONPATH": str(fake)},
    }
    (folder / "kernels" / name).mkdir(parents=True)
    (folder / "kernels" / name / "kernel.json").write_text(json.dumps(spec))


class Proxy:
    """Passes bytes between a port of its own and the server's, until it is cut."""

    def __init__(self, port: int) -> None:
        self.target, self.closed = port, False
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.pairs: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                one, _ = self.listening.accept()
                if self.closed:
                    one.close()
                    continue
                other = socket.create_connection(("127.0.0.1", self.target))
                self.pairs += [one, other]
                for a, b in ((one, other), (other, one)):
                    threading.Thread(target=self._pass, args=(a, b), daemon=True).start()

    def _pass(self, a: socket.socket, b: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := a.recv(65536):
                b.sendall(data)
        for one in (a, b):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def cut(self, *, for_good: bool = False) -> None:
        self.closed = for_good
        pairs, self.pairs = self.pairs, []
        for one in pairs:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def close(self) -> None:
        self.cut(for_good=True)
        self.listening.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    kernel_spec(folder, "older", '__version__ = "0.0.1"')
    kernel_spec(folder, "none", 'raise ImportError("no dsx here")')
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = dict.fromkeys(
        ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR"), str(folder)
    )
    env = {**os.environ, **own, "JUPYTER_TOKEN": TOKEN, "PYTHONPATH": str(ROOT)}
    env["DSX_MARK"] = "the server's own"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"),
                *("--ip=127.0.0.1", f"--port={port}", f"--ServerApp.root_dir={folder}"),
                *("--ServerApp.jpserver_extensions={}", "--debug"),
            ],
            env=env,
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        end = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < end, "the server does not start"
            time.sleep(0.05)
        yield Server(port, folder)
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def proxy(server: Server) -> Iterator[Proxy]:
    made = Proxy(server.port)
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared(proxy: Proxy) -> Iterator[RemoteKernel]:
    with connect_kernel(f"http://127.0.0.1:{proxy.port}", token=TOKEN) as handle:
        yield handle


@pytest.fixture(autouse=True)
def none_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test opens does not close the module's own."""
    monkeypatch.setattr(handles, "_open", None)


@pytest.fixture
def kernel(shared: RemoteKernel) -> Iterator[RemoteKernel]:
    """The connected kernel of this module, reached through the proxy; jobs run on it."""
    worker.use(shared._engine)
    yield shared
    worker.use(None)


@pytest.fixture
def ds() -> Dataset:
    rng = np.random.default_rng(0)
    columns = {"label": ["a", "b", "c"] * 100, "p": rng.random((300, 5)), "other": [1] * 300}
    return dsx.read(columns, label="label", epoch_probs="p")


def until(true: Callable[[], Any], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


# -- jobs ------------------------------------------------------------------------------------


def bytes_of(result: Any, folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    save(result, folder)
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.name != "result.json"}


def test_a_job_runs_there_and_its_result_is_the_one_of_here(
    kernel: RemoteKernel, ds: Dataset, tmp_path: Path
) -> None:
    job = measure(ds, "data_map", where="worker")
    result = job.wait(60)
    assert job.place == "remote: 127.0.0.1"
    here = REGISTRY["data_map"]().compute(Inputs(ds))
    assert bytes_of(result, tmp_path / "a") == bytes_of(here, tmp_path / "b")
    assert repr(result) == repr(here)
    assert result.about.versions == here.about.versions
    # it is in this machine's cache now, so nobody asks twice
    again = measure(dsx.read(ds.table, label="label", epoch_probs="p"), "data_map", where="worker")
    again.wait(60)
    assert again.place == "cache"


def test_what_is_needed_is_computed_there_and_partial_results_arrive(
    kernel: RemoteKernel, ds: Dataset, toys: Any
) -> None:
    job = measure(ds, "toy_needy", steps=3)
    frames: list[Any] = []
    job.requires[0].partial.connect(frames.append)
    double = job.wait(60).column("double")
    there = int(job.requires[0].wait(1).column("pid")[0])
    assert there != os.getpid()
    assert (double == 2 * there).all()
    assert {one.place for one in (job, *job.requires)} == {"remote: 127.0.0.1"}
    assert job.requires[0].stage == "step 2"


def test_a_job_is_cancelled_there(kernel: RemoteKernel, ds: Dataset) -> None:
    before = measure(ds, "toy").wait(60).column("pid")[0]
    job = measure(ds, "toy_steps", steps=600)
    until(lambda: job.progress > 0)
    assert job.cancel()
    with pytest.raises(errors.JobCancelled):
        job.wait(1)
    after = measure(ds, "toy", seed=1).wait(60).column("pid")[0]
    assert after == before, "the kernel was interrupted, not ended"


def test_an_error_there_is_the_jobs(kernel: RemoteKernel, ds: Dataset) -> None:
    job = measure(ds, "toy_wrong", what="dsx")
    with pytest.raises(errors.JobFailed):
        job.wait(60)
    assert isinstance(job.error, errors.InputError)
    assert "the kernel at 127.0.0.1" in "".join(job.error.__notes__)


def test_a_kernel_that_dies_is_said_and_the_next_job_has_another(
    kernel: RemoteKernel, ds: Dataset
) -> None:
    job = measure(ds, "toy_wrong", what="kill")
    with pytest.raises(errors.JobFailed):
        job.wait(60)
    assert isinstance(job.error, errors.ConnectionLost)
    assert "ended" in str(job.error)
    assert measure(ds, "toy", seed=5).wait(60).about.backend == "hand"
    assert kernel.state == "connected"


def test_settings_and_folders_stay_each_machines_own(
    kernel: RemoteKernel, ds: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSX_MARK", "of here")
    monkeypatch.setenv("HF_TOKEN", "secret of here")
    measure(ds, "toy", seed=7).wait(60)
    for name, value in (("DSX_MARK", "the server's own"), ("HF_TOKEN", None)):
        assert kernel._engine.ask("os:getenv", {"key": name}) == value


def test_what_others_say_on_the_kernel_is_no_word_of_the_job(kernel: RemoteKernel) -> None:
    assert kernel._engine.ask("tests.lookups:chatty", {}) == "answered"


def test_files_travel_in_pieces_and_each_content_once(
    kernel: RemoteKernel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    content = np.random.default_rng(0).bytes(9 * 2**20 + 5)
    (folder / "large").write_bytes(content)
    (folder / "twin").write_bytes(content)
    (folder / "empty").write_bytes(b"")
    calls: list[str] = []
    carrier = kernel._transport._files
    once = carrier._once

    def counted(name: str, *more: Any) -> Any:
        calls.append(name)
        return once(name, *more)

    monkeypatch.setattr(carrier, "_once", counted)
    there = kernel._transport.put(folder)
    assert calls.count("write") == 4  # three pieces of one, the empty one; the twin is there
    assert kernel._transport.put(folder) == there
    (tmp_path / "copy").write_bytes(content)
    kernel._transport.put(tmp_path / "copy")
    assert calls.count("write") == 4
    back = kernel._transport.get(there)
    assert {p.name: p.read_bytes() for p in back.iterdir()} == {
        "large": content, "twin": content, "empty": b"",
    }  # fmt: skip


def test_a_piece_may_come_twice_and_names_stay_inside(kernel: RemoteKernel, tmp_path: Path) -> None:
    broken: list[str] = []
    once = kernel._transport._call

    def breaking(name: str, *more: Any) -> Any:
        answer = once(name, *more)
        if name not in broken:
            broken.append(name)
            raise errors.connection_lost("cut in the test")
        return answer

    content = os.urandom(5 * 2**20)
    (tmp_path / "file").write_bytes(content)
    back = Files(breaking).get(Files(breaking).put(tmp_path / "file"), tmp_path / "back")
    assert back.read_bytes() == content
    assert "write" in broken and "read" in broken
    with pytest.raises(errors.InputError, match="plain file name"):
        once("assemble", {"files": {"../out": "0" * 64}, "single": False})


# -- the handle ------------------------------------------------------------------------------


def test_one_handle_at_a_time_and_closing_leaves_nothing_there(server: Server) -> None:
    before = {kernel["id"] for kernel in server.kernels()}
    first = dsx.connect_kernel(server.url + "/lab", token=TOKEN)
    with dsx.connect_kernel(server.url, token=TOKEN) as second:
        assert (first.state, second.state) == ("closed", "connected")
        assert repr(second) == f"RemoteKernel(127.0.0.1, {second.device}, connected)"
        assert second.device
        assert worker.current() is second._engine
        folder = Path(second._transport.folder)
        assert folder.stat().st_mode & 0o777 == 0o700
        assert len({kernel["id"] for kernel in server.kernels()} - before) == 1
    assert second.state == "closed"
    assert worker.current() is worker.own()
    assert {kernel["id"] for kernel in server.kernels()} == before
    until(lambda: not folder.exists())
    second.close()  # twice is fine


def test_a_process_that_ends_leaves_no_kernel_there(server: Server) -> None:
    before = {kernel["id"] for kernel in server.kernels()}
    code = "import sys, dsx; print(dsx.connect_kernel(sys.argv[1]))"
    run = subprocess.run(
        [sys.executable, "-c", code, server.url],
        env={**os.environ, "DSX_KERNEL_TOKEN": TOKEN},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "connected" in run.stdout, run.stderr
    assert not run.stderr
    assert {kernel["id"] for kernel in server.kernels()} == before


# -- what is refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://gpu.example.org:8888", "not-https"),
        ("http://10.0.0.1:8888", "not-https"),
        ("http://localhost.example.org", "not-https"),
        ("http://127.0.0.1.example.org", "not-https"),
        (f"https://gpu.example.org/?token={TOKEN}", "token-in-address"),
        (f"https://gpu.example.org/lab#token={TOKEN}", "token-in-address"),
        (f"https://ada:{TOKEN}@gpu.example.org/", "token-in-address"),
        (f"https://{TOKEN}@gpu.example.org/", "token-in-address"),
        ("ftp://gpu.example.org", "bad-address"),
        ("gpu.example.org:8888", "bad-address"),
        ("https://host:port", "bad-address"),
        ("", "bad-address"),
        (None, "bad-address"),
    ],
)
def test_addresses_that_will_not_do(url: Any, code: str) -> None:
    with pytest.raises(errors.InputError) as raised:
        connect_kernel(url, token=TOKEN)
    assert raised.value.code == code
    assert TOKEN not in "".join(traceback.format_exception(raised.value))


def test_addresses_as_people_have_them() -> None:
    for given, base in (
        ("https://h.org", "https://h.org"),
        ("https://h.org:8888/lab/tree/a.ipynb", "https://h.org:8888"),
        ("https://hub.org/user/ada/lab?reset", "https://hub.org/user/ada"),
        ("http://localhost:8888/tree", "http://localhost:8888"),
        ("http://[::1]:8888/", "http://[::1]:8888"),
    ):
        assert address(given).base == base
    kernel = address("https://h.org/user/ada").channels("id/1", "s")
    assert kernel == "wss://h.org/user/ada/api/kernels/id%2F1/channels?session_id=s"
    assert is_local("127.0.0.2") and is_local("a.localhost") and not is_local("127.0.0.1.org")


def test_what_the_server_refuses_is_clear(server: Server) -> None:
    before = len(server.kernels())
    cases = [
        ({"token": "wrong"}, "remote-refused", "HTTP 403"),
        ({"token": ""}, "remote-refused", "HTTP 403"),
        ({"token": TOKEN, "kernel": "pithon3"}, "unknown-choice", "python3"),
        ({"token": TOKEN, "kernel": "older"}, "remote-other-version", "0.0.1"),
        ({"token": TOKEN, "kernel": "none"}, "remote-without-dsx", "no dsx here"),
        ({"token": "no\nnewlines"}, "bad-token", "copy it again"),
    ]
    for given, code, words in cases:
        with pytest.raises(errors.DsxError) as raised:
            connect_kernel(server.url, **given)
        assert raised.value.code == code
        assert words in str(raised.value)
        assert TOKEN not in str(raised.value)
    assert worker.current() is worker.own()
    until(lambda: len(server.kernels()) == before)


def test_other_code_under_the_same_version_is_refused(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection.keys, "code_digest", lambda: "0123456789abcdef")
    with pytest.raises(errors.RemoteError, match="0123456789abcdef") as raised:
        connect_kernel(server.url, token=TOKEN)
    assert raised.value.code == "remote-other-version"


def test_what_is_no_jupyter_server_is_said() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(errors.RemoteError) as raised:
        connect_kernel(f"http://127.0.0.1:{port}", token=TOKEN)
    assert raised.value.code == "remote-unreachable"
    with answering(b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/\r\n\r\n") as port:
        with pytest.raises(errors.RemoteError, match="redirection") as raised:
            connect_kernel(f"http://127.0.0.1:{port}", token=TOKEN)
        assert raised.value.code == "remote-answer"
    with (
        answering(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>") as port,
        pytest.raises(errors.RemoteError, match="something else"),
    ):
        connect_kernel(f"http://127.0.0.1:{port}", token=TOKEN)


@contextlib.contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """A server that says one thing to whoever asks."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                one, _ = listening.accept()
                with one:
                    one.recv(65536)
                    one.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.close()


# -- the token -------------------------------------------------------------------------------


def test_the_token_is_seen_nowhere(
    server: Server, ds: Dataset, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    seen = io.StringIO()
    with (
        caplog.at_level(logging.DEBUG),
        contextlib.redirect_stderr(seen),
        connect_kernel(server.url, token=TOKEN) as handle,
    ):
        handle._transport._loop.loop.set_debug(True)
        job = measure(ds, "data_map", where="worker", confidence_threshold=0.6)
        result = job.wait(60)
        with pytest.raises(errors.RemoteError):
            connect_kernel(server.url, token=TOKEN + "x")
        carrier = handle._transport
        shown = [repr(vars(one)) for one in (handle, carrier, carrier.connection, carrier.server)]
        shown += [repr(handle), repr(job), repr(vars(job))]
        shown += [repr(result), repr(result.about), repr(jobs()), repr(dsx.cache)]
        for path in [*handle._engine.session.folder.rglob("*"), *dsx.cache.path.rglob("*")]:
            assert not path.is_file() or TOKEN.encode() not in path.read_bytes()
        for way in (pickle.dumps, copy.copy, copy.deepcopy):
            for what in (handle, handle._transport.server._token):
                with pytest.raises(errors.FrozenError):
                    way(what)
    assert caplog.records
    for text in (caplog.text, seen.getvalue(), *shown, (server.folder / "log").read_text()):
        assert TOKEN not in text


def test_a_traceback_that_shows_variables_shows_no_token(server: Server) -> None:
    for url, token in ((server.url, TOKEN + "x"), ("http://gpu.example.org", TOKEN)):
        given = {"token": token}
        try:
            connect_kernel(url, **given)
        except errors.DsxError as error:
            frames = traceback.TracebackException.from_exception(error, capture_locals=True)
            # but for the first frame, which is this test's own
            text = "\n".join(f"{frame.name} {frame.locals}" for frame in list(frames.stack)[1:])
            assert "connect_kernel" in text
            assert TOKEN not in text
            assert error.__suppress_context__ or error.__context__ is None


def test_where_the_token_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    def of(token: Token) -> str:
        return token.headers().get("Authorization", "")

    assert of(token_from(TOKEN)) == f"token {TOKEN}"
    assert of(token_from("")) == ""
    monkeypatch.setenv("DSX_KERNEL_TOKEN", "fromtheenvironment\n")
    assert of(token_from(None)) == "token fromtheenvironment"
    assert of(token_from("given")) == "token given"
    monkeypatch.delenv("DSX_KERNEL_TOKEN")
    monkeypatch.setattr("getpass.getpass", lambda prompt: "typed")
    assert of(token_from(None)) == "token typed"

    def nobody(prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("getpass.getpass", nobody)
    with pytest.raises(errors.RemoteError, match="DSX_KERNEL_TOKEN"):
        token_from(None)
    for wrong in (5, b"bytes", "two words"):
        with pytest.raises(errors.InputError, match="plain letters"):
            token_from(wrong)


# -- a connection that breaks ----------------------------------------------------------------


def test_a_job_survives_a_broken_connection(
    kernel: RemoteKernel,
    proxy: Proxy,
    ds: Dataset,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    over = tmp_path / "over"
    job = measure(ds, "toy_steps", steps=600, until=str(over))
    until(lambda: job.progress > 0)
    with caplog.at_level(logging.INFO, "dsx"):
        proxy.cut()
        until(lambda: "holds again" in caplog.text)
    assert kernel.state == "connected"
    over.touch()
    assert job.wait(60).about.backend == "hand"
    assert job.place == "remote: 127.0.0.1"


def test_an_answer_lost_with_the_connection_ends_the_job(
    kernel: RemoteKernel, proxy: Proxy, ds: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "GRACE", 0.1)
    measure(ds, "toy", seed=3).wait(60)
    real, heard = connection.unpacked, threading.Event()

    def losing(raw: bytes) -> Any:
        message = real(raw)
        if message.kind == "comm_msg" and message.content["data"]["kind"] == "done":
            heard.set()
            raise ValueError("lost on the way")
        if heard.is_set() and message.content.get("execution_state") == "idle":
            raise ValueError("lost too")
        return message

    monkeypatch.setattr(connection, "unpacked", losing)
    job = measure(ds, "toy_steps", steps=1, seed=3)
    assert heard.wait(30)
    time.sleep(0.1)
    monkeypatch.setattr(connection, "unpacked", real)
    proxy.cut()
    with pytest.raises(errors.JobFailed):
        job.wait(60)
    assert "lost" in str(job.error)
    assert kernel.state == "connected"
    assert measure(ds, "toy_steps", steps=2).wait(60)


def test_a_connection_that_stays_broken_is_said_and_made_again_later(
    kernel: RemoteKernel, proxy: Proxy, ds: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "RECONNECT", 0.5)
    pid = measure(ds, "toy").wait(60).column("pid")[0]
    job = measure(ds, "toy_steps", steps=600)
    until(lambda: job.progress > 0)
    proxy.cut(for_good=True)
    with pytest.raises(errors.JobFailed):
        job.wait(60)
    assert isinstance(job.error, errors.ConnectionLost)
    assert "within 0.5 s" in str(job.error)
    assert kernel.state == "not connected"
    failed = measure(ds, "toy", seed=1)
    with pytest.raises(errors.JobFailed):
        failed.wait(60)
    assert isinstance(failed.error, errors.RemoteError)
    proxy.closed = False
    os.kill(int(pid), signal.SIGINT)  # the job nobody hears of any more
    assert measure(ds, "toy", seed=2).wait(60).column("pid")[0] == pid, "the same kernel"
    assert kernel.state == "connected"


# -- messages --------------------------------------------------------------------------------


def test_messages_are_laid_out_as_the_server_does() -> None:
    base = pytest.importorskip("jupyter_server.services.kernels.connection.base")
    number, raw = packed("kind", {"é": [1]}, "me", "shell", [b"ab", np.arange(3)], "sub")
    channel, parts = base.deserialize_msg_from_ws_v1(raw)
    assert channel == "shell"
    header = json.loads(parts[0])
    assert (header["msg_id"], header["msg_type"], header["subshell_id"]) == (number, "kind", "sub")
    assert json.loads(parts[3]) == {"é": [1]}
    assert [bytes(part) for part in parts[4:]] == [b"ab", np.arange(3).tobytes()]
    message = unpacked(base.serialize_msg_to_ws_v1(parts, "iopub"))
    assert (message.channel, message.kind, message.parent) == ("iopub", "kind", "")
    assert [bytes(one) for one in message.buffers] == [b"ab", np.arange(3).tobytes()]


@pytest.mark.parametrize("raw", [b"", b"\0" * 7, b"\xff" * 64, b"\0" * 64, os.urandom(200)])
def test_bytes_that_are_no_message_are_said(raw: bytes) -> None:
    with pytest.raises(ValueError):
        unpacked(raw)
    _, good = packed("kind", {}, "me", "shell")
    for cut in range(0, len(good), 7):
        with pytest.raises(ValueError):
            unpacked(good[:cut])
