"""A chat in the format of the AI SDK whose answers are written by tasks of their own: the part that is done well.

Several servers beside this file are such a chat with one thing wrong. Here runs outlive the connection that asked and
are buffered from their first chunk, any device may watch and stop them, a repeated message is the same prompt, and
history keeps what was said, partial answers included. All of it lives in the memory of one process.

Wire format: AI SDK UI message stream, version 1 (https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
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
    open_stream,
    read_object,
    refusal,
    sse,
)
from .tape import Tape

HEADERS = {"x-vercel-ai-ui-message-stream": "v1"}
HEARTBEAT_S = 1.0
OPTIONS = {"stop_path": "/api/chat/{id}/stop", "history_path": "/api/chat/{id}"}
"""What a target file says to reach the routes of `Chats`."""

_LONGEST_ID = 200
_REPEATABLE = 10  # so many answers of a chat are kept as streams, for a prompt whose reply was lost


@dataclass(frozen=True, slots=True)
class Ask:
    """A prompt as it came: the chat it is for, the id and text of its message, and what the agent is to do."""

    chat: str
    message: str
    text: str
    script: Script


@dataclass(eq=False)
class Chat:
    """A conversation: its messages in the shape of the AI SDK, and the run that is going on, if one is."""

    id: str
    messages: list[dict[str, Any]] = field(default_factory=list)
    run: Run | None = None
    answers: dict[str, Run] = field(default_factory=dict)

    def start(self, ask: Ask) -> Run:
        """Keep the user's message and begin to answer it."""
        self._keep({"id": ask.message, "role": "user", "parts": [{"type": "text", "text": ask.text}]})
        self.run = self.answers[ask.message] = Run(self, ask.script)
        forget_oldest(self.answers, lambda run: not run.going_on, _REPEATABLE)
        return self.run

    def over(self, answer: dict[str, Any]) -> None:
        """The run has ended with this answer."""
        self._keep(answer)
        self.run = None

    def _keep(self, message: dict[str, Any]) -> None:
        """Add a message unless the chat has it; a chat does not grow without end."""
        if all(message["id"] != known["id"] for known in self.messages):
            self.messages.append(message)
            del self.messages[:-KEEP]


class Run:
    """One generation: detached from every connection, buffered from its first chunk."""

    def __init__(self, chat: Chat, script: Script) -> None:
        self.tape = Tape()
        self._chat = chat
        self._message_id = f"msg-{uuid4().hex}"
        self._said: list[str] = []
        self._emit("start", messageId=self._message_id)
        self._emit("start-step")
        self._task = asyncio.create_task(self._answer(script))

    @property
    def going_on(self) -> bool:
        """It has not ended."""
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
        self._chat.over({"id": self._message_id, "role": "assistant", "parts": [text]})
        self._emit(kind, **fields)
        self.tape.append(DONE)
        self.tape.close()


class Chats:
    """The HTTP side of all the chats of one process. make: a fresh chat of an id. limit: chats remembered."""

    def __init__(self, limit: int, make: Callable[[str], Chat] = Chat) -> None:
        self._limit, self._make = limit, make
        self._chats: dict[str, Chat] = {}

    async def post(self, request: web.Request) -> web.StreamResponse:
        """Take a prompt and stream its answer; a message that was taken before gets the answer it already has."""
        ask = await read_ask(request)
        chat = self.open(ask.chat)
        if ask.message in chat.answers:
            return await stream(request, chat.answers[ask.message])
        return busy() if chat.run else await stream(request, chat.start(ask))

    async def resume(self, request: web.Request) -> web.StreamResponse:
        """Replay the run that is going on and continue live; 204 when there is none."""
        chat = self._chats.get(request.match_info["id"])
        if chat is None or chat.run is None:
            return web.Response(status=204, headers=HEADERS)
        return await stream(request, chat.run)

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

    async def close(self, _app: web.Application) -> None:
        """The server stops, and every run with it."""
        for chat in self._chats.values():
            if chat.run:
                chat.run.abort()

    def open(self, id: str) -> Chat:
        """The chat of this id, made when there is none."""
        chat = self._chats.pop(id, None) or self._make(id)
        forget_oldest(self._chats, lambda other: other.run is None, self._limit - 1)
        self._chats[id] = chat  # the last one used is the last to be forgotten
        return chat

    def routes(self) -> tuple[web.RouteDef, ...]:
        """`POST /api/chat`, and below `/api/chat/{id}`: history, `stream` to resume, `stop`."""
        return (
            web.post("/api/chat", self.post),
            web.get("/api/chat/{id}/stream", self.resume),
            web.post("/api/chat/{id}/stop", self.stop),
            web.get("/api/chat/{id}", self.history),
        )

    def _known(self, request: web.Request) -> Chat:
        try:
            return self._chats[request.match_info["id"]]
        except KeyError:
            raise web.HTTPNotFound(reason="no such chat") from None


async def read_ask(request: web.Request) -> Ask:
    """The prompt in a request's body; BadRequest or BadPrompt says what is wrong with it."""
    body = await read_object(request)
    message, text = last_prompt(body.get("messages", [body.get("message")]))
    script, chat = parse_script(text), body.get("id")
    if not isinstance(chat, str) or not 0 < len(chat) <= _LONGEST_ID:
        raise BadRequest(f"'id' must be a string of 1 to {_LONGEST_ID} characters")
    return Ask(chat, _message_id(message), text, script)


def busy() -> web.Response:
    """The refusal of a prompt while a run is going on."""
    return refusal(409, "an answer is being written; wait for it or stop it")


async def stream(request: web.Request, run: Run) -> web.StreamResponse:
    """A run from its first chunk to its end, with a comment every second of silence."""
    response = await open_stream(request, HEADERS)
    async for chunk in run.tape.follow(beat_s=HEARTBEAT_S):
        await response.write(chunk)
    await response.write_eof()
    return response


def _message_id(message: dict[str, Any]) -> str:
    given = message.get("id")
    return given if isinstance(given, str) and 0 < len(given) <= _LONGEST_ID else f"msg-{uuid4().hex}"
