"""Where a Jupyter server is, and the token that opens it."""

from __future__ import annotations

import getpass
import ipaddress
import os
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import quote, urlsplit

from dsx import errors

VARIABLE = "DSX_KERNEL_TOKEN"


@dataclass(frozen=True)
class Address:
    """A server's base address, without a slash at its end: "https://host:8888/user/ada"."""

    base: str
    host: str

    def rest(self, *parts: str) -> str:
        """The address of a resource below /api."""
        return "/".join([self.base, "api", *(quote(part, safe="") for part in parts)])

    def channels(self, kernel: str, session: str) -> str:
        """The address of a kernel's websocket."""
        path = self.rest("kernels", kernel, "channels")
        return f"ws{path.removeprefix('http')}?session_id={quote(session, safe='')}"


def address(url: str) -> Address:
    """A checked address: https, or http to this machine itself, and no token in it.

    Raises InputError otherwise; the message never repeats what may be secret in the address.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except (ValueError, AttributeError):
        parts, host, port = urlsplit(""), "", None
    if parts.scheme not in ("http", "https") or not host:
        raise errors.bad_server_address("no such address")
    if "token" in parts.query or "token" in parts.fragment or parts.username or parts.password:
        raise errors.token_in_address(host)
    if parts.scheme == "http" and not is_local(host):
        raise errors.server_without_tls(host)
    shown = f"[{host}]" if ":" in host else host
    where = f"{shown}:{port}" if port else shown
    path = parts.path.rstrip("/")
    for page in ("/lab", "/tree", "/login", "/api"):  # as copied from a browser
        if path.endswith(page) or f"{page}/" in path:
            path = path[: path.index(page)]
    return Address(f"{parts.scheme}://{where}{path}", host)


def is_local(host: str) -> bool:
    """Whether a host name is this machine itself by definition, not by a lookup."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Token:
    """A secret that shows itself nowhere: not printed, not pickled, not compared."""

    __slots__ = ("headers",)

    def __init__(self, text: str) -> None:
        kept = text.strip()
        if any(ord(c) < 33 or ord(c) > 126 for c in kept):
            raise errors.bad_token()

        def headers() -> dict[str, str]:
            return {"Authorization": f"token {kept}"} if kept else {}

        self.headers = headers

    def __repr__(self) -> str:
        return "Token(hidden)"

    def __reduce__(self) -> NoReturn:
        raise errors.frozen("a token in this process", "connect again where it is needed")


def token_from(given: Any) -> Token:
    """The token given, else that of the environment variable, else one typed without echo."""
    if isinstance(given, Token):
        return given
    if given is not None:
        return Token(given if isinstance(given, str) else "\0")
    if VARIABLE in os.environ:
        return Token(os.environ[VARIABLE])
    try:
        return Token(getpass.getpass("Token of the Jupyter server: "))
    except (EOFError, OSError, RuntimeError, NotImplementedError):
        raise errors.token_missing(VARIABLE) from None
