"""An AI SDK chat that can be resumed, where hanging up is stopping.

What is wrong: the run is aborted when the connection of the request that started it closes, because closing the stream
is how a client of this protocol says stop. The server cannot tell that from a lost signal, so the drop that resuming
was built for is the very thing that leaves nothing to resume (the SSE Resume-Cancel Conflict). The AI SDK's own guide
says that abort is not compatible with stream resumption; wiring both is the documented mistake.

All the rest is decent: runs have a task and a buffer of their own, any device may watch, leaving as a viewer harms
nobody, there is a stop endpoint, and history keeps what was said, partial answers included.

Wire format: AI SDK UI message stream, version 1 (https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from aiohttp import web

from ..agents.base import AgentFailure
from ..agents.script import Script, parse_script
from .common import (
    DONE,
    KEEP,
    BadRequest,
    forget_oldest,
    generate,
    last_prompt,
    new_app,
    open_stream,
    read_object,
    refusal,
    sse,
)
from .kind import Antipattern
from .tape import Tape

_HEADERS = {"x-vercel-ai-ui-message-stream": "v1"}
_LOOK_EVERY_S = 0.02
_LONGEST_ID = 200


@dataclass(eq=False)
class _Chat:
    """A conversation: its messages in the shape of the AI SDK, and the run that is going on, if one is."""

    id: str
    messages: list[dict[str, Any]] = field(default_factory=list)
    run: _Run | None = None

    def keep(self, message: dict[str, Any]) -> None:
        """Add a message unless the chat has it; a chat does not grow without end."""
        if all(message["id"] != known["id"] for known in self.messages):
            self.messages.append(message)
            del self.messages[:-KEEP]


class _Run:
    """One generation: detached from every connection, buffered from its first chunk."""

    def __init__(self, chat: _Chat, script: Script) -> None:
        self.tape = Tape()
        self._chat = chat
        self._message_id = f"msg-{uuid4().hex}"
        self._said: list[str] = []
        self._emit("start", messageId=self._message_id)
        self._emit("start-step")
        self._task = asyncio.create_task(self._answer(script))

    @property
    def going_on(self) -> bool:
        return self._chat.run is self

    def abort(self) -> None:
        """Stop now, keep the partial answer, tell everyone who watches. Harmless when the run has ended."""
        if self.going_on:
            self._task.cancel()
            self._end("abort")

    async def _answer(self, script: Script) -> None:
        self._emit("text-start", id="text-1")
        try:
            async for word in generate(script):
                self._said.append(word)
                self._emit("text-delta", id="text-1", delta=word)
        except AgentFailure as failure:
            return self._end("error", errorText=str(failure))
        self._emit("text-end", id="text-1")
        self._emit("finish-step")
        return self._end("finish")

    def _emit(self, kind: str, **fields: str) -> None:
        self.tape.append(sse({"type": kind, **fields}))

    def _end(self, kind: str, **fields: str) -> None:
        text = {"type": "text", "text": "".join(self._said)}
        self._chat.keep({"id": self._message_id, "role": "assistant", "parts": [text]})
        self._chat.run = None
        self._emit(kind, **fields)
        self.tape.append(DONE)
        self.tape.close()


class _Chats:
    """The HTTP side."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._chats: dict[str, _Chat] = {}

    async def post(self, request: web.Request) -> web.StreamResponse:
        """Take a prompt and stream its answer."""
        body = await read_object(request)
        message, prompt = last_prompt(body.get("messages", [body.get("message")]))
        script = parse_script(prompt)
        chat = self._open(body.get("id"))
        if chat.run:
            return refusal(409, "an answer is being written; wait for it or stop it")
        chat.keep({"id": _message_id(message), "role": "user", "parts": [{"type": "text", "text": prompt}]})
        chat.run = run = _Run(chat, script)
        watch = asyncio.create_task(_abort_on_disconnect(request, run))
        try:
            return await _stream(request, run)
        finally:  # the run has ended, or a write has failed before the watch saw why
            watch.cancel()
            run.abort()

    async def resume(self, request: web.Request) -> web.StreamResponse:
        """Replay the run that is going on and continue live; 204 when there is none."""
        chat = self._chats.get(request.match_info["id"])
        if chat is None or chat.run is None:
            return web.Response(status=204, headers=_HEADERS)
        return await _stream(request, chat.run)

    async def history(self, request: web.Request) -> web.Response:
        """All messages; the answer that is being written joins them when it ends."""
        chat = self._known(request)
        return web.json_response({"id": chat.id, "messages": chat.messages})

    async def stop(self, request: web.Request) -> web.Response:
        """Abort the run that is going on, whoever started it."""
        chat = self._known(request)
        if chat.run:
            chat.run.abort()
        return web.json_response({"success": True})

    def _open(self, chat_id: object) -> _Chat:
        if not isinstance(chat_id, str) or not 0 < len(chat_id) <= _LONGEST_ID:
            raise BadRequest(f"'id' must be a string of 1 to {_LONGEST_ID} characters")
        chat = self._chats.pop(chat_id, None) or _Chat(chat_id)
        forget_oldest(self._chats, lambda other: other.run is None, self._limit - 1)
        self._chats[chat_id] = chat  # the last one used is the last to be forgotten
        return chat

    def _known(self, request: web.Request) -> _Chat:
        try:
            return self._chats[request.match_info["id"]]
        except KeyError:
            raise web.HTTPNotFound(reason="no such chat") from None


def _message_id(message: dict[str, Any]) -> str:
    given = message.get("id")
    return given if isinstance(given, str) and 0 < len(given) <= _LONGEST_ID else f"msg-{uuid4().hex}"


async def _stream(request: web.Request, run: _Run) -> web.StreamResponse:
    response = await open_stream(request, _HEADERS)
    async for chunk in run.tape.follow():
        await response.write(chunk)
    await response.write_eof()
    return response


async def _abort_on_disconnect(request: web.Request, run: _Run) -> None:
    """The mistake: whoever asked has gone, so nobody wants the answer any more."""
    while not _gone(request):  # noqa: ASYNC110  aiohttp offers no event to wait for
        await asyncio.sleep(_LOOK_EVERY_S)
    run.abort()


def _gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def build_app(limit: int = KEEP) -> web.Application:
    """`POST /api/chat`, and below `/api/chat/{id}`: history, `stream` to resume, `stop`. limit: chats remembered."""
    chats = _Chats(limit)
    return new_app(
        web.post("/api/chat", chats.post),
        web.get("/api/chat/{id}/stream", chats.resume),
        web.post("/api/chat/{id}/stop", chats.stop),
        web.get("/api/chat/{id}", chats.history),
    )


ANTIPATTERN = Antipattern(
    id="cancel-on-disconnect",
    title="Resumable AI SDK chat that aborts when its client disconnects",
    lesson=(
        "Closing the stream means both 'I lost signal' and 'stop', so the drop that resuming is for ends the run. "
        "Users come back to half an answer that says it was aborted, though nobody stopped it."
    ),
    build_app=build_app,
    protocol="ai-sdk",
    options={"stop_path": "/api/chat/{id}/stop", "history_path": "/api/chat/{id}"},
    contract={"disconnect": "continue", "concurrent_send": "reject", "idempotency": "none"},
)
