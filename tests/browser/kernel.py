"""Reading the state of a notebook's kernel without touching the page, also while a cell runs."""

from __future__ import annotations

import ast
import json
import socket
import time
import uuid
from typing import Any

import websocket

from tests.browser.server import Server

# Answers expressions on a thread, so that the state is seen while a cell runs.
PEEPHOLE = """
def _peephole():
    import json, socket, threading
    server = socket.create_server(("127.0.0.1", 0))
    scope = get_ipython().user_ns
    def answer():
        while True:
            line, _ = server.accept()
            with line, line.makefile("rw") as file:
                for asked in file:
                    try:
                        reply = {"value": eval(json.loads(asked), scope)}
                    except Exception as error:
                        reply = {"error": f"{type(error).__name__}: {error}"}
                    file.write(json.dumps(reply, default=lambda one: one.item()) + "\\n")
                    file.flush()
    threading.Thread(target=answer, daemon=True).start()
    return server.getsockname()[1]
_peephole()
"""


class Kernel:
    """A second client of the kernel a page uses."""

    def __init__(self, server: Server, kernel_id: str) -> None:
        self.id = kernel_id
        self._session = uuid.uuid4().hex
        self._line: Any = None
        self._origin = server.url
        self._url = (
            f"{server.url.replace('http', 'ws')}/api/kernels/{kernel_id}/channels"
            f"?session_id={self._session}"
        )

    def __call__(self, code: str) -> Any:
        """Run code like a cell would (it waits for running cells); the last expression's value."""
        *body, last = code.strip().split("\n")
        asked = uuid.uuid4().hex
        content = {
            "code": "\n".join([*body, f"_asked = ({last})"]) if last else "\n".join(body),
            "silent": True, "store_history": False, "allow_stdin": False,
            "user_expressions": {"value": "__import__('json').dumps(_asked)"},
        }  # fmt: skip
        header = {
            "msg_id": asked, "session": self._session, "username": "", "version": "5.4",
            "msg_type": "execute_request", "date": "2000-01-01T00:00:00Z",
        }  # fmt: skip
        message = {
            "header": header, "parent_header": {}, "metadata": {}, "content": content,
            "channel": "shell", "buffers": [],
        }  # fmt: skip
        # Hung up in between: what the kernel sends to the page would all be sent here, too.
        line = websocket.create_connection(self._url, timeout=110, origin=self._origin)
        try:
            line.send(json.dumps(message))
            while True:
                frame = line.recv()
                if not isinstance(frame, str):  # messages with buffers are not for us
                    continue
                reply = json.loads(frame)
                ours = reply.get("parent_header", {}).get("msg_id") == asked
                if ours and reply["header"]["msg_type"] == "execute_reply":
                    return _value(code, reply["content"])
        finally:
            line.close()

    def peek(self, expression: str) -> Any:
        """The value of an expression now, on a thread of the kernel; JSON-able."""
        if self._line is None:
            raise RuntimeError("open_peephole() first, while no cell runs")
        self._line.write(json.dumps(expression) + "\n")
        self._line.flush()
        reply = json.loads(self._line.readline())
        if "error" in reply:
            raise RuntimeError(f"{expression}: {reply['error']}")
        return reply["value"]

    def open_peephole(self) -> None:
        """Make `peek` possible."""
        if self._line is None:
            body, call = PEEPHOLE.strip().rsplit("\n", 1)
            port = self(f"{body}\n{call}")
            link = socket.create_connection(("127.0.0.1", port), timeout=30)
            self._line = link.makefile("rw")

    def wait(self, expression: str, seconds: float = 15) -> Any:
        """The value of an expression as soon as it is true; the time-out names the last value."""
        self.open_peephole()
        until = time.monotonic() + seconds
        while not (value := self.peek(expression)):
            if time.monotonic() > until:
                raise AssertionError(f"{expression} was still {value!r} after {seconds} s")
            time.sleep(0.02)
        return value


def _value(code: str, content: dict[str, Any]) -> Any:
    if content["status"] != "ok":
        trace = "\n".join(content.get("traceback", []))
        raise RuntimeError(f"{code}\n{content.get('ename')}: {content.get('evalue')}\n{trace}")
    found = content["user_expressions"]["value"]
    if found["status"] != "ok":
        raise RuntimeError(f"{code}\n{found.get('ename')}: {found.get('evalue')}")
    text: str = found["data"]["text/plain"]
    return json.loads(ast.literal_eval(text))
