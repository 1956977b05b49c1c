"""Where a load dials, what every request carries, and how connections are opened: the only place that knows TLS."""

from __future__ import annotations

import _socket
import asyncio
import socket
import ssl
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Literal, TypeAlias, cast
from urllib.parse import urlencode, urlsplit

from ...adapters.base import Call, Dial
from ...errors import Unreachable
from ...target import Target
from .conn import Conn, Owner
from .connecting import Connecting
from .head import fields, request
from .http1 import Exchange
from .opening import Opening
from .plain import PlainTransport
from .poll import Poll, can_poll
from .stamped import StampedTransport, can_stamp
from .websocket import Key, WebSocket

Clock: TypeAlias = Literal["app", "kernel"]

REACH_S = 5.0
PER_SOURCE = 20_000  # devices of one loopback address: it has some 28,000 ports, and closed connections keep theirs
_NONBLOCKING = getattr(socket, "SOCK_NONBLOCK", 0)  # from the beginning: a system call less
_NO_PORT_YET = getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24)


@dataclass(frozen=True)
class Place:
    """A target as it is dialed. Holds secrets. address: what its name resolved to, the one that answered."""

    address: str
    port: int
    host: str
    netloc: str
    base_path: str
    headers: Mapping[str, str]
    query: str
    tls: ssl.SSLContext | None

    @classmethod
    async def of(cls, target: Target) -> Place:
        """Resolve and try the target's address. Unreachable when nothing answers there."""
        parts = urlsplit(target.base_url)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = await _answering(host, port)
        tls = tls_of(target) if parts.scheme == "https" else None
        query = urlencode(dict(target.query))
        return cls(address, port, host, parts.netloc, parts.path.rstrip("/"), dict(target.headers), query, tls)

    @property
    def server_name(self) -> str | None:
        """The name that a certificate has to be for; None without TLS."""
        return self.host if self.tls is not None else None

    def call(self, owner: Owner, call: Call) -> Exchange:
        """The exchange of an HTTP call, not yet opened. ProtocolError when it cannot be written down."""
        own = {"host": self.netloc, "accept-encoding": "identity", "user-agent": "durable-audit"}
        headers = _merged(own, call.headers, self.headers)
        return Exchange(owner, request(call.method, self._path(call.path), headers, call.body), stream=call.stream)

    def dial(self, owner: Owner, dial: Dial) -> WebSocket:
        """A WebSocket, not yet opened. ProtocolError when it cannot be written down."""
        key = Key.new()
        head = self._upgrade if not (dial.headers or dial.subprotocols) else self._upgrade_with(dial)
        asked = f"GET {self._path(dial.path)} HTTP/1.1\r\nsec-websocket-key: {key.asked}\r\n"
        return WebSocket(owner, asked.encode() + head, key, dial.frames)

    @cached_property
    def _upgrade(self) -> bytes:
        """What nearly every upgrade says after its first two lines."""
        return self._upgrade_with(Dial(""))

    def _upgrade_with(self, dial: Dial) -> bytes:
        own = {
            "host": self.netloc,
            "user-agent": "durable-audit",
            "upgrade": "websocket",
            "connection": "Upgrade",
            "sec-websocket-version": "13",
        }
        offered = {"sec-websocket-protocol": ", ".join(dial.subprotocols)} if dial.subprotocols else {}
        return fields(_merged(own, offered, dial.headers, self.headers))

    def _path(self, path: str) -> str:
        if not self.query:
            return self.base_path + path
        path, _, asked = path.partition("?")
        query = "&".join(part for part in (asked, self.query) if part)
        return f"{self.base_path}{path}?{query}"


