"""What every request passes before it is answered: whose page asks, with which token, and is there room.

Nothing under `/v1/` is reached without passing here. Where the server has no key, every request passes with a grant of
everything (access/gate.py), so that there is one way in and not two.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from aiohttp import hdrs, web

from ..access.door import Door
from ..access.gate import Gate, Pass
from ..access.origins import is_own, may_use
from ..access.scopes import EVERY_SESSION, Grant
from ..errors import Refused
from ..observe.metrics import Metrics

GATE: Final = web.AppKey("gate", Gate)
DOOR: Final = web.AppKey("door", Door)
METRICS: Final = web.AppKey("metrics", Metrics)
ALLOWED: Final[web.AppKey[type[Pass]]] = web.AppKey("allowed", type)
PASS: Final = web.RequestKey("pass", Pass)

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

_API, _STREAM, _WORK = "/v1/", "/v1/stream/", "/v1/work"
_READING = "subscribe"
_COMMANDS = {"events": _READING, "transcript": _READING, "{sid}": _READING, "ws": "connect", "prompts": "prompt"}
_LIVE = ("events", "ws")
_STREAM_NAME = "stream:{path}"  # a Durable Stream's name in a token, and in storage
_MAY_SEND = "Authorization, Content-Type, Last-Event-ID, Cache-Control"
_DAY_S = "86400"


@web.middleware
async def enter(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let the request in. Raises Refused."""
    if not request.path.startswith(_API):
        return await handler(request)
    if request.path.startswith(_STREAM):  # which pages may use those is a setting of their own
        return await _stream(request, handler)
    if not may_use(request.headers.get(hdrs.ORIGIN), request.host, request.app[GATE].access.origins):
        raise Refused("bad-origin", "pages from there may not use this server", 403)
    if _is_preflight(request):
        return _preflight()
    grant = request.app[GATE].admit(_token(request))
    if "sid" in request.match_info:
        return await _session(request, handler, grant)
    if request.path == _WORK:
        grant.require(EVERY_SESSION, "append")
        return await _live(request, handler, grant)
    return await handler(request)  # which says that there is no such thing


async def let_read(request: web.Request, response: web.StreamResponse) -> None:
    """Pages of other origins may read the answers, when they may ask at all (Fetch standard, CORS)."""
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is None or not request.path.startswith(_API) or is_own(origin, request.host):
        return
    if hdrs.ACCESS_CONTROL_ALLOW_ORIGIN in response.headers:
        return  # streams say it themselves, but for refusals from here
    if request.path.startswith(_STREAM) or may_use(origin, request.host, request.app[GATE].access.origins):
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
        response.headers[hdrs.VARY] = hdrs.ORIGIN


async def _session(request: web.Request, handler: Handler, grant: Grant) -> web.StreamResponse:
    resource = request.match_info.route.resource
    name = resource.canonical.rpartition("/")[2] if resource is not None else ""
    request[PASS] = request.app[ALLOWED](request.app[GATE], request.match_info["sid"], grant)
    request[PASS].check(_COMMANDS.get(name, name))
    if name not in _LIVE:
        return await handler(request)
    with request.app[DOOR].stream():  # it ends itself when its token expires (expiry.py)
        return await handler(request)


async def _stream(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.method == hdrs.METH_OPTIONS or "path" not in request.match_info:
        return await handler(request)
    grant = request.app[GATE].admit(_token(request))
    name = _STREAM_NAME.format(path=request.match_info["path"])
    reads = request.method in (hdrs.METH_GET, hdrs.METH_HEAD)
    grant.require(name, "read" if reads else "append")
    if "Stream-Forked-From" in request.headers:  # reads another stream
        grant.require(EVERY_SESSION, "read")
    return await _live(request, handler, grant) if "live" in request.query else await handler(request)


async def _live(request: web.Request, handler: Handler, grant: Grant) -> web.StreamResponse:
    """For as long as the token is good; then the connection is cut, for whoever it is to come back with another."""
    left_s = grant.expires_at - request.app[GATE].now()
    with request.app[DOOR].stream():
        try:
            async with asyncio.timeout(left_s if math.isfinite(left_s) else None) as limit:
                return await handler(request)
        except TimeoutError:
            if not limit.expired() or request.transport is None:
                raise
            request.transport.abort()
            raise ConnectionResetError("the token has expired") from None


def _token(request: web.Request) -> str | None:
    """From the header, or else from the address: a browser's EventSource and WebSocket cannot set a header."""
    scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else request.query.get("token")


def _is_preflight(request: web.Request) -> bool:
    return request.method == hdrs.METH_OPTIONS and hdrs.ACCESS_CONTROL_REQUEST_METHOD in request.headers


def _preflight() -> web.Response:
    told = {
        hdrs.ACCESS_CONTROL_ALLOW_METHODS: "GET, POST",
        hdrs.ACCESS_CONTROL_ALLOW_HEADERS: _MAY_SEND,
        hdrs.ACCESS_CONTROL_MAX_AGE: _DAY_S,
    }
    return web.Response(status=204, headers=told)
