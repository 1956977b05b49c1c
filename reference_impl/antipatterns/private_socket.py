"""A WebSocket without a session: the conversation is a local variable of the connection's handler.

What is wrong: a WebSocket feels like a session and is only a connection. Its run belongs to its socket, so a tunnel,
a lift or a reload ends the run and erases it; the new socket is a stranger. Nobody else can watch, and a stop can only
come from the device that asked. While the socket lives everything works well, which is why demos never show it.

Frames from the device: `{"type":"prompt","text"}`, `{"type":"stop"}`. Frames to it: `started` (run), `token` (text),
then one of `done`, `stopped`, `error` (message); `busy` refuses a prompt while a run is going on. A stop when nothing
is going on is ignored.
"""

from __future__ import annotations

import asyncio
from uuid import uuid4

from aiohttp import WSMsgType, web

from ..agents.base import AgentFailure, BadPrompt
from ..agents.script import Script, parse_script
from .common import MAX_BODY_BYTES, BadRequest, dump, generate, new_app, parse_object, printable
from .kind import Antipattern

_HEARTBEAT_S = 20.0


class _Conversation:
    """All there is: one socket and the run that it carries."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket
        self._run: asyncio.Task[None] | None = None

    async def take(self, frame: str | bytes) -> None:
        """Do what a frame asks; what cannot be done is answered with an error, and the socket stays open."""
        try:
            asked = parse_object(frame)
            match asked.get("type"):
                case "prompt":
                    await self._prompt(asked.get("text"))
                case "stop":
                    await self._stop()
                case _:
                    raise BadRequest("unknown 'type'; send 'prompt' or 'stop'")
        except (BadRequest, BadPrompt) as error:
            await self._send("error", message=str(error))

    async def hang_up(self) -> bool:
        """Cancel the run, if one is going on; says whether there was one."""
        run, self._run = self._run, None
        if run is None or run.done():
            return False
        run.cancel()
        await asyncio.wait([run])
        return True

    async def _prompt(self, text: object) -> None:
        if not isinstance(text, str):
            raise BadRequest("a prompt needs a 'text'")
        if self._run and not self._run.done():
            return await self._send("busy")
        script = parse_script(printable(text))
        self._run = asyncio.create_task(self._answer(script))
        return None

    async def _stop(self) -> None:
        if await self.hang_up():
            await self._send("stopped")

    async def _answer(self, script: Script) -> None:
        try:
            await self._send("started", run=uuid4().hex)
            async for word in generate(script):
                await self._send("token", text=word)
            await self._send("done")
        except AgentFailure as failure:
            await self._send("error", message=str(failure))
        except ConnectionResetError:
            pass  # the socket is gone, and with it the only one who would have read the answer

    async def _send(self, kind: str, **fields: str) -> None:
        await self._socket.send_str(dump({"type": kind, **fields}))


async def _talk(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(heartbeat=_HEARTBEAT_S, max_msg_size=MAX_BODY_BYTES)
    await socket.prepare(request)
    conversation = _Conversation(socket)
    try:
        async for message in socket:
            if message.type in {WSMsgType.TEXT, WSMsgType.BINARY}:
                await conversation.take(message.data)
    finally:
        await conversation.hang_up()
    return socket


def build_app() -> web.Application:
    """`GET /ws`, and nothing else."""
    return new_app(web.get("/ws", _talk))


ANTIPATTERN = Antipattern(
    id="private-socket",
    title="A WebSocket whose conversation lives in the socket",
    lesson=(
        "The stream is private to the connection that asked. A reload or a change of network loses the answer and the "
        "conversation, and no other tab or device can ever see or stop it."
    ),
    build_app=build_app,
    protocol="json-socket",
    options={"start_types": ["started"], "run_field": "run"},
    contract={"disconnect": "continue", "concurrent_send": "reject", "idempotency": "none"},
)
