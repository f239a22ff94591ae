"""What the browser asks and tells the kernel: one hidden widget that no cell ever writes to.

Since ipykernel 7.4 a comm on which a cell published routes later messages from the browser to
the main thread, where they wait for the running cell. Requests therefore come on a comm of their
own, and every answer, sent from the thread that took the request, unpins the route again.
"""

from __future__ import annotations

import logging
from typing import Any

from dsx import errors
from dsx.page import serve
from dsx.page.hidden import Hidden

log = logging.getLogger("dsx")

_HELLO = """
export default { initialize({ model }) { model.send({ op: "hello", id: 0 }); } };
"""


class Uplink(Hidden):
    """Takes requests {id, op, dataset, ...} with buffers and answers {id, ok, ...}."""

    _esm = _HELLO

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.on_msg(self._answer)
        self._unpin()

    def _answer(self, _: Any, content: dict[str, Any], buffers: list[Any]) -> None:
        try:
            reply, sent = serve.answer(content, [bytes(buffer) for buffer in buffers])
            self.send({"id": content.get("id"), "ok": True, **reply}, sent)
        except Exception as error:
            log.debug("request %r failed", content.get("op"), exc_info=True)
            self.send({"id": content.get("id"), "ok": False, **_told(error)})
        self._unpin()

    def _unpin(self) -> None:
        comm = self.comm
        if comm is not None and hasattr(comm, "_reply_subshell_id"):
            del comm._reply_subshell_id


def _told(error: Exception) -> dict[str, str]:
    if isinstance(error, errors.DsxError):
        return {"code": error.code, "message": str(error), "hint": error.hint}
    return {"code": "internal", "message": f"{type(error).__name__}: {error}", "hint": ""}


_uplink: Uplink | None = None


def uplink() -> Uplink:
    """This kernel's Uplink, opened (again) when needed."""
    global _uplink
    if _uplink is None or _uplink.comm is None:
        _uplink = Uplink()
    return _uplink
