"""The bodies of HTTP responses: read whole, or as a live stream that tells truthfully how it ended."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import aiohttp
from aiohttp.connector import Connection
from aiohttp.http_exceptions import HttpProcessingError

from .errors import Oversized, ProtocolError
from .inflate import inflater
from .stream import Closed, died

BODY_LIMIT = 8 * 1024 * 1024


class TruthfulResponse(aiohttp.ClientResponse):
    """A response that remembers how its connection was lost.

    aiohttp tells FIN from RST only in the text of an error, takes a reset for the proper end of a body without a
    length, and leaves a reader waiting for ever when the bytes stop being HTTP.
    """

    lost: BaseException | None = None
    _handler: aiohttp.client_proto.ResponseHandler | None = None

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        """Follow the fate of the connection from before its first byte is read."""
        self._handler = connection.protocol
        if self._handler is not None and (closed := self._handler.closed) is not None:
            closed.add_done_callback(self._on_lost)
        return await super().start(connection)

    @property
    def garbage(self) -> HttpProcessingError | None:
        """What was wrong with the bytes, when they were not HTTP."""
        wrong = self._handler.exception() if self._handler is not None else None
        return wrong if isinstance(wrong, HttpProcessingError) else None

    def _on_lost(self, closed: asyncio.Future[None]) -> None:
        self.lost = None if closed.cancelled() else closed.exception()
        waiting = self.content is not None and not self.content.is_eof() and self.content.exception() is None
        if waiting:
            self.content.set_exception(aiohttp.ClientPayloadError("the connection was lost"))


@dataclass
class HttpStream:
    """The body of a response as a live stream."""

    response: TruthfulResponse
    hung_up: bool = False
    framed: bool = False

    async def pump(self, take: Callable[[str | bytes], None], gate: asyncio.Event) -> Closed:
        """Hand every chunk to `take`; see `Stream`."""
        try:
            async for chunk in _chunks(self.response, gate):
                take(chunk)
        except (aiohttp.ClientError, OSError) as error:
            return self._broken(error)
        if self.hung_up:
            return Closed("local")
        return Closed("rst") if died(self.response.lost) == "rst" else Closed("clean")

    async def send(self, text: str) -> None:
        """Never possible."""
        raise ProtocolError("an HTTP response carries nothing from the device to the target")

    async def close(self) -> None:
        """Hang up."""
        self.hung_up = True
        self.response.close()

    def _broken(self, error: Exception) -> Closed:
        if self.hung_up:
            return Closed("local")
        if self.response.garbage is not None:
            raise not_http(self.response.garbage)
        return Closed(died(self.response.lost or error), reason="in the middle of the response")


async def whole_body(response: TruthfulResponse) -> bytes:
    """A body that is no stream. What came of one that broke off is given as it is: its status was told before.

    Oversized above BODY_LIMIT, ProtocolError for bytes that are not HTTP.
    """
    gate, parts, size = asyncio.Event(), [], 0
    gate.set()
    with contextlib.suppress(aiohttp.ClientError, OSError):
        async for chunk in _chunks(response, gate):
            parts.append(chunk)
            size += len(chunk)
            if size > BODY_LIMIT:
                raise Oversized(f"the response to {response.method} {response.url.path} is over {BODY_LIMIT} bytes")
    if response.garbage is not None:
        raise not_http(response.garbage)
    return b"".join(parts)


def not_http(wrong: HttpProcessingError | aiohttp.ClientResponseError) -> ProtocolError:
    """What to say of bytes that are not HTTP."""
    said = " ".join(str(wrong.message).split())
    return ProtocolError(f"the response is not HTTP/1.1: {said[:160]}")


async def _chunks(response: aiohttp.ClientResponse, gate: asyncio.Event) -> AsyncIterator[bytes]:
    inflate = inflater(response.headers.get("Content-Encoding", "identity"))
    while True:
        await gate.wait()
        chunk = await response.content.readany()
        await gate.wait()
        if chunk:
            yield inflate(chunk)
        elif response.content.at_eof():
            return
