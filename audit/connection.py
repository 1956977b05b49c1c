"""Opening connections through a device's link.

The client defaults that would falsify an audit are switched off here: aiohttp's 300 s total timeout, its reuse of
connections, redirects and cookies; websockets' keep-alive pings, compression, redirects and environment proxies.
Only the dialed address is the link's; Host, SNI and certificate checks stay the target's.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit, urlunsplit

import aiohttp
import websockets
from multidict import CIMultiDict

from .adapters.base import Call, Dial
from .errors import ProtocolError
from .http_stream import HttpStream, TruthfulResponse, not_http, whole_body
from .socket_stream import FRAME_LIMIT, Dialing, SocketConnection, SocketStream
from .stream import Stream

HEADER_LIMIT = 64 * 1024  # of one line; some products keep whole tokens in there


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

    @property
    def secure(self) -> bool:
        """Is it reached over TLS?"""
        return urlsplit(self.base_url).scheme == "https"

    def url(self, path: str, *, dialed: bool, socket: bool = False) -> str:
        """The URL of a path below the base URL. dialed: at the link's address instead of the target's."""
        base = urlsplit(self.base_url)
        path, _, asked = path.partition("?")
        scheme = base.scheme.replace("http", "ws") if socket else base.scheme
        query = "&".join(part for part in (asked, urlencode(dict(self.query))) if part)
        netloc = f"127.0.0.1:{self.port}" if dialed else base.netloc
        return urlunsplit((scheme, netloc, base.path.rstrip("/") + path, query, ""))


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response: its body when it was read whole, its stream when it is still to come."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    stream: Stream | None = None


class Client:
    """The sockets of one device."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True, limit=0, ssl=endpoint.tls or True),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            cookie_jar=aiohttp.DummyCookieJar(),
            response_class=TruthfulResponse,
            auto_decompress=False,
            trust_env=False,
            max_line_size=HEADER_LIMIT,
            max_field_size=HEADER_LIMIT,
        )

    async def call(self, call: Call) -> Response:
        """One HTTP exchange. The response to a streaming call is left open when it is a success.

        ProtocolError for a response that is not HTTP, and for a request that cannot be written down.
        """
        response = await self._request(call)
        headers = {name.lower(): value for name, value in response.headers.items()}
        if call.stream and 200 <= response.status < 300:
            return Response(response.status, headers, stream=HttpStream(response))
        try:
            return Response(response.status, headers, await whole_body(response))
        finally:
            response.close()

    async def dial(self, dial: Dial) -> Stream:
        """Open a WebSocket and send its first frames."""
        end = self.endpoint
        connection = await Dialing(
            end.url(dial.path, dialed=False, socket=True),
            host="127.0.0.1",
            port=end.port,
            ssl=(end.tls or ssl.create_default_context()) if end.secure else None,
            additional_headers=_merged(dial.headers, end.headers),
            subprotocols=[websockets.Subprotocol(name) for name in dial.subprotocols] or None,
            create_connection=SocketConnection,
            compression=None,
            proxy=None,
            ping_interval=None,
            open_timeout=None,
            close_timeout=0.2,
            max_size=FRAME_LIMIT,
        )
        assert isinstance(connection, SocketConnection)
        stream = SocketStream(connection)
        try:
            for frame in dial.frames:
                await stream.send(frame)
        except BaseException:
            await stream.close()
            raise
        return stream

    async def close(self) -> None:
        """Close what is left."""
        await self._http.close()

    async def _request(self, call: Call) -> TruthfulResponse:
        end = self.endpoint
        own = {"Accept-Encoding": "identity", "Host": urlsplit(end.base_url).netloc}
        try:
            response = await self._http.request(
                call.method,
                end.url(call.path, dialed=True),
                data=call.body,
                headers=_merged(call.headers, end.headers, own),
                allow_redirects=False,
                server_hostname=end.host if end.secure else None,
            )
        except aiohttp.ClientResponseError as error:
            raise not_http(error) from error
        except aiohttp.ClientError:
            raise  # some of them are ValueErrors
        except ValueError as error:  # a cursor that no header can hold
            raise ProtocolError(f"the request cannot be written down ({error})") from error
        assert isinstance(response, TruthfulResponse)
        return response


def _merged(*headers: Mapping[str, str]) -> CIMultiDict[str]:
    """One header of each name, whatever its case; the last one counts."""
    merged: CIMultiDict[str] = CIMultiDict()
    for each in headers:
        merged.update(each)
    return merged
