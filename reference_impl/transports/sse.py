"""Server-Sent Events: a session as an event stream, resumed by `Last-Event-ID` (docs/protocol.md; WHATWG HTML 9.2).

Closing the stream means nothing but that: stopping is a command of its own (transports/commands.py).
"""

from __future__ import annotations

import asyncio
import logging

from aiohttp import HttpVersion11, web

from ..errors import Refused
from ..live import LiveSession
from ..session.event import Data, dumps
from ..session.frames import sse_chunk, sse_event
from ..session.subscription import Subscription
from . import commands, entry
from .expiry import Expiry
from .joining import join
from .stream import Ending, Stream

_PING = sse_chunk(b": ping\n\n")
_HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",  # tells nginx, and those who follow it, not to hold anything back
}

logger = logging.getLogger(__name__)


async def events(request: web.Request) -> web.StreamResponse:
    """`GET …/events`."""
    if request.version < HttpVersion11:
        raise Refused("http-version", "a stream needs HTTP/1.1", 505)
    session = await commands.find(request)
    response = web.StreamResponse(headers=_HEADERS)
    response.enable_chunked_encoding()
    await response.prepare(request)
    transport = request.transport
    if transport is None:
        return response
    await response.write(b"retry: 1000\n\n")  # sends the headers; from here on the stream writes its own chunks
    over = asyncio.Event()
    hub = request.app[commands.HUB]
    stream = hub.parts.stream(
        transport, request.writer.drain, ping=_PING, farewell=_farewell, settings=hub.settings, ended=over.set
    )
    session.attach(stream)
    expiry = Expiry(request[entry.PASS], stream, _told)
    try:
        await session.reach(_cursor(request))
        stream.follow(_subscribe(stream, session, request))
        expiry.watch()
        session.presence.join(stream, "sse" if "presence" in request.query else None)
        await over.wait()
        if stream.ending is Ending.SLOW:
            request.app[entry.METRICS].slow_cut += 1
            transport.abort()  # no last chunk: it is not the end of the stream
    except Exception:
        logger.exception("session %s: a stream broke down", session.name)
        transport.abort()
    finally:
        expiry.cancel()
        session.detach(stream)
        session.presence.leave(stream)
        stream.end(Ending.GONE)
    return response


def _farewell(wait_ms: int) -> bytes:
    return sse_chunk(b"retry: %d\n\n" % wait_ms)


def _told(message: Data) -> bytes:
    return sse_event(message["type"], dumps(message))


def _cursor(request: web.Request) -> str | None:
    return request.headers.get("Last-Event-ID", request.query.get("cursor"))


def _subscribe(stream: Stream, session: LiveSession, request: web.Request) -> Subscription:
    cursor = _cursor(request)
    joining = join(session, cursor, request.query.get("from"))
    if cursor is not None:
        request.app[entry.METRICS].resumes[joining.outcome] += 1
    stream.write(sse_event("subscribed", dumps({"type": "subscribed"} | joining.told)))
    if joining.folded is not None:
        stream.write(sse_event("folded", joining.folded, session.log.cursor(joining.after)))
    return request.app[commands.HUB].parts.subscription(session.log, "sse", joining.after)
