"""The server: wiring, and nothing else. Routes: docs/protocol.md."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from .agents.base import Agent
from .agents.scripted import ScriptedAgent
from .errors import Refused
from .hub import Hub
from .parts import Parts
from .settings import Settings
from .storage.base import Store
from .storage.memory import MemoryStore
from .transports import commands, sse, websocket

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_BACKLOG = 4_096  # everybody comes back at once after an outage
_SHUTDOWN_S = 1.0
_SESSION = "/v1/sessions/{sid:[A-Za-z0-9._~-]{1,128}}"
_HTTP_CODES = {404: "not-found", 405: "method-not-allowed", 413: "too-large"}

logger = logging.getLogger(__name__)


def build_app(
    store: Store | None = None,
    agent: Agent | None = None,
    settings: Settings | None = None,
    parts: Parts | None = None,
) -> web.Application:
    """The application. The store is opened when it starts and closed when it ends. parts: to build it of others."""
    settings = settings or Settings()
    app = web.Application(middlewares=[_named_errors], client_max_size=settings.body_bytes)
    app[commands.HUB] = Hub(store or MemoryStore(), agent or ScriptedAgent(), settings, parts)
    app.add_routes([
        web.get(_SESSION + "/events", sse.events, allow_head=False),
        web.get(_SESSION + "/ws", websocket.connect, allow_head=False),
        *(web.post(f"{_SESSION}/{name}", commands.post) for name in ("prompts", "stop", "steer", "approve")),
        web.get(_SESSION + "/transcript", commands.get_transcript),
        web.get(_SESSION, commands.get_summary),
        web.get("/health", commands.get_health),
    ])  # fmt: skip
    app.on_startup.append(_open)
    app.on_shutdown.append(_close)
    return app


async def serve(
    host: str,
    port: int,
    store: Store | None = None,
    agent: Agent | None = None,
    settings: Settings | None = None,
    parts: Parts | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then end every stream in good order. Prints one line when ready; port 0 is any."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with listening(build_app(store, agent, settings, parts), host, port) as url:
        print(f"listening on {url}", flush=True)
        await stop.wait()


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Serve the application while the context lasts; gives its URL."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port, backlog=_BACKLOG)
        await site.start()
        bound = runner.addresses[0][1]
        yield f"http://[{host}]:{bound}" if ":" in host else f"http://{host}:{bound}"
    finally:
        await runner.cleanup()


async def _open(app: web.Application) -> None:
    await app[commands.HUB].open()


async def _close(app: web.Application) -> None:
    await app[commands.HUB].close()


@web.middleware
async def _named_errors(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Whatever goes wrong, the device is told a name for it, never a traceback."""
    try:
        return await handler(request)
    except Refused as problem:
        return commands.refusal(problem)
    except web.HTTPException as problem:
        code = _HTTP_CODES.get(problem.status, "bad-request")
        return commands.refusal(Refused(code, problem.reason, problem.status))
    except ConnectionError:
        return web.Response(status=499)  # the device hung up before it could be answered: nobody reads this
    except Exception:
        logger.exception("%s %s", request.method, request.path)
        return commands.refusal(Refused("internal", "the server failed to do this", 500))
