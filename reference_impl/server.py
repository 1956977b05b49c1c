"""The server: wiring, and nothing else. Routes: docs/protocol.md."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import hdrs, web

from .access.gate import Access, Gate
from .agents.base import Agent
from .agents.scripted import ScriptedAgent
from .errors import Refused
from .hub import Hub
from .observe.metrics import Metrics
from .parts import Parts
from .settings import Settings
from .storage.base import Store
from .storage.memory import MemoryStore
from .transports import commands, durable_streams, entry, service, sse, websocket, work
from .transports.web import ROUTES as WEB_ROUTES

_BACKLOG = 4_096  # everybody comes back at once after an outage
_SHUTDOWN_S = 1.0
_LOOPBACK = ("127.0.0.1", "::1", "localhost")  # whoever reaches these has this machine already
_SESSION = "/v1/sessions/{sid:[A-Za-z0-9._-][A-Za-z0-9._~-]{0,127}}"  # those with a ~ in front are our own
_HTTP_CODES = {404: "not-found", 405: "method-not-allowed", 413: "too-large"}

logger = logging.getLogger(__name__)


def build_app(
    store: Store | None = None,
    agent: Agent | None = None,
    settings: Settings | None = None,
    parts: Parts | None = None,
    access: Access | None = None,
) -> web.Application:
    """The application. The store is opened when it starts and closed when it ends. parts: to build it of others."""
    settings = settings or Settings()
    access = access or Access()
    parts = parts or Parts()
    app = web.Application(middlewares=[_named_errors, entry.enter], client_max_size=settings.body_bytes)
    metrics = Metrics()
    measured = parts.store(store or MemoryStore(), metrics)
    app[entry.GATE], app[entry.DOOR], app[entry.METRICS] = Gate(access), parts.door(access.limits.streams), metrics
    app[entry.ALLOWED] = parts.allowed
    app[service.STORE] = measured
    app[commands.HUB] = Hub(measured, agent or ScriptedAgent(), settings, parts, metrics)
    app.add_routes([
        web.get(_SESSION + "/events", sse.events, allow_head=False),
        web.get(_SESSION + "/ws", websocket.connect, allow_head=False),
        *(web.post(f"{_SESSION}/{name}", commands.post) for name in ("prompts", "stop", "steer", "approve")),
        web.get(_SESSION + "/transcript", commands.get_transcript),
        web.get(_SESSION, commands.get_summary),
        web.get("/health", commands.get_health),
        web.get("/v1/work", work.connect, allow_head=False),
        *service.ROUTES,
        *WEB_ROUTES,
    ])  # fmt: skip
    durable_streams.mount(app, measured)
    app.on_response_prepare.append(entry.let_read)
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
    access: Access | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then end every stream in good order. Prints one line when ready; port 0 is any."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    if (access is None or access.verify is None) and host not in _LOOPBACK:
        logger.warning("there is no token key: whoever reaches this server can use every session (docs/access.md)")
    app = build_app(store, agent, settings, parts, access)
    async with listening(app, host, port) as url:
        print(f"listening on {url}", flush=True)
        await stop.wait()
        await app[entry.DOOR].drain(app[commands.HUB].settings.drain_s)


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
async def _named_errors(request: web.Request, handler: entry.Handler) -> web.StreamResponse:
    """Whatever goes wrong, the device is told a name for it, never a traceback."""
    try:
        return await handler(request)
    except Refused as problem:
        return _refusal(request, problem)
    except web.HTTPException as problem:
        code = _HTTP_CODES.get(problem.status, "bad-request")
        told = _refusal(request, Refused(code, problem.reason, problem.status))
        if hdrs.ALLOW in problem.headers:
            told.headers[hdrs.ALLOW] = problem.headers[hdrs.ALLOW]  # RFC 9110 section 15.5.6
        return told
    except ConnectionError:
        return web.Response(status=499)  # the device hung up before it could be answered: nobody reads this
    except Exception:
        logger.exception("%s %s", request.method, request.path)
        return _refusal(request, Refused("internal", "the server failed to do this", 500))


def _refusal(request: web.Request, problem: Refused) -> web.Response:
    request.app[entry.METRICS].refused[problem.code] += 1
    return commands.refusal(problem)
