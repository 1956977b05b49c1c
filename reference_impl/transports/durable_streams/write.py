"""Creating, appending, closing and deleting over HTTP. A response says what is durable, never what will be."""

from __future__ import annotations

from aiohttp import web

from ...streams.decide import Outcome
from ...streams.live import now_ms
from ...streams.problems import CLOSED, NEXT_OFFSET
from . import requests
from .replies import STREAMS, reply


async def put(request: web.Request) -> web.Response:
    """`PUT`: create the stream, or confirm that it is there."""
    streams = request.app[STREAMS]
    path = requests.path_of(request)
    body = await requests.read_body(request, streams.settings.body_bytes)
    wanted, content = requests.wanted(request.headers, body)
    live, created = await streams.create(path, wanted, content)
    live.use()
    told = {"Content-Type": live.state.created.content_type, NEXT_OFFSET: live.state.offset}
    if live.state.closed:
        told[CLOSED] = "true"
    if created:
        told["Location"] = str(request.url.with_query(None))
    return reply(request, 201 if created else 200, told)


async def post(request: web.Request) -> web.Response:
    """`POST`: append, close, or both at once."""
    streams = request.app[STREAMS]
    path = requests.path_of(request)
    body = await requests.read_body(request, streams.settings.body_bytes)
    live = await streams.find(path)
    wanted = requests.append(request.headers, body, live.kind)
    outcome = await live.submit(lambda state: wanted.decide(state, now_ms()))
    if outcome.known:
        live.use()
    told = _told(outcome)
    fresh = outcome.epoch is not None and body and not outcome.known
    return reply(request, 200 if fresh else 204, told)


async def delete(request: web.Request) -> web.Response:
    """`DELETE`."""
    streams = request.app[STREAMS]
    live = await streams.find(requests.path_of(request))
    await streams.delete(live)
    return reply(request, 204, {})


def _told(outcome: Outcome) -> dict[str, str]:
    told = {NEXT_OFFSET: outcome.offset}
    if outcome.closed:
        told[CLOSED] = "true"
    if outcome.epoch is not None:
        told["Producer-Epoch"] = str(outcome.epoch)
        told["Producer-Seq"] = str(outcome.sequence)
    return told
