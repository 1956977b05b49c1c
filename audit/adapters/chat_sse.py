"""Chat completions streamed over the response to a POST: the commonest way to stream an answer, and the least durable.

The answer lives and dies with one connection: nothing names a session, nothing can be resumed, watched or stopped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import Field

from ..errors import ProtocolError
from ..event import JsonValue, Value
from ..wire.jsonish import child, children, decode_object, excerpt, string
from ..wire.sse import SseEvent
from . import answers
from .base import Adapter, Answer, Hangup, Item, ItemKind, Message, Operation, Reader, Step, Traits, Unsupported, View
from .calls import post_stream
from .kind import AdapterKind, AdapterOptions, Path
from .plain import Plain
from .readers import SseReader

TRAITS = Traits(
    subscribes=False,
    cursor="none",
    replay="none",
    dedupe="none",
    comparison="events",
    stop="hangup",
    endings=("completed", "failed"),
    resumes=False,
    observable=False,
    history=False,
    prompt_key=False,
)


class ChatSseOptions(AdapterOptions):
    """Options of the `chat-sse` protocol."""

    path: Path = Field("/v1/chat/completions", description="Where prompts are sent (POST).")
    model: str = Field("default", description="The `model` each request names.")
    done_marker: bool = Field(
        True,
        description="The stream ends with `data: [DONE]`, and an answer without it was cut short. "
        "false: an answer is complete at its `finish_reason`.",
    )
    extra: dict[str, JsonValue] = Field(
        default_factory=dict, description="Further keys of the request body, such as `temperature`."
    )


@dataclass(frozen=True, slots=True)
class _ChatSse(Plain):
    options: ChatSseOptions
    id: str = "chat-sse"
    traits: Traits = TRAITS

    def join(self, view: View) -> Step:
        return Unsupported(
            "the answer is the response to the prompt: no other request can reach it, so nobody else can watch"
        )

    def resume(self, view: View) -> Step:
        return Unsupported("the stream has neither a name nor a cursor: what was missed can only be generated again")

    def prompt(self, view: View, text: str, key: str) -> Step:
        messages = [{"role": "user", "content": text}]
        body = {**self.options.extra, "model": self.options.model, "stream": True, "messages": messages}
        return post_stream(self.options.path, body)

    def stop(self, view: View, key: str) -> Step:
        return Hangup()

    def read(self, view: View) -> Step:
        return Unsupported("the protocol keeps no conversation: every request carries its own messages")

    def answer(self, operation: Operation, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
        return answers.stream(operation, status, headers, body)

    def transcript(self, body: bytes) -> tuple[Message, ...]:
        raise ProtocolError("chat completions have no transcript")

    def reader(self, operation: Operation) -> Reader:
        return SseReader(_Stream(self.options.done_marker).read)


def build(options: ChatSseOptions) -> Adapter:
    """The adapter for these options."""
    return _ChatSse(options)


KIND = AdapterKind("chat-sse", "Chat completions over SSE", ChatSseOptions, build)


class _Stream:
    """One response: at most one start and one ending. The run has no name on the wire; the completion's id names its
    message."""

    def __init__(self, done_marker: bool) -> None:
        self._done_marker = done_marker
        self._started = self._ended = False
        self._reason = "unknown"

    def read(self, event: SseEvent) -> list[Item]:
        if event.data.strip() == "[DONE]":
            return self._end(self._reason)
        body = decode_object(event.data)
        if body.get("error"):
            return self._end("failed", error=_error(body["error"]))
        if not isinstance(body.get("choices"), list):
            raise ProtocolError("a chunk without `choices`")
        first = [choice for choice in children(body, "choices") if choice.get("index", 0) == 0]
        # without a choice it is a chunk of usage or of filter results
        return self._choice(first[0], string(body.get("id"))) if first else []

    def _choice(self, choice: Value, message: str | None) -> list[Item]:
        """`length` and `content_filter` count as completed: the server itself ended the answer there."""
        items = self._start(message) + _text(choice, message)
        finish = choice.get("finish_reason")
        if finish is not None:
            self._reason = "failed" if finish == "error" else "completed"
        return items if finish is None or self._done_marker else [*items, *self._end(self._reason)]

    def _start(self, message: str | None) -> list[Item]:
        fresh, self._started = not self._started, True
        return [Item(ItemKind.START, message=message)] if fresh else []

    def _end(self, reason: str, **said: str) -> list[Item]:
        fresh, self._ended = not self._ended, True
        return [Item(ItemKind.END, data={"reason": reason, **said})] if fresh else []


def _text(choice: Value, message: str | None) -> list[Item]:
    content = child(choice, "delta").get("content")
    if content is None or content == "":
        return []
    if not isinstance(content, str):
        raise ProtocolError("`delta.content` is not text")
    return [Item(ItemKind.TEXT, content, message=message)]


def _error(error: JsonValue) -> str:
    return excerpt(error.get("message") or error.get("code") or error if isinstance(error, dict) else error)
