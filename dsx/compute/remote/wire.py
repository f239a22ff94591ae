"""Jupyter messages on a websocket, laid out as in v1.kernel.websocket.jupyter.org."""

from __future__ import annotations

import json
import struct
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

PROTOCOL = "v1.kernel.websocket.jupyter.org"
_PARTS = 4  # header, parent header, metadata, content; buffers follow


@dataclass(frozen=True)
class Message:
    """One message that came: `parent` is the number of the request it answers, or ""."""

    channel: str
    kind: str
    parent: str
    content: dict[str, Any]
    buffers: list[memoryview]


def packed(
    kind: str,
    content: dict[str, Any],
    session: str,
    channel: str,
    buffers: Sequence[Any] = (),
    subshell: str = "",
) -> tuple[str, bytes]:
    """The number of a new message, and its bytes."""
    number = uuid.uuid4().hex
    header = {
        "msg_id": number,
        "msg_type": kind,
        "username": "dsx",
        "session": session,
        "date": datetime.now(UTC).isoformat(),
        "version": "5.3",
    }
    if subshell:
        header["subshell_id"] = subshell
    parts = [json.dumps(part).encode() for part in (header, {}, {}, content)]
    parts += [memoryview(buffer).cast("B") for buffer in buffers]  # type: ignore[misc]
    name = channel.encode()
    places = [8 * (len(parts) + 3)]
    for part in (name, *parts):
        places.append(places[-1] + len(part))
    head = struct.pack(f"<{len(places) + 1}Q", len(places), *places)
    return number, b"".join([head, name, *parts])


def unpacked(raw: bytes) -> Message:
    """The message in some bytes; raises ValueError for what is none."""
    view = memoryview(raw)
    try:
        (count,) = struct.unpack_from("<Q", view)
        places = struct.unpack_from(f"<{count}Q", view, 8) if count < len(raw) // 8 else ()
        cuts = list(pairwise(places))
        pieces = [view[start:end] for start, end in cuts]
        if len(pieces) < 1 + _PARTS or places[-1] != len(raw):
            raise ValueError("cut short")
        header, parent, _, content = (json.loads(bytes(p)) for p in pieces[1 : 1 + _PARTS])
        return Message(
            bytes(pieces[0]).decode(),
            str(header["msg_type"]),
            str(parent.get("msg_id", "")),
            content,
            pieces[1 + _PARTS :],
        )
    except (struct.error, KeyError, AttributeError, TypeError) as error:
        raise ValueError(f"not a kernel message: {error}") from None
