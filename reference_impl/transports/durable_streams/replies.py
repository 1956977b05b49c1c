"""Responses in the protocol's headers (PROTOCOL.md sections 5, 10 and 12.7)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final, TypeAlias

from aiohttp import web

from ...errors import Refused
from ...session.event import dumps
from ...settings import Settings
from ...streams.hub import Streams
from ...streams.problems import CLOSED, NEXT_OFFSET, StreamRefused
from ...streams.record import Created

STREAMS: Final = web.AppKey("streams", Streams)
COMMON: Final = web.AppKey("stream-headers", dict[str, str])
OF_STREAM: Final = web.AppKey("stream-settings", Settings)  # of transports/stream.py
UP_TO_DATE = "Stream-Up-To-Date"
CURSOR = "Stream-Cursor"

# What was read once does not change, but it may be somebody's own; at the tail there may be more at any moment.
SETTLED = "private, max-age=60, stale-while-revalidate=300"
AT_TAIL = "private, no-cache"

_SAFE = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "cross-origin"}
_EXPOSED = ", ".join((
    NEXT_OFFSET, UP_TO_DATE, CURSOR, CLOSED, "Stream-TTL", "Stream-Expires-At", "Stream-SSE-Data-Encoding",
    "Producer-Epoch", "Producer-Seq", "Producer-Expected-Seq", "Producer-Received-Seq", "ETag", "Location",
))  # fmt: skip
_ALLOWED = ", ".join((
    "Authorization", "Content-Type", "If-None-Match", "Last-Event-ID", "Stream-Seq", CLOSED, "Stream-TTL",
    "Stream-Expires-At", "Stream-Forked-From", "Stream-Fork-Offset", "Stream-Fork-Sub-Offset",
    "Producer-Id", "Producer-Epoch", "Producer-Seq",
))  # fmt: skip

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


def common(origins: str) -> dict[str, str]:
    """The headers of every response."""
    return _SAFE | {"Access-Control-Allow-Origin": origins, "Access-Control-Expose-Headers": _EXPOSED}


def guarded(handler: Handler) -> Handler:
    """The same handler, which answers in the protocol's terms also when it refuses."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refused as problem:
            return _refusal(request, problem)

    return handle


async def preflight(request: web.Request) -> web.Response:
    """`OPTIONS`: what a web page may send."""
    told = {
        "Access-Control-Allow-Methods": "GET, HEAD, PUT, POST, DELETE, OPTIONS",
        "Access-Control-Allow-Headers": _ALLOWED,
        "Access-Control-Max-Age": "86400",
    }
    return reply(request, 204, told)


def reply(request: web.Request, status: int, headers: dict[str, str], body: bytes | None = None) -> web.Response:
    """A response with the headers that all have."""
    return web.Response(status=status, headers=request.app[COMMON] | headers, body=body)


def lifetime(created: Created) -> dict[str, str]:
    """When the stream ends, as it was asked for."""
    if created.ttl_s is not None:
        return {"Stream-TTL": str(created.ttl_s)}
    if created.expires_ms is not None:
        ends = datetime.fromtimestamp(created.expires_ms / 1_000, UTC)
        return {"Stream-Expires-At": ends.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
    return {}


def _refusal(request: web.Request, problem: Refused) -> web.Response:
    told = problem.headers if isinstance(problem, StreamRefused) else {}
    body = dumps({"ok": False, "code": problem.code, "message": problem.message})
    plain = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return reply(request, problem.status, told | plain, body)
