"""Opening connections through a device's link, and telling truthfully how they ended.

The client defaults that would falsify an audit are switched off here: aiohttp's 300 s total timeout, its reuse of
connections and its line reader; websockets' keep-alive pings, compression, redirects and environment proxies.
Only the dialed address is the link's; Host, SNI and certificate checks stay the target's.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol
from urllib.parse import urlencode, urlsplit, urlunsplit

import aiohttp
import websockets
from websockets.asyncio.client import ClientConnection, connect

from .adapters.base import Call, Dial
from .errors import Oversized, ProtocolError

FRAME_LIMIT = 4 * 1024 * 1024
BODY_LIMIT = 8 * 1024 * 1024
HEADER_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a target lives, how to dial it (through a link), and what every request carries. Holds secrets."""

    base_url: str
    port: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    tls: ssl.SSLContext | None = None

    @property
    def host(self) -> str:
        """The target's own name, for SNI and certificate checks."""
        return urlsplit(self.base_url).hostname or ""

    def url(self, path: str, *, dialed: bool, socket: bool = False) -> str:
        """The URL of a path below the base URL. dialed: at the link's address instead of the target's."""
        base, asked = urlsplit(self.base_url), urlsplit(path)
        scheme = base.scheme.replace("http", "ws") if socket else base.scheme
        query = "&".join(part for part in (asked.query, urlencode(dict(self.query))) if part)
        netloc = f"127.0.0.1:{self.port}" if dialed else base.netloc
        return urlunsplit((scheme, netloc, base.path.rstrip("/") + asked.path, query, ""))


@dataclass(frozen=True, slots=True)
class Closed:
    """How a stream ended: see `closed` in docs/history-format.md."""

    how: Literal["fin", "rst", "clean", "timeout", "local"]
    code: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response: its body when it was read whole, its stream when it is still to come."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    stream: Stream | None = None


class Stream(Protocol):
    """A live stream of one connection. framed: it carries messages (a WebSocket), not bytes."""

    framed: bool

    async def pump(self, take: Callable[[str | bytes], None], gate: asyncio.Event) -> Closed:
        """Hand every chunk or message to `take` until the stream ends. Nothing is read while `gate` is not set."""
        ...

    async def send(self, text: str) -> None:
        """Send a text frame; ProtocolError on a stream that cannot, ConnectionError when it is gone."""
        ...

    async def close(self) -> None:
        """Hang up, without waiting for anybody. `pump` then ends with how=local."""
        ...