class Dialer:
    """Opens connections to one place. clock: `kernel` stamps what arrives when the kernel got it, where it can (plain
    TCP on Linux); its distance from the application's clock, in seconds, is appended to `errors`.

    receive_buffer: of slow readers' sockets, so that what they do not read stays with the target.
    """

    def __init__(self, place: Place, clock: Clock, errors: list[float], devices: int) -> None:
        self.place = place
        self.stamping = clock == "kernel" and place.tls is None and can_stamp()
        self._errors = errors
        self._loop = asyncio.get_running_loop()
        self._poll = Poll(self._loop) if place.tls is None and can_poll() else None
        self._many = devices > PER_SOURCE and place.address.startswith("127.")
        self._address = (place.address, place.port)
        where = {"host": place.address, "port": place.port, "ssl": place.tls, "server_hostname": place.server_name}
        self._connection = partial(self._loop.create_connection, **where)

    def open(self, conn: Conn, device: int, receive_buffer: int = 0) -> None:
        """Open a connection; all that comes of it is told to its owner."""
        if self._poll is not None:
            self._open_plainly(self._poll, conn, device, receive_buffer)
            return
        if self._many or receive_buffer:
            coroutine: Coroutine[Any, Any, object] = self._open(conn, device, receive_buffer)
        else:
            coroutine = self._connection(lambda: conn)
        opening = Opening(coroutine, conn.dialed)
        conn.opens(opening)
        opening.start(self._loop)

    def _open_plainly(self, poll: Poll, conn: Conn, device: int, receive_buffer: int) -> None:
        """Without anything of the event loop's."""
        try:
            sock = self._socket(device, receive_buffer)
        except OSError as error:
            self._loop.call_soon(conn.dialed, error)
            return

        def connected(error: OSError | None) -> None:
            if error is not None:
                self._loop.call_soon(conn.dialed, error)
                return
            conn.dialed(None)
            if self.stamping:
                conn.connection_made(StampedTransport(poll, sock, conn, self._errors))
            else:
                conn.connection_made(PlainTransport(poll, sock, conn))

        connecting = Connecting(poll, sock, self._address, connected)
        conn.opens(connecting)
        connecting.start()

    async def _open(self, conn: Conn, device: int, receive_buffer: int) -> None:
        """By the event loop's own means (TLS, or there is nothing better), on a socket of our own."""
        place, sock = self.place, cast("socket.socket", self._socket(device, receive_buffer))  # as much as is needed
        try:
            await self._loop.sock_connect(sock, self._address)
            await self._loop.create_connection(
                lambda: conn, sock=sock, ssl=place.tls, server_hostname=place.server_name
            )
        except BaseException:
            sock.close()
            raise

    def _socket(self, device: int, receive_buffer: int) -> _socket.socket:
        family = socket.AF_INET6 if ":" in self.place.address else socket.AF_INET
        sock = _socket.socket(family, socket.SOCK_STREAM | _NONBLOCKING)
        if not _NONBLOCKING:
            sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if self._many:
            sock.setsockopt(socket.IPPROTO_IP, _NO_PORT_YET, 1)
            sock.bind((f"127.0.0.{1 + device // PER_SOURCE % 250}", 0))
        return sock


def tls_of(target: Target) -> ssl.SSLContext:
    """The certificates a target is held to."""
    context = ssl.create_default_context(cafile=str(target.ca_file) if target.ca_file else None)
    if not target.verify_tls:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def _answering(host: str, port: int) -> str:
    """The first of the host's addresses where something listens."""
    loop, why = asyncio.get_running_loop(), "it has no address"
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unreachable(f"{host} cannot be resolved: {error.strerror or error}") from None
    for address in dict.fromkeys(str(each[4][0]) for each in found):
        try:
            async with asyncio.timeout(REACH_S):
                transport, _ = await loop.create_connection(asyncio.Protocol, address, port)
        except (OSError, TimeoutError) as error:
            why = str(error) or type(error).__name__
        else:
            transport.abort()
            return address
    raise Unreachable(f"nothing answers at {host}:{port} ({why})")


def _merged(*headers: Mapping[str, str]) -> dict[str, str]:
    """One header of each name, whatever its case; the last one counts."""
    return {name.lower(): value for each in headers for name, value in each.items()}
