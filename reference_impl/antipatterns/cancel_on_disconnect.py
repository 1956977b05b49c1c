"""An AI SDK chat that can be resumed, where hanging up is stopping.

What is wrong: the run is aborted when the connection of the request that started it closes, because closing the stream
is how a client of this protocol says stop. The server cannot tell that from a lost signal, so the drop that resuming
was built for is the very thing that leaves nothing to resume (the SSE Resume-Cancel Conflict). The AI SDK's own guide
says that abort is not compatible with stream resumption; wiring both is the documented mistake. A message that is sent
again is answered again.

All the rest is the decent chat of `chat.py`: any device may watch, leaving as a viewer harms nobody, there is a stop
endpoint, and history keeps what was said.
"""

from __future__ import annotations

import asyncio

from aiohttp import web

from .chat import OPTIONS, Chats, Run, busy, read_ask, stream
from .common import KEEP, new_app
from .kind import Antipattern

_LOOK_EVERY_S = 0.02


class _Chats(Chats):
    async def post(self, request: web.Request) -> web.StreamResponse:
        """Take a prompt and stream its answer for as long as the connection lasts."""
        ask = await read_ask(request)
        chat = self.open(ask.chat)
        if chat.run:
            return busy()
        run = chat.start(ask)
        watch = asyncio.create_task(_abort_on_disconnect(request, run))
        try:
            return await stream(request, run)
        finally:  # the run has ended, or a write has failed before the watch saw why
            watch.cancel()
            run.abort()


async def _abort_on_disconnect(request: web.Request, run: Run) -> None:
    """The mistake: whoever asked has gone, so nobody wants the answer any more."""
    while not _gone(request):  # noqa: ASYNC110  aiohttp offers no event to wait for
        await asyncio.sleep(_LOOK_EVERY_S)
    run.abort()


def _gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def build_app(limit: int = KEEP) -> web.Application:
    """The chat's routes. limit: chats remembered."""
    return new_app(*_Chats(limit).routes())


ANTIPATTERN = Antipattern(
    id="cancel-on-disconnect",
    title="Resumable AI SDK chat that aborts when its client disconnects",
    lesson=(
        "Closing the stream means both 'I lost signal' and 'stop', so the drop that resuming is for ends the run. "
        "Users come back to half an answer that says it was aborted, though nobody stopped it."
    ),
    build_app=build_app,
    protocol="ai-sdk",
    options=OPTIONS,
    contract={"disconnect": "continue", "concurrent_send": "reject", "idempotency": "none"},
)
