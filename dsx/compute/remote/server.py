"""Requests to a Jupyter server: its REST interface, and a kernel's websocket."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.netutil import Resolver
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.websocket import WebSocketClientConnection, websocket_connect

from dsx import errors
from dsx.compute.remote.address import Address, Token
from dsx.compute.remote.wire import PROTOCOL

_TIMEOUT = 20.0
# seconds between pings: a connection that died silently is noticed after twice that
_PING = 10.0
_LARGEST = 2**28


class _Names(Resolver):
    """Looks host names up on the loop's own thread: at the end of a process there is no other."""

    async def resolve(
        self, host: str, port: int, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[tuple[int, Any]]:
        found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
        return [(int(kind), where) for kind, _, _, _, where in found]

    def close(self) -> None:
        """Nothing is held."""


class Server:
    """One Jupyter server. Every method is a coroutine for one loop.

    The token travels in a header of each request, never in an address, and no redirection is
    followed with it. What goes wrong raises RemoteError, which names the host and nothing secret.
    """

    def __init__(self, address: Address, token: Token, ca_file: str | None) -> None:
        self.address, self._token, self._ca_file = address, token, ca_file

    async def kernels(self) -> tuple[str, list[str]]:
        """The name of the server's default kernel, and those of all it has."""
        said = await self._ask("GET", "kernelspecs", wanted="its list of kernels")
        return str(said.get("default", "")), sorted(said.get("kernelspecs", {}))

    async def start(self, name: str) -> str:
        """Start a kernel; its id."""
        wanted = f"a kernel {name!r}"
        return str((await self._ask("POST", "kernels", body={"name": name}, wanted=wanted))["id"])

    async def there(self, kernel: str) -> bool:
        """Whether the kernel is still there."""
        return bool(await self._ask("GET", "kernels", kernel, wanted="a kernel", gone={}))

    async def interrupt(self, kernel: str) -> None:
        """Interrupt what the kernel does."""
        await self._ask("POST", "kernels", kernel, "interrupt", wanted="an interrupt", gone={})

    async def shut_down(self, kernel: str) -> None:
        """End the kernel."""
        await self._ask("DELETE", "kernels", kernel, wanted="the end of a kernel", gone={})

    async def listen(
        self, kernel: str, session: str, hear: Callable[[Any], None]
    ) -> WebSocketClientConnection:
        """The websocket of a kernel; `hear` is called with each message, and None at the end."""
        request = self._request(self.address.channels(kernel, session), "GET", None)
        failure: errors.RemoteError
        try:
            socket = await websocket_connect(
                request,
                on_message_callback=hear,
                ping_interval=_PING,
                max_message_size=_LARGEST,
                subprotocols=[PROTOCOL],
                resolver=_Names(),
            )
        except HTTPClientError as error:
            failure = self._failure(error, "a websocket to the kernel")
        except (OSError, ValueError) as error:
            failure = self._unreachable(error)
        else:
            if socket.selected_subprotocol == PROTOCOL:
                return socket
            socket.close()
            got = "one that does not speak " + PROTOCOL
            failure = errors.remote_answer(self.address.host, "a websocket to the kernel", got)
        raise failure from None  # what lies behind it carries the request's headers

    async def _ask(
        self, method: str, *path: str, wanted: str, body: Any = None, gone: Any = None
    ) -> Any:
        """What the server answers; `gone` where the resource is not there (any more)."""
        client: AsyncHTTPClient = SimpleAsyncHTTPClient(force_instance=True, resolver=_Names())
        failure: errors.RemoteError
        try:
            request = self._request(self.address.rest(*path), method, body)
            answer = await client.fetch(request)
            if answer.code == 204 or not answer.body:
                return {}
            return json.loads(answer.body)
        except HTTPClientError as error:
            if error.code == 404 and gone is not None:
                return gone
            failure = self._failure(error, wanted)
        except (OSError, ValueError) as error:
            failure = self._unreachable(error)
        finally:
            client.close()
        raise failure from None

    def _request(self, url: str, method: str, body: Any) -> HTTPRequest:
        text = None if method in ("GET", "DELETE") else json.dumps(body or {})
        return HTTPRequest(
            url,
            method=method,
            headers={**self._token.headers(), "Content-Type": "application/json"},
            body=text,
            follow_redirects=False,
            connect_timeout=_TIMEOUT,
            request_timeout=_TIMEOUT * 3,
            ca_certs=self._ca_file,
        )

    def _failure(self, error: HTTPClientError, wanted: str) -> errors.RemoteError:
        host, code = self.address.host, error.code
        if code in (401, 403):
            return errors.remote_refused(host, code)
        if code == 599:
            return self._unreachable(error)
        if 300 <= code < 400:
            return errors.remote_answer(host, wanted, f"a redirection (HTTP {code}), not followed")
        return errors.remote_answer(host, wanted, f"HTTP {code}")

    def _unreachable(self, error: Exception) -> errors.RemoteError:
        host = self.address.host
        if isinstance(error, ssl.SSLCertVerificationError):
            return errors.remote_unreachable(
                host,
                f"a certificate that does not hold ({error.verify_message}); ca_file= takes the "
                "certificate of an authority of your own",
            )
        if isinstance(error, ValueError) and not isinstance(error, OSError):
            return errors.remote_answer(host, "JSON", "something else")
        return errors.remote_unreachable(host, str(error) or type(error).__name__)
