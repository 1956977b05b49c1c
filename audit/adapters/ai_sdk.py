"""The AI SDK's UI message stream, version 1, as its default chat transport speaks it (npm `ai` 5 to 7).

No cursor: a resume replays the whole response, and the client starts over at the replay's first `start` chunk
(`resumeStreamIsReplay`). Stopping and reading a chat back are left to the app, so their paths are options.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from ..errors import ProtocolError
from ..event import JsonValue, Value
from ..wire.jsonish import children, decode_body, decode_object, excerpt, string, whole
from ..wire.sse import SseEvent
from . import answers
from .base import (
    Adapter,
    Answer,
    Call,
    Hangup,
    Item,
    ItemKind,
    Message,
    Operation,
    Reader,
    Step,
    Traits,
    Unsupported,
    View,
)
from .calls import get, get_stream, post_stream, segment
from .kind import AdapterKind, AdapterOptions, Path
from .plain import Plain
from .readers import SseReader


class AiSdkOptions(AdapterOptions):
    """Options of the `ai-sdk` protocol. `{id}` in a path is the chat's id."""

    chat_path: Path = Field("/api/chat", description="Where prompts are sent (POST); the response is the stream.")
    resume_path: Path | Literal[""] | None = Field(
        "/api/chat/{id}/stream",
        description="Where a client reconnects to a running response (GET; 204 when there is none). "
        "Empty: the app offers none.",
    )
    stop_path: Path | Literal[""] | None = Field(
        None,
        description="Where a response is stopped, such as `/api/chat/{id}/stop`. Empty: hanging up is all there is.",
    )
    stop_method: Literal["POST", "DELETE", "PUT", "PATCH"] = Field("POST", description="The method of `stop_path`.")
    history_path: Path | Literal[""] | None = Field(
        None,
        description="Where a page loads the chat's messages from (GET), such as `/api/chat/{id}`: "
        '`{"messages": [{"id", "role", "parts": [{"type": "text", "text"}]}]}`, or the bare list. Empty: nowhere.',
    )
    send: Literal["messages", "message"] = Field(
        "messages",
        description="What a prompt's body carries: `messages`, a list as the SDK sends it, here of the new one only "
        "(an app that stores the list as it is keeps no earlier ones), or `message`, the new one alone.",
    )
    extra: dict[str, JsonValue] = Field(
        default_factory=dict, description="Further keys of a prompt's body, such as a model's name."
    )


_ATTACHED = ("data-", "source-", "file")  # parts that may follow the last word of an answer


