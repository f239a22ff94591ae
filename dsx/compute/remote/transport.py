"""A kernel of a Jupyter server, offered as any kernel that runs jobs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import queue
import threading
import time
import uuid
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, Literal

from dsx import __version__, errors
from dsx.compute import crossing, keys
from dsx.compute.remote import files
from dsx.compute.remote.server import Server
from dsx.compute.remote.wire import packed, unpacked
from dsx.compute.worker.loop import LoopThread
from dsx.compute.worker.session import Session
from dsx.compute.worker.transport import Tell

log = logging.getLogger("dsx")

# seconds: until a new kernel answers, until a broken connection is given up, between questions,
# and until an answer that should have come is taken for lost with the connection
START_TIMEOUT = 60.0
RECONNECT = 30.0
_ASKED_AGAIN = 1.0
_GRACE = 3.0
_CLOSE = 10.0
_THERE = "dsx.compute.remote.there"
_VERSIONS = {
    "dsx": "__import__('dsx').__version__",
    "code": "__import__('dsx.compute.keys', fromlist=['_']).code_digest()",
}
State = Literal["not connected", "connected", "reconnecting", "closed"]


class Remote:
    """A kernel of a Jupyter server; the `Transport` of jobs that run there.

    `folder` is the private folder it has there, `device` what that machine computes on. A broken
    connection is made again for up to half a minute, and what runs there goes on meanwhile; after
    that, calls raise WorkerDied.
    """

    shares_files = False

    def __init__(self, server: Server, session: Session, kernel_name: str | None) -> None:
        self.server, self.session = server, session
        self.host = server.address.host
        self.place = f"remote: {self.host}"
        self.folder, self.device = "", ""
        self.subshells = False
        self._asides: dict[str, str] = {}
        self._aside_lock: asyncio.Lock | None = None
        self._interrupted = float("-inf")
        self.state: State = "not connected"
        self._name, self._id = kernel_name, ""
        self._client = uuid.uuid4().hex  # the server keeps messages for it while it is away
        self._lock = threading.Lock()
        self._loop: LoopThread | None = None
        self._socket: Any = None
        self._inboxes: dict[str, queue.SimpleQueue[Any]] = {}
        self._mending: asyncio.Task[None] | None = None
        self._files = files.Files(self._call)

    # -- starting and ending ----------------------------------------------------------------

    def start(self) -> None:
        """Connect, to a new kernel where the former is gone; raises RemoteError, WorkerError."""
        with self._lock:
            if self.alive():
                return
            if self.state == "closed":
                raise errors.connection_lost("it was closed")
            if self._loop is None:
                self._loop = LoopThread("dsx remote")
            self._loop.run(self._start())
            said, _ = self._call("begin", {})
            if said["folder"] != self.folder:
                self._files.forget()
            self.folder, self.device = said["folder"], said["device"]
            self.state = "connected"
            log.info("connected to a kernel at %s, on %s", self.host, self.device)

    def alive(self) -> bool:
        """Whether a kernel is connected, or its connection is being made again."""
        return self.state in ("connected", "reconnecting")

    def interrupt(self) -> None:
        """Ask the server to interrupt what runs; returns at once."""
        self._interrupted = time.monotonic()
        if self._id:
            self._post(self.server.interrupt(self._id))

    def kill(self) -> None:
        """Give the kernel up: calls end now, the server ends the kernel, `start` makes another."""
        gone, self._id = self._id, ""
        if self.state != "closed":
            self.state = "not connected"
        if gone:
            self._post(self.server.shut_down(gone))
        self._end("it was ended")

    def close(self) -> None:
        """Shut the kernel down and disconnect, for good."""
        with self._lock:
            was, self.state = self.state, "closed"
            loop, self._loop = self._loop, None
            if loop is None:
                return
            with contextlib.suppress(TimeoutError, errors.RemoteError):
                loop.run(self._leave(), _CLOSE)
            self._end("it was closed")
            loop.close()
            if was != "closed":
                log.info("disconnected from the kernel at %s", self.host)

    # -- files and calls --------------------------------------------------------------------

    def put(self, path: Path) -> str:
        """Send a file or a folder of files, unless its content is there already; its path there."""
        return self._files.put(path)

    def get(self, path: str) -> Path:
        """Fetch a file or a folder of files into this session's folder."""
        return self._files.get(path, self.session.file(f"remote-{uuid.uuid4().hex}"))

    def run(
        self,
        call: str,
        arguments: dict[str, Any],
        tell: Tell,
        *,
        aside: str = "",
        buffers: Sequence[Any] = (),
    ) -> tuple[dict[str, Any], list[memoryview]]:
        """Call "module:function" in the kernel: see `Transport.run`; `buffers` go with it."""
        inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        began = time.monotonic()
        text = json.dumps({"call": call, "arguments": arguments, "path": []})
        code = f"__import__('dsx.compute.worker.service', fromlist=['_']).called({text!r})"
        number = self._run(self._execute(code, inbox, buffers, aside))
        last: tuple[dict[str, Any], list[memoryview]] | None = None
        try:
            while (message := inbox.get()) is not None:
                data, attached = message
                if data["kind"] == "died":
                    raise errors.connection_lost(data["why"])
                if data["kind"] in ("done", "error", "cancelled"):
                    last = message
                    break
                if data["kind"] != "reply":
                    tell(data, attached)
        finally:
            self._inboxes.pop(number, None)
        if last is None and self._interrupted < began:
            raise errors.connection_lost("it broke, and an answer was lost")
        if last is None or last[0]["kind"] == "cancelled":
            raise KeyboardInterrupt
        if last[0]["kind"] == "error":
            raise crossing.error_in(last[0]["error"], f"the kernel at {self.host}")
        return last

    def _call(
        self, name: str, arguments: dict[str, Any], buffers: Sequence[Any] = ()
    ) -> tuple[dict[str, Any], list[memoryview]]:
        """Call a function of `there`, beside whatever runs."""
        call = f"{_THERE}:{name}"
        return self.run(call, arguments, lambda *_: None, aside="files", buffers=buffers)

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        loop = self._loop
        if loop is None:
            work.close()
            raise errors.connection_lost("it was closed")
        return loop.run(work)

    def _post(self, work: Coroutine[Any, Any, Any]) -> None:
        """Have something done without waiting; its failure is logged."""

        async def done() -> None:
            try:
                await work
            except errors.RemoteError as error:
                log.warning("%s", error)

        loop = self._loop
        if loop is None:
            work.close()
            return
        asyncio.run_coroutine_threadsafe(done(), loop.loop)

    # -- on the loop's thread ---------------------------------------------------------------

    async def _start(self) -> None:
        if self._mending is not None:
            self._mending.cancel()
        if self._id and not await self.server.there(self._id):
            self._id = ""
        if not self._id:
            default, known = await self.server.kernels()
            name = self._name or default
            if name not in known:
                raise errors.unknown_choice(f"kernel of the server at {self.host}", name, known)
            self._id, self._asides = await self.server.start(name), {}
        try:
            await self._connect()
            await self._until_ready()
            await self._compare()
        except BaseException:
            await self._leave()
            raise

    async def _connect(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            socket.close()
        mine: list[Any] = []

        def hear(raw: Any) -> None:
            if mine and mine[0] is self._socket:  # not one that was left
                self._hear(raw)

        opened = await self.server.listen(self._id, self._client, hear)
        mine.append(opened)
        self._socket = opened

    async def _leave(self) -> None:
        """Shut the kernel down and close the connection."""
        if self._mending is not None:
            self._mending.cancel()
        socket, self._socket = self._socket, None
        if socket is not None:
            socket.close()
        gone, self._id = self._id, ""
        if gone:
            await self.server.shut_down(gone)

    async def _execute(
        self, code: str, inbox: queue.SimpleQueue[Any], buffers: Sequence[Any], aside: str
    ) -> str:
        subshell = await self._subshell(aside) if aside and self.subshells else ""
        return await self._send(
            "execute_request", _executing(code), inbox, buffers, subshell=subshell
        )

    async def _subshell(self, name: str) -> str:
        """The subshell of a name, made when it is first asked for; "" where none is made."""
        if self._aside_lock is None:
            self._aside_lock = asyncio.Lock()
        async with self._aside_lock:
            if name not in self._asides:
                reply = await self._reply("create_subshell_request", {}, "control")
                self._asides[name] = str(reply.get("subshell_id", ""))
            return self._asides[name]

    async def _reply(
        self, kind: str, content: dict[str, Any], channel: str = "shell"
    ) -> dict[str, Any]:
        """The content of the reply to a request; {} where none comes in time."""
        inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        number = await self._send(kind, content, inbox, channel=channel)
        end = time.monotonic() + START_TIMEOUT
        try:
            while time.monotonic() < end:
                while not inbox.empty():
                    message = inbox.get()
                    if message is not None and message[0]["kind"] == "reply":
                        said: dict[str, Any] = message[0]["content"]
                        return said
                    if message is not None and message[0]["kind"] == "died":
                        return {}
                await asyncio.sleep(0.005)
        finally:
            self._inboxes.pop(number, None)
        return {}

    async def _send(
        self,
        kind: str,
        content: dict[str, Any],
        inbox: queue.SimpleQueue[Any],
        buffers: Sequence[Any] = (),
        channel: str = "shell",
        subshell: str = "",
    ) -> str:
        number, raw = packed(kind, content, self._client, channel, buffers, subshell)
        if self._mending is not None and not self._mending.done():
            await asyncio.wait([self._mending])
        self._inboxes[number] = inbox
        socket = self._socket
        if socket is None:
            inbox.put(({"kind": "died", "why": "there is none"}, []))
            return number
        with contextlib.suppress(Exception):  # a closed one: `_hear` learns of it
            await socket.write_message(raw, binary=True)
        return number

    def _hear(self, raw: Any) -> None:
        if raw is None:
            if self.state == "connected":
                self.state = "reconnecting"
                self._mending = asyncio.ensure_future(self._mend())
            return
        try:
            message = unpacked(raw)
        except ValueError as error:
            log.debug("a message from %s that is none: %s", self.host, error)
            return
        state = message.content.get("execution_state") if message.kind == "status" else ""
        if state in ("restarting", "dead") and not message.parent:
            self._end("the kernel there ended; its machine may have run out of memory")
            self.state = "not connected" if self.state != "closed" else "closed"
            self._asides = {}
            return
        inbox = self._inboxes.get(message.parent)
        if inbox is None:
            return
        if message.channel != "iopub":
            inbox.put(({"kind": "reply", "content": message.content}, []))
        elif message.kind == "comm_msg":
            inbox.put((message.content["data"], message.buffers))
        elif state == "idle":
            inbox.put(None)

    async def _mend(self) -> None:
        """Connect again; what was said meanwhile the server hands over, what was lost ends."""
        log.info("the connection to %s broke; trying again", self.host)
        waiting = dict(self._inboxes)
        end, pause = time.monotonic() + RECONNECT, 0.2
        why = f"it broke and could not be made again within {RECONNECT:g} s"
        while time.monotonic() < end and self.state == "reconnecting":
            try:
                if not await self.server.there(self._id):
                    why = "it broke, and the kernel is gone"
                    break
                await self._connect()
            except errors.RemoteError as error:
                log.debug("not yet: %s", error)
                await asyncio.sleep(pause)
                pause = min(2 * pause, 5.0)
                continue
            self.state = "connected"
            log.info("the connection to %s holds again", self.host)
            self._checking = asyncio.ensure_future(self._check(waiting))
            return
        if self.state == "reconnecting":
            self.state = "not connected"
        self._end(why)

    async def _check(self, waiting: dict[str, queue.SimpleQueue[Any]]) -> None:
        """End the calls whose answers got lost: the kernel answers in order."""
        while self.state == "connected" and not await self._reply("kernel_info_request", {}):
            pass
        await asyncio.sleep(_GRACE)
        for one, lost in waiting.items():
            if self._inboxes.get(one) is lost:
                lost.put(({"kind": "died", "why": "it broke, and an answer was lost"}, []))

    def _end(self, why: str) -> None:
        """End every call that waits."""
        for inbox in list(self._inboxes.values()):
            inbox.put(({"kind": "died", "why": why}, []))

    async def _until_ready(self) -> None:
        """Ask until it answers on both channels: then nothing of what follows is missed."""
        inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        asked: list[str] = []
        end, again, heard = time.monotonic() + START_TIMEOUT, 0.0, set[str]()
        try:
            while heard != {"reply", "idle"}:
                if time.monotonic() > end:
                    raise errors.worker_not_started(
                        f"no answer from {self.host} for {START_TIMEOUT:g} s", ""
                    )
                if time.monotonic() >= again:
                    asked.append(await self._send("kernel_info_request", {}, inbox))
                    again = time.monotonic() + _ASKED_AGAIN
                await asyncio.sleep(0.01)
                while not inbox.empty():
                    message = inbox.get()
                    heard.add("idle" if message is None else "reply")
                    if message is not None:
                        features = message[0]["content"].get("supported_features", [])
                        self.subshells = "kernel subshells" in features
        finally:
            for number in asked:
                self._inboxes.pop(number, None)

    async def _compare(self) -> None:
        """Refuse a kernel whose dsx is not this one: its numbers might differ unseen."""
        reply = await self._reply("execute_request", _executing("", **_VERSIONS))
        said = reply.get("user_expressions", {})
        found = {
            name: str(one["data"]["text/plain"]).strip("'\"")
            for name, one in said.items()
            if one.get("status") == "ok"
        }
        if "dsx" not in found:
            why = said.get("dsx", {})
            why = f"{why.get('ename', 'no answer')}: {why.get('evalue', 'not a Python kernel?')}"
            raise errors.remote_without_dsx(self.host, __version__, why)
        if found["dsx"] != __version__:
            raise errors.remote_other_version(self.host, __version__, found["dsx"])
        if found.get("code") != keys.code_digest():
            ours = f"{__version__} (code {keys.code_digest()})"
            theirs = f"{found['dsx']} (code {found.get('code')})"
            raise errors.remote_other_version(self.host, ours, theirs)


def _executing(text: str, **expressions: str) -> dict[str, Any]:
    return {
        "code": text,
        "silent": True,
        "store_history": False,
        "user_expressions": expressions,
        "allow_stdin": False,
        "stop_on_error": False,
    }
