"""What the browser asks and tells the kernel: one hidden widget that no cell ever writes to.

Since ipykernel 7.4 a comm on which a cell published routes later messages from the browser to
the main thread, where they wait for the running cell. Requests therefore come on a comm of their
own, and every answer, sent from the thread that took the request, unpins the route again.
"""

from __future__ import annotations

import contextlib
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
        # A comm tells IPython's listeners that a cell begins and ends around every message. During
        # a running cell that would take the figures it is drawing away from it.
        with contextlib.suppress(AttributeError):
            self.comm.handle_msg = self._handle_msg

    def _answer(self, _: Any, content: dict[str, Any], buffers: list[Any]) -> None:
        asked = content if isinstance(content, dict) else {}
        try:
            reply, sent = serve.answer(content, [bytes(buffer) for buffer in buffers])
            self.send({"id": asked.get("id"), "ok": True, **reply}, sent)
        except Exception as error:  # noqa: BLE001 - logged and told, whatever it is
            self.send({"id": asked.get("id"), "ok": False, **_told(error)})
        self._unpin()

    def _unpin(self) -> None:
        """Forget the route: the thread of a publish, and that of every id (they would pile up)."""
        with contextlib.suppress(AttributeError):  # none yet, another ipykernel, or no kernel
            del self.comm._reply_subshell_id
        with contextlib.suppress(AttributeError):
            self.comm._reply_subshell_ids.clear()


def _told(error: Exception) -> dict[str, str]:
    if isinstance(error, errors.DsxError):
        return {"code": error.code, "message": str(error), "hint": error.hint}
    log.error("a request of the page failed", exc_info=error)
    message = "the kernel could not answer; the error is in its log"
    return {"code": "internal", "message": message, "hint": ""}


_uplink: Uplink | None = None


def uplink() -> Uplink:
    """This kernel's Uplink, opened (again) when needed."""
    global _uplink
    if _uplink is None or _uplink.comm is None:
        _uplink = Uplink()
    return _uplink