@dataclass(frozen=True, slots=True)
class _AiSdk(Plain):
    options: AiSdkOptions
    traits: Traits
    id: str = "ai-sdk"

    def join(self, view: View) -> Step:
        if not self.options.resume_path:
            return Unsupported("the app has no resume endpoint, and nothing else leads to a running response")
        return get_stream(_fill(self.options.resume_path, view))

    def resume(self, view: View) -> Step:
        return self.join(view)  # without a cursor there is no difference

    def prompt(self, view: View, text: str, key: str) -> Step:
        message = {"id": key, "role": "user", "parts": [{"type": "text", "text": text}]}
        sent = {"messages": [message]} if self.options.send == "messages" else {"message": message}
        # `messageId` is left out, as the SDK does: with it, a submit edits an earlier message
        body = {**self.options.extra, "id": view.session, **sent, "trigger": "submit-message"}
        return post_stream(_fill(self.options.chat_path, view), body)

    def stop(self, view: View, key: str) -> Step:
        if not self.options.stop_path:
            return Hangup()
        return Call(self.options.stop_method, _fill(self.options.stop_path, view))

    def read(self, view: View) -> Step:
        if not self.options.history_path:
            return Unsupported("no `history_path` is declared: the protocol itself has no way to read a chat back")
        return get(_fill(self.options.history_path, view))

    def answer(self, operation: Operation, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
        if operation in ("stop", "read"):
            return answers.plain(operation, status, body)
        return answers.stream(operation, status, headers, body)

    def transcript(self, body: bytes) -> tuple[Message, ...]:
        found = decode_body(body)
        messages = found.get("messages") if isinstance(found, dict) else found
        if not isinstance(messages, list):
            raise ProtocolError(f"a chat's `messages` were expected: {excerpt(body)}")
        return tuple(message for entry in messages if (message := _message(entry)))

    def reader(self, operation: Operation) -> Reader:
        return SseReader(_Stream(replay=operation in ("join", "resume")).read)


def build(options: AiSdkOptions) -> Adapter:
    """The adapter for these options."""
    return _AiSdk(options, _traits(options))


KIND = AdapterKind("ai-sdk", "AI SDK UI message stream", AiSdkOptions, build)


def _traits(options: AiSdkOptions) -> Traits:
    resumes = bool(options.resume_path)
    return Traits(
        subscribes=False,
        cursor="none",
        replay="full" if resumes else "none",
        dedupe="reset" if resumes else "none",
        comparison="content",
        stop="command" if options.stop_path else "hangup",
        endings=("completed", "stopped", "failed"),
        resumes=resumes,
        observable=resumes,
        history=bool(options.history_path),
        prompt_key=False,  # the message's id is our key, but nothing promises that it is looked at
    )


def _fill(path: str, view: View) -> str:
    return path.replace("{id}", segment(view.session))


class _Stream:
    """One response. The protocol names messages, not runs, so no item carries a run."""

    def __init__(self, replay: bool) -> None:
        self._replay = replay
        self._started = False
        self._ending: str | None = None
        self._message: str | None = None
        self._shown: list[str] = []
        self._step = 0  # where in `_shown` the current step begins
        self._chunks: dict[str, Callable[[Value], list[Item]]] = {
            "start": self._start,
            "text-delta": self._text,
            "start-step": self._start_step,
            "reset-step": self._reset_step,
            "finish": self._finish,
            "abort": self._abort,
            "error": self._error,
        }

    def read(self, event: SseEvent) -> list[Item]:
        """Reasoning, tools, sources, files and data parts are no text of the answer, and so are skipped."""
        if event.data == "[DONE]":
            return [] if self._ending else self._end("unknown")
        body = decode_object(event.data)
        type = string(body.get("type"))
        if type is None:
            raise ProtocolError("a chunk without `type`")
        chunk = self._chunks.get(type)
        return chunk(body) if chunk else []

    def _start(self, body: Value) -> list[Item]:
        """Merged streams may start more than once; only the first one starts a run, or a replay of it."""
        self._message = string(body.get("messageId")) or self._message
        if self._started:
            return []
        self._started = True
        start = Item(ItemKind.START, message=self._message)
        return [Item(ItemKind.RESET), start] if self._replay else [start]

    def _text(self, body: Value) -> list[Item]:
        delta = body.get("delta")
        if not isinstance(delta, str):
            raise ProtocolError("a `text-delta` without its `delta`")
        self._shown.append(delta)
        return [Item(ItemKind.TEXT, delta, message=self._message)]

    def _start_step(self, _: Value) -> list[Item]:
        self._step = len(self._shown)
        return []

    def _reset_step(self, _: Value) -> list[Item]:
        """A step is tried again: what it had shown is taken back."""
        del self._shown[self._step :]
        return [Item(ItemKind.SNAPSHOT, whole("".join(self._shown)), message=self._message)]

    def _finish(self, body: Value) -> list[Item]:
        """The SDK sends `finish` after an error, too: the error is the ending. `interrupted`: the model broke off."""
        failed = body.get("finishReason") in ("error", "interrupted")
        return [] if self._ending else self._end("failed" if failed else "completed")

    def _abort(self, body: Value) -> list[Item]:
        return self._end("stopped", body.get("reason"))

    def _error(self, body: Value) -> list[Item]:
        return self._end("failed", body.get("errorText"))

    def _end(self, reason: str, error: JsonValue = None) -> list[Item]:
        """The ending; told twice it is one, told otherwise it is another."""
        if self._ending == reason:
            return []
        self._ending = reason
        said = {"error": excerpt(error)} if error else {}
        return [Item(ItemKind.END, message=self._message, data={"reason": reason, **said})]


def _message(entry: JsonValue) -> Message | None:
    """A user's or assistant's message. System messages are not part of what a device shows."""
    role = entry.get("role") if isinstance(entry, dict) else None
    if role not in ("user", "assistant", "system") or not isinstance(entry.get("parts"), list):
        raise ProtocolError(f"not a message with `role` and `parts`: {excerpt(entry)}")
    if role == "system":
        return None
    parts = children(entry, "parts")
    texts = [part.get("text") for part in parts if part.get("type") == "text"]
    text = "".join(text for text in texts if isinstance(text, str))
    return Message(role, text, string(entry.get("id")), ending=_ending(parts) if role == "assistant" else None)


def _ending(parts: list[Value]) -> str | None:
    """An answer is complete when the last thing the model said is text whose `state` is `done`. What was cut short
    stays `streaming`, whatever the cause, and so tells no ending."""
    said = [part for part in parts if not (string(part.get("type")) or "").startswith(_ATTACHED)]
    return "completed" if said and said[-1].get("type") == "text" and said[-1].get("state") == "done" else None
