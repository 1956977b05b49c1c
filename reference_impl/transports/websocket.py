"""WebSocket: a session's events and its commands on one connection (docs/protocol.md).

Frames from the device are answered one after the other; events are pushed beside them. Losing the connection means
nothing to the session.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from math import isfinite

from aiohttp import WSMessage, WSMsgType, web

from ..errors import Refused
from ..live import LiveSession
from ..session.event import Data, dumps
from ..session.frames import ws_text
from . import commands, entry
from .expiry import Expiry
from .joining import join
from .stream import Ending

GOING_AWAY, INTERNAL, TOO_SLOW, MALFORMED, EXPIRED = 1001, 1011, 4008, 4400, 4401

_PING = ws_text(b'{"type":"ping"}')
_TYPES = ("subscribe", *commands.COMMANDS, "renew", "ping")
_CODES = {Ending.SLOW: TOO_SLOW, Ending.EXPIRED: EXPIRED}
_CLOSE_S = 1.0  # for the closing handshake
_LINGER_S = 5.0  # for a slow device to find out why

logger = logging.getLogger(__name__)


class Malformed(Exception):
    """A frame that is not a message of this protocol; the message says why."""


async def connect(request: web.Request) -> web.WebSocketResponse:
    """`GET …/ws`."""
    session = await commands.find(request)
    settings = request.app[commands.HUB].settings
    socket = web.WebSocketResponse(timeout=_CLOSE_S, max_msg_size=settings.body_bytes, compress=False)
    await socket.prepare(request)
    if request.transport is not None:
        await _Connection(session, socket, request, request.transport).serve()
        forget_failure(socket)
    return socket


class _Connection:
    """One device on one socket."""

    def __init__(
        self, session: LiveSession, socket: web.WebSocketResponse, request: web.Request, transport: asyncio.Transport
    ) -> None:
        self._session = session
        self._socket = socket
        self._transport = transport
        hub = request.app[commands.HUB]
        drain = request.writer.drain
        self._parts = hub.parts
        self._stream = hub.parts.stream(
            transport, drain, ping=_PING, farewell=_farewell, settings=hub.settings, ended=self._ended
        )
        self._metrics = request.app[entry.METRICS]
        self._allowed = request[entry.PASS]
        self._expiry = Expiry(self._allowed, self._stream, _told)
        self._closing: asyncio.Task[None] | None = None

    async def serve(self) -> None:
        """Until the connection is over, whoever ends it."""
        self._session.attach(self._stream)
        self._expiry.watch()
        try:
            async for message in self._socket:
                await self._reply(_request(message))
                await self._stream.room()
        except Malformed as problem:
            self._metrics.refused["malformed"] += 1
            await self._socket.close(code=MALFORMED, message=str(problem).encode())
        except Exception:
            logger.exception("session %s: a connection broke down", self._session.name)
            await self._socket.close(code=INTERNAL)
        finally:
            self._expiry.cancel()
            self._session.detach(self._stream)
            self._session.presence.leave(self._stream)
            self._stream.end(Ending.GONE)
            if self._closing is not None:
                await self._closing

    async def _reply(self, fields: Data) -> None:
        head = {"type": "reply", "id": fields["id"]}
        try:
            self._allowed.check(fields["type"])
            if fields["type"] == "subscribe":
                await self._subscribe(head, fields)
                return
            told = {"ok": True} | await self._command(fields)
        except Refused as problem:
            self._metrics.refused[problem.code] += 1
            told = commands.refused(problem)
        self._stream.write(ws_text(dumps(head | told)))

    async def _command(self, fields: Data) -> Data:
        if fields["type"] == "renew":
            return self._renew(fields)
        carry_out = commands.COMMANDS.get(fields["type"])
        return await carry_out(self._session, fields) if carry_out is not None else {}  # a ping

    def _renew(self, fields: Data) -> Data:
        token = fields.get("token")
        self._allowed.renew(token if isinstance(token, str) else "")
        self._expiry.watch()
        left_s = self._allowed.left_s
        return {"expires_in_ms": round(left_s * 1_000)} if isfinite(left_s) else {}

    async def _subscribe(self, head: Data, fields: Data) -> None:
        if self._stream.following:
            raise Refused("subscribed", "this connection follows the session already")
        cursor = fields.get("cursor")
        named = cursor if isinstance(cursor, str) or cursor is None else ""  # a cursor of another type is malformed
        await self._session.reach(named)
        self._follow(head, named, fields)

    def _follow(self, head: Data, cursor: str | None, fields: Data) -> None:
        """Answer and begin to follow in one step, so that nothing can come between the two."""
        joining = join(self._session, cursor, fields.get("from"))
        if cursor is not None:
            self._metrics.resumes[joining.outcome] += 1
        self._stream.write(ws_text(dumps(head | {"ok": True} | joining.told)))
        if joining.folded is not None:
            self._stream.write(ws_text(joining.folded))
        self._stream.follow(self._parts.subscription(self._session.log, "ws", joining.after))
        self._session.presence.join(self._stream, "ws" if fields.get("presence") is True else None)

    def _ended(self) -> None:
        ending = self._stream.ending
        self._metrics.slow_cut += ending is Ending.SLOW
        if ending is not None and ending is not Ending.GONE:
            self._closing = asyncio.create_task(self._close(_CODES.get(ending, GOING_AWAY)))

    async def _close(self, code: int) -> None:
        """Say why, behind what is on its way already; a device that does not even read that is left to itself."""
        linger_s = _LINGER_S if code == TOO_SLOW else _CLOSE_S
        asyncio.get_running_loop().call_later(linger_s, self._transport.abort)
        with suppress(ConnectionError):
            await self._socket.close(code=code)


def _told(message: Data) -> bytes:
    return ws_text(dumps(message))


def _farewell(wait_ms: int) -> bytes:
    return ws_text(dumps({"type": "away", "retry_ms": wait_ms}))


def forget_failure(socket: web.WebSocketResponse) -> None:
    """aiohttp keeps the exception that ended a socket, whose traceback holds the socket and all it stood for: a circle
    that only the garbage collector would find."""
    failure = socket.exception()
    while failure is not None:
        failure.__traceback__, before = None, failure.__context__
        failure.__context__ = None
        failure = before


def _request(message: WSMessage) -> Data:
    if message.type is not WSMsgType.TEXT:
        raise Malformed("messages are text frames")
    try:
        fields = commands.decode_object(message.data)
    except Refused as problem:
        raise Malformed(problem.message) from None
    if not isinstance(fields.get("id"), str):
        raise Malformed('a message has an "id", a string')
    if fields.get("type") not in _TYPES:
        raise Malformed(f'"type" is none of {", ".join(_TYPES)}')
    return fields
