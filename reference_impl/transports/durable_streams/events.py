"""Following a stream as Server-Sent Events: history and live are the same log, so there is no seam.

What is new is encoded once, and written straight to the socket of each reader (transports/stream.py).
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from functools import partial

from aiohttp import HttpVersion11, web

from ...session.frames import sse_chunk
from ...streams import cursor
from ...streams.content import Kind
from ...streams.live import LiveStream
from ...streams.pieces import Reading
from ...streams.problems import StreamRefused
from ..stream import Ending, Stream
from .replies import COMMON, OF_STREAM, STREAMS

_PING = sse_chunk(b":\n\n")
_HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",  # tells nginx, and those who follow it, not to hold anything back
}
_BASE64 = {"Stream-SSE-Data-Encoding": "base64"}
_SPREAD = 0.1  # readers that came together need not come back together

logger = logging.getLogger(__name__)


async def follow(request: web.Request, live: LiveStream, after: int) -> web.StreamResponse:
    """Everything after a position, and what comes, until the stream is closed or the reader had better come back."""
    if request.version < HttpVersion11:
        raise StreamRefused("http-version", "a stream needs HTTP/1.1", 505)
    encoding = _BASE64 if live.kind is Kind.BINARY else {}
    response = web.StreamResponse(headers=request.app[COMMON] | _HEADERS | encoding)
    response.enable_chunked_encoding()
    await response.prepare(request)
    transport = request.transport
    if transport is None:
        return response
    await response.write(b":\n\n")  # sends the headers; from here on the stream writes its own chunks
    response.headers.clear()  # they are on their way, and thousands of readers wait
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    reading = Reading(live.pieces, after, cursor.floor(request.query.get("cursor"), time.time()))
    tail = _Tail(reading, request, transport, over)
    live.attach(tail)
    try:
        tail.follow(reading)
        await over
        if tail.ending is Ending.SLOW:
            transport.abort()  # no last chunk: it is not the end of the stream
    except Exception:
        logger.exception("stream %s: a reader's connection broke down", live.name)
        transport.abort()
    finally:
        live.detach(tail)
        tail.end(Ending.GONE)
    return response


class _Tail(Stream):
    """A reader's connection, which ends when the stream does, or after a while."""

    def __init__(
        self, reading: Reading, request: web.Request, transport: asyncio.Transport, over: asyncio.Future[None]
    ) -> None:
        self._reading = reading
        settings = request.app[STREAMS].settings
        self._until = asyncio.get_running_loop().time() + settings.sse_s * random.uniform(1 - _SPREAD, 1 + _SPREAD)
        super().__init__(
            transport,
            request.writer.drain,
            ping=_PING,
            farewell=_farewell,
            settings=request.app[OF_STREAM],
            ended=partial(_settle, over),
        )

    def wake(self) -> None:
        """There is something new; or the socket has room again."""
        if self._draining is None and (news := self._reading.news()):
            self.write(news)
            return
        super().wake()
        if self._reading.over and self._draining is None:
            self.end(Ending.GONE)

    def _heartbeat(self) -> None:
        if asyncio.get_running_loop().time() >= self._until:
            self.end(Ending.AWAY)
        else:
            super()._heartbeat()


def _settle(over: asyncio.Future[None]) -> None:
    if not over.done():
        over.set_result(None)


def _farewell(milliseconds: int) -> bytes:
    return sse_chunk(b"retry: %d\n\n" % milliseconds)
