"""The Durable Streams protocol (github.com/durable-streams/durable-streams, PROTOCOL.md), on the storage of sessions.

What is implemented, and what is not: docs/durable-streams.md.
"""

from __future__ import annotations

from aiohttp import web

from ...settings import Settings
from ...storage.base import Store
from ...streams.hub import Streams
from ...streams.settings import StreamSettings
from . import read, replies, requests, write

_STREAM = requests.ROOT + "{path:.+}"


def mount(app: web.Application, store: Store, settings: StreamSettings | None = None) -> None:
    """Serve streams from this application. Whoever opens and closes the storage does so around it."""
    streams = Streams(store, settings)
    app[replies.STREAMS] = streams
    app[replies.OF_STREAM] = Settings(heartbeat_s=streams.settings.heartbeat_s)
    app[replies.COMMON] = replies.common(streams.settings.origins)
    app.add_routes([
        web.get(_STREAM, replies.guarded(read.get), allow_head=False),
        web.head(_STREAM, replies.guarded(read.head)),
        web.put(_STREAM, replies.guarded(write.put)),
        web.post(_STREAM, replies.guarded(write.post)),
        web.delete(_STREAM, replies.guarded(write.delete)),
        web.options(_STREAM, replies.preflight),
    ])  # fmt: skip
    app.on_shutdown.append(_close)


async def _close(app: web.Application) -> None:
    await app[replies.STREAMS].close()