class Client:
    """The sockets of one device."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True, limit=0, ssl=endpoint.tls or True),
            timeout=aiohttp.ClientTimeout(total=None),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            max_line_size=HEADER_LIMIT,
            max_field_size=HEADER_LIMIT,
        )

    async def call(self, call: Call) -> Response:
        """One HTTP exchange. A response to a streaming call is left open when it is an event stream."""
        end = self._endpoint
        headers = {"Accept-Encoding": "identity", **call.headers, **end.headers, "Host": urlsplit(end.base_url).netloc}
        response = await self._http.request(
            call.method,
            end.url(call.path, dialed=True),
            data=call.body,
            headers=headers,
            allow_redirects=False,
            server_hostname=end.host if end.base_url.startswith("https") else None,
        )
        plain = {name.lower(): value for name, value in response.headers.items()}
        if call.stream and response.status == 200:
            return Response(response.status, plain, stream=_HttpStream(response))
        async with response:
            return Response(response.status, plain, await _body(response))

    async def dial(self, dial: Dial) -> Stream:
        """Open a WebSocket and send its first frames."""
        end = self._endpoint
        connection = await connect(
            end.url(dial.path, dialed=False, socket=True),
            host="127.0.0.1",
            port=end.port,
            ssl=(end.tls or ssl.create_default_context()) if end.base_url.startswith("https") else None,
            additional_headers={**dial.headers, **end.headers},
            subprotocols=[websockets.Subprotocol(name) for name in dial.subprotocols] or None,
            compression=None,
            proxy=None,
            ping_interval=None,
            open_timeout=None,
            close_timeout=0.2,
            max_size=FRAME_LIMIT,
        )
        stream = _SocketStream(connection)
        for frame in dial.frames:
            await stream.send(frame)
        return stream

    async def close(self) -> None:
        """Close what is left."""
        await self._http.close()


@dataclass
class _HttpStream:
    response: aiohttp.ClientResponse
    hung_up: bool = False
    framed: bool = False

    async def pump(self, take: Callable[[str | bytes], None], gate: asyncio.Event) -> Closed:
        try:
            async for chunk in _chunks(self.response, gate):
                take(chunk)
        except (aiohttp.ClientError, ConnectionError, OSError) as error:
            return Closed("local") if self.hung_up else Closed(_died(error), reason=type(error).__name__)
        return Closed("local" if self.hung_up else "clean")

    async def send(self, text: str) -> None:
        raise ProtocolError("an HTTP response carries nothing from the device to the target")

    async def close(self) -> None:
        self.hung_up = True
        self.response.close()


@dataclass
class _SocketStream:
    connection: ClientConnection
    hung_up: bool = False
    framed: bool = True

    async def pump(self, take: Callable[[str | bytes], None], gate: asyncio.Event) -> Closed:
        try:
            while True:
                await gate.wait()
                message = await self.connection.recv()
                await gate.wait()
                take(message)
        except websockets.ConnectionClosed as closed:
            return Closed("local") if self.hung_up else _socket_end(closed)
        except UnicodeDecodeError as error:
            raise ProtocolError(f"a text frame is not UTF-8 ({error.reason})") from error

    async def send(self, text: str) -> None:
        try:
            await self.connection.send(text)
        except websockets.ConnectionClosed as closed:
            raise ConnectionResetError(f"the socket is closed ({closed})") from closed

    async def close(self) -> None:
        self.hung_up = True
        self.connection.transport.abort()


def _socket_end(closed: websockets.ConnectionClosed) -> Closed:
    if closed.rcvd is not None:
        return Closed("clean", closed.rcvd.code, closed.rcvd.reason)
    if closed.sent is not None and closed.sent.code != websockets.CloseCode.NORMAL_CLOSURE:
        return Closed("local", closed.sent.code, closed.sent.reason)  # we refused a frame: too big, not UTF-8 …
    return Closed(_died(closed))


def _died(error: BaseException) -> Literal["fin", "rst"]:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ConnectionResetError) and not isinstance(cause, aiohttp.ClientConnectionError):
            return "rst"
        cause = cause.__cause__ or cause.__context__
    return "fin"


async def _chunks(response: aiohttp.ClientResponse, gate: asyncio.Event) -> AsyncIterator[bytes]:
    inflate = _inflater(response.headers.get("Content-Encoding", "identity"))
    while True:
        await gate.wait()
        chunk = await response.content.readany()
        if not chunk:
            if response.content.at_eof():
                return
            continue
        await gate.wait()
        yield inflate(chunk)


async def _body(response: aiohttp.ClientResponse) -> bytes:
    gate, parts, size = asyncio.Event(), [], 0
    gate.set()
    with contextlib.suppress(aiohttp.ClientPayloadError):
        async for chunk in _chunks(response, gate):
            parts.append(chunk)
            size += len(chunk)
            if size > BODY_LIMIT:
                response.close()
                raise Oversized(f"the response to {response.method} {response.url.path} is over {BODY_LIMIT} bytes")
    return b"".join(parts)


def _inflater(encoding: str) -> Callable[[bytes], bytes]:
    """We ask for identity; a server that compresses anyway is decoded as browsers would, but never without bound."""
    if encoding.strip().lower() in ("", "identity"):
        return bytes
    if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        raise ProtocolError(f"the response has Content-Encoding {encoding!r}, which was not asked for")
    engine = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)

    def inflate(chunk: bytes) -> bytes:
        try:
            plain = engine.decompress(chunk, FRAME_LIMIT)
        except zlib.error as error:
            raise ProtocolError(f"the response says {encoding} but does not inflate ({error})") from error
        if engine.unconsumed_tail:
            raise Oversized(f"one chunk of the response inflates to over {FRAME_LIMIT} bytes")
        return plain

    return inflate
