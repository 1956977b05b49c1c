"""What operators and tools ask a server: is it ready, how is it doing, what does it offer. None of it needs a token."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from aiohttp import web

from ..access.door import draining
from ..errors import Refused, Unavailable
from ..observe.measured import MeasuredStore
from . import commands, entry

STORE: Final = web.AppKey("measured-store", MeasuredStore)

_DESCRIPTION = Path(__file__).parents[1] / "openapi.json"


async def get_ready(request: web.Request) -> web.Response:
    """`GET /ready`: may new devices be sent here? Raises Refused."""
    if request.app[entry.DOOR].draining:
        raise draining()
    if not await request.app[STORE].works():
        raise Unavailable("the storage is failing")
    return commands.answer({}, 200)


async def get_metrics(request: web.Request) -> web.Response:
    """`GET /metrics`. Raises Refused where the package for it is missing."""
    try:
        from ..observe.exposition import CONTENT_TYPE, Census, exposition  # noqa: PLC0415 - needs an optional package
    except ImportError:
        raise Refused("not-installed", "metrics need a package: pip install 'durable-audit[metrics]'", 501) from None
    sessions, runs = request.app[commands.HUB].census()
    census = Census(sessions, request.app[entry.DOOR].streams, runs)
    text = exposition(request.app[entry.METRICS], census)
    return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE})


async def get_description(_: web.Request) -> web.FileResponse:
    """`GET /openapi.json`."""
    return web.FileResponse(_DESCRIPTION, headers={"Content-Type": "application/json"})


ROUTES: Final = (
    web.get("/ready", get_ready),
    web.get("/metrics", get_metrics),
    web.get("/openapi.json", get_description),
)
