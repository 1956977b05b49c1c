"""Reading over HTTP: what is there at once, or as soon as there is something (long-poll)."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from aiohttp import web

from ...streams import cursor, offset
from ...streams.content import Kind, array
from ...streams.live import LiveStream
from ...streams.problems import CLOSED, NEXT_OFFSET, malformed
from . import events, requests
from .replies import AT_TAIL, CURSOR, SETTLED, STREAMS, UP_TO_DATE, lifetime, reply

_CATCH_UP_S = 1.0  # for what another server has acknowledged already


async def get(request: web.Request) -> web.StreamResponse:
    """`GET`: catch-up, or one of the live modes."""
    streams = request.app[STREAMS]
    mode = request.query.get("live")
    if mode not in (None, "long-poll", "sse"):
        raise malformed("live is long-poll or sse")
    asked = _offset(request, needed=mode is not None)
    live = await streams.find(requests.path_of(request))
    live.use()
    after = await _place(live, asked)
    if mode == "sse":
        return await events.follow(request, live, after)
    if mode == "long-poll":
        return await _poll(request, live, after)
    return _answer(request, live, after, now=asked == offset.NOW)


async def head(request: web.Request) -> web.Response:
    """`HEAD`: the tail, the lifetime and whether the stream is closed. It does not count as use."""
    live = await request.app[STREAMS].find(requests.path_of(request))
    told = {
        "Content-Type": live.state.created.content_type,
        NEXT_OFFSET: offset.dump(live.log.lineage, live.log.tail),
        "Cache-Control": "no-store",
    }
    if live.log.closed:
        told[CLOSED] = "true"
    return reply(request, 200, told | lifetime(live.state.created))


def _offset(request: web.Request, *, needed: bool) -> str:
    given = request.query.getall("offset", [])
    if len(given) > 1 or (needed and not given) or given == [""]:
        raise malformed("one offset, please")
    return given[0] if given else offset.START


async def _place(live: LiveStream, asked: str) -> int:
    """The position that an offset stands for in this stream. Raises StreamRefused."""
    if asked == offset.START:
        return 0
    if asked == offset.NOW:
        return live.log.tail
    position = offset.load(asked, live.log.lineage)
    if position > live.log.tail:
        await _more(live, _CATCH_UP_S)
    if not live.log.holds(position):
        raise malformed("the offset is none that this stream has given out")
    return position


async def _poll(request: web.Request, live: LiveStream, after: int) -> web.Response:
    if after == live.log.tail and not live.log.closed:
        await _more(live, request.app[STREAMS].settings.poll_s)
    now_s = time.time()
    told = {CURSOR: str(max(cursor.interval(now_s), cursor.floor(request.query.get("cursor"), now_s)))}
    if after < live.log.tail:
        answer = _answer(request, live, after, now=False)
        answer.headers.update(told)
        return answer
    if live.log.closed:
        told = {CLOSED: "true"}
    at = offset.dump(live.log.lineage, after)
    return reply(request, 204, told | {NEXT_OFFSET: at, UP_TO_DATE: "true", "Cache-Control": "no-store"})


def _answer(request: web.Request, live: LiveStream, after: int, *, now: bool) -> web.Response:
    """Everything from there on, up to the size of a chunk."""
    log = live.log
    upto = log.stop(after, request.app[STREAMS].settings.chunk_bytes)
    told = {"Content-Type": live.state.created.content_type, NEXT_OFFSET: offset.dump(log.lineage, upto)}
    told["Cache-Control"] = "no-store" if now else AT_TAIL if upto == log.tail else SETTLED
    ended = log.closed and upto == log.tail
    if upto == log.tail:
        told[UP_TO_DATE] = "true"
    if ended:
        told[CLOSED] = "true"
    if not now:
        told["ETag"] = f'"{live.epoch}:{after}:{upto}{":c" if ended else ""}"'
        if told["ETag"] in request.headers.get("If-None-Match", "").split(", "):
            return reply(request, 304, told)
    content = log.read(after, upto)
    if live.kind is Kind.JSON:
        content = array(content)
    return reply(request, 200, told, content)


class _Waiter:
    """Waits for the next piece of news of a stream."""

    def __init__(self) -> None:
        self.news: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def wake(self) -> None:
        if not self.news.done():
            self.news.set_result(None)

    leave = wake


async def _more(live: LiveStream, patience_s: float) -> None:
    """Return when there is more, or when patience is over."""
    waiter = _Waiter()
    live.attach(waiter)
    try:
        with suppress(TimeoutError):
            await asyncio.wait_for(waiter.news, patience_s)
    finally:
        live.detach(waiter)
