"""An AI SDK chat that streams as it should, behind a proxy that collects what passes through it.

What is wrong: between the server and its users stands a hop that was made for pages, not for streams. It passes a
response on when 4 KB of it have come, when the first of them is two seconds old, or when it ends; it overlooks the
header by which the server forbids exactly that (`X-Accel-Buffering: no`), and drops comments, and with them the
heartbeats. On the developer's desk, without the hop, every word comes when it is said. Users see nothing, then all.

The proxy is real: a server of its own on loopback, with a connection to the chat (`chat.py`) for every request.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from aiohttp import ClientResponse, ClientSession, ClientTimeout, TCPConnector, web

from .chat import OPTIONS, Chats
from .common import KEEP, new_app
from .kind import Antipattern
from .serve import serving

HOLD_BYTES = 4_096
HOLD_S = 2.0

_UPSTREAM = web.AppKey("upstream", ClientSession)
_END_TO_END = ("Content-Type", "Cache-Control", "x-vercel-ai-ui-message-stream", "Allow")
_EVENT_END = b"\n\n"
_FOR_EVER = ClientTimeout(total=None)


class Batch:
    """What the proxy holds back. now: seconds on any clock that does not go back."""

    def __init__(self) -> None:
        self._cut = b""  # the beginning of an event
        self._held: list[bytes] = []
        self.due: float | None = None

    def take(self, data: bytes, now: float) -> None:
        """Hold these bytes, too; comments are dropped."""
        *events, self._cut = (self._cut + data).split(_EVENT_END)
        kept = [event + _EVENT_END for event in events if not event.startswith(b":")]
        if kept and not self._held:
            self.due = now + HOLD_S
        self._held += kept

    def ready(self, now: float) -> bool:
        """There is enough of it, or it is old enough."""
        return sum(map(len, self._held)) >= HOLD_BYTES or (self.due is not None and now >= self.due)

    def release(self) -> bytes:
        """Everything but an event that has not come in full."""
        released, self._held, self.due = b"".join(self._held), [], None
        return released


async def _forward(request: web.Request) -> web.StreamResponse:
    body, upstream = await request.read(), request.app[_UPSTREAM]
    headers = {"Content-Type": request.headers.get("Content-Type", "application/json")}
    async with upstream.request(request.method, request.path_qs, data=body or None, headers=headers) as answer:
        passed = {name: answer.headers[name] for name in _END_TO_END if name in answer.headers}
        if answer.content_type != "text/event-stream":
            return web.Response(status=answer.status, body=await answer.read(), headers=passed)
        response = web.StreamResponse(status=answer.status, headers=passed)
        await response.prepare(request)
        async for lump in _lumps(answer):
            await response.write(lump)
        await response.write_eof()
        return response


async def _lumps(answer: ClientResponse) -> AsyncIterator[bytes]:
    """The body as it is passed on."""
    batch, loop = Batch(), asyncio.get_running_loop()
    while not answer.content.at_eof():
        try:
            async with asyncio.timeout_at(batch.due):
                batch.take(await answer.content.readany(), loop.time())
        except TimeoutError:
            pass  # it is old enough
        if batch.ready(loop.time()):
            yield batch.release()
    yield batch.release()


def build_app(limit: int = KEEP) -> web.Application:
    """The proxy; it starts the chat and ends it. limit: chats remembered."""

    async def upstream(app: web.Application) -> AsyncIterator[None]:
        chats = Chats(limit)
        chat = new_app(*chats.routes())
        chat.on_shutdown.append(chats.close)
        async with (
            serving(chat) as url,
            ClientSession(url, connector=TCPConnector(force_close=True, limit=0), timeout=_FOR_EVER) as session,
        ):
            app[_UPSTREAM] = session
            yield

    app = new_app(web.route("*", "/{path:.*}", _forward))
    app.cleanup_ctx.append(upstream)
    return app


ANTIPATTERN = Antipattern(
    id="buffered-path",
    title="A streaming chat behind a proxy that batches",
    lesson=(
        "The server streams and its users do not see it: a hop on the way holds the words back until there are enough "
        "of them. Nothing happens for seconds, then the whole answer appears at once, and no heartbeat gets through."
    ),
    build_app=build_app,
    protocol="ai-sdk",
    options=OPTIONS,
    contract={"disconnect": "continue", "concurrent_send": "reject", "idempotency": "key"},
)
