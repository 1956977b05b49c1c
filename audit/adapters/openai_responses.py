"""OpenAI Responses, in background mode: a response has an id, its stream has sequence numbers, and it can be canceled.

Resuming is exclusive (`starting_after`) and possible for about five minutes; later the target refuses with a 400 that
says so. Without background mode, the answer lives and dies with the connection that asked for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import Field

from ..errors import ProtocolError
from ..event import JsonValue, Phase, Value
from ..wire.jsonish import child, children, decode_body, decode_object, excerpt, string
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


class OpenAIResponsesOptions(AdapterOptions):
    """Options of the `openai-responses` protocol."""

    path: Path = Field(
        "/v1/responses", description="Where responses are created (POST); each lives under `<path>/<id>`."
    )
    model: str = Field("default", description="The `model` each request names.")
    background: bool = Field(
        True,
        description="Create responses with `background: true`: they outlive their connection, and can be resumed, "
        "watched and canceled. false: closing the connection is the only stop, and nothing can be resumed.",
    )
    idempotency_header: str | None = Field(
        "Idempotency-Key",
        pattern="^[A-Za-z0-9-]*$",
        description="Header that carries the prompt's key. Empty: the target takes no such key.",
    )
    extra: dict[str, JsonValue] = Field(default_factory=dict, description="Further keys of the request body.")


@dataclass(frozen=True, slots=True)
class _Responses(Plain):
    options: OpenAIResponsesOptions
    traits: Traits
    id: str = "openai-responses"

    def join(self, view: View) -> Step:
        return self._stream(view, None)

    def resume(self, view: View) -> Step:
        return self._stream(view, view.cursor)

    def prompt(self, view: View, text: str, key: str) -> Step:
        chosen = {"model": self.options.model, "input": text, "background": self.options.background}
        header = {self.options.idempotency_header: key} if self.options.idempotency_header else {}
        return post_stream(self.options.path, {**self.options.extra, **chosen, "stream": True, "store": True}, header)

    def stop(self, view: View, key: str) -> Step:
        if not self.options.background:
            return Hangup()
        if view.run is None:
            return Unsupported("a response is canceled by its id, and the target has not told it yet")
        return Call("POST", f"{self._response(view.run)}/cancel", headers={"accept": "application/json"})

    def read(self, view: View) -> Step:
        if view.run is None:
            return Unsupported("a response is read by its id, and this device does not know one")
        return get(self._response(view.run))

    def answer(self, operation: Operation, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
        if operation == "stop":
            return _canceled(status, body)
        if operation == "read":
            return answers.plain(operation, status, body)
        return answers.stream(operation, status, headers, body)

    def transcript(self, body: bytes) -> tuple[Message, ...]:
        found = decode_body(body)
        if not isinstance(found, dict) or not isinstance(found.get("output", []), list):
            raise ProtocolError(f"not a response object: {excerpt(body)}")
        return (_message(found),)

    def reader(self, operation: Operation) -> Reader:
        return SseReader(_Stream().read)

    def _response(self, run: str) -> str:
        return f"{self.options.path}/{segment(run)}"

    def _stream(self, view: View, cursor: str | None) -> Step:
        if not self.options.background:
            return Unsupported("only responses created with `background: true` have a stream that can be opened again")
        if view.run is None:
            return Unsupported(
                "a stream is opened by its response's id: this device does not know it, and no list tells"
            )
        after = f"&starting_after={segment(cursor)}" if cursor is not None else ""
        return get_stream(f"{self._response(view.run)}?stream=true{after}")


def build(options: OpenAIResponsesOptions) -> Adapter:
    """The adapter for these options."""
    return _Responses(options, _traits(options))


KIND = AdapterKind("openai-responses", "OpenAI Responses (background mode)", OpenAIResponsesOptions, build)


def _traits(options: OpenAIResponsesOptions) -> Traits:
    return Traits(
        subscribes=False,
        cursor="int",
        replay="continue" if options.background else "none",
        dedupe="cursor",
        comparison="events",
        stop="command" if options.background else "hangup",
        endings=("completed", "stopped", "failed"),
        resumes=options.background,
        observable=options.background,
        history=True,
        prompt_key=bool(options.idempotency_header),
    )


# What a response's `status` says of its run. `incomplete` is an answer that the server broke off by itself (a limit, a
# filter): to the reader it is not the whole answer, so it failed, unless the response says that it was canceled.
_ENDINGS = {"completed": "completed", "failed": "failed", "incomplete": "failed", "cancelled": "stopped"}
_GOING_ON = frozenset({"queued", "in_progress"})
_END_EVENTS = {f"response.{status}": ending for status, ending in _ENDINGS.items()}
_TEXT_EVENTS = frozenset({"response.output_text.delta", "response.refusal.delta"})  # both are what the user reads


class _Stream:
    """One connection to one response. Only `response.…` events with a whole response object name the run."""

    def __init__(self) -> None:
        self._run: str | None = None

    def read(self, event: SseEvent) -> list[Item]:
        if event.data == "[DONE]":  # compatible servers add it; the ending was told before
            return []
        body = decode_object(event.data)
        type = string(body.get("type"))
        if type is None:
            raise ProtocolError("an event without `type`")
        self._run = string(child(body, "response").get("id")) or self._run
        item = self._item(type, body, _cursor(body))
        return [item] if item else []

    def _item(self, type: str, body: Value, cursor: str | None) -> Item | None:
        """Events that show nothing (items and parts added or done, reasoning, tools) are skipped."""
        if type in _TEXT_EVENTS:
            return Item(ItemKind.TEXT, _delta(body), self._run, cursor, string(body.get("item_id")))
        if type == "response.created":
            return Item(ItemKind.START, run=self._run, cursor=cursor)
        if type in _END_EVENTS:
            return self._end(type, child(body, "response"), cursor)
        if type == "error":
            said = child(body, "error") or body
            return Item(ItemKind.END, "", self._run, cursor, None, {"reason": "failed", **_said(said)})
        return Item(ItemKind.PING) if type == "keepalive" else None

    def _end(self, type: str, response: Value, cursor: str | None) -> Item:
        """The SDKs know no canceled event, so a cancel may reach the stream as `incomplete`: the status decides."""
        canceled = response.get("status") == "cancelled"
        reason = "stopped" if canceled else _END_EVENTS[type]
        return Item(ItemKind.END, "", self._run, cursor, None, {"reason": reason, **_said(child(response, "error"))})


def _cursor(body: Value) -> str | None:
    number = body.get("sequence_number")
    return str(number) if type(number) is int else None


def _delta(body: Value) -> str:
    delta = body.get("delta")
    if not isinstance(delta, str):
        raise ProtocolError("a text delta without its `delta`")
    return delta


def _said(error: Value) -> Value:
    message = error.get("message") or error.get("code")
    return {"error": excerpt(message)} if message else {}


def _canceled(status: int, body: bytes) -> Answer:
    """Canceling is idempotent and answers with the response object; one that had ended before says how."""
    refused = answers.refusal("stop", status, body)
    if refused is not None:
        return refused
    try:
        found = decode_object(body)
    except ProtocolError as error:
        return Answer(Phase.INFO, {"status": status, "error": f"HTTP {status}, but {error}"})
    run = string(found.get("id"))
    ended = _ENDINGS.get(string(found.get("status")) or "", "stopped") != "stopped"
    return Answer(Phase.OK, {"status": status, "ended": ended, **({"run": run} if run else {})})


def _message(response: Value) -> Message:
    """The one answer of a response. The prompt is not part of it."""
    outputs = [entry for entry in children(response, "output") if entry.get("type") == "message"]
    parts = [part for entry in outputs for part in children(entry, "content")]
    texts = [part.get("refusal" if part.get("type") == "refusal" else "text") for part in parts]
    status = string(response.get("status")) or ""
    ending = "running" if status in _GOING_ON else _ENDINGS.get(status)
    id = string(outputs[0].get("id")) if outputs else None
    return Message("assistant", "".join(t for t in texts if isinstance(t, str)), id, string(response.get("id")), ending)
