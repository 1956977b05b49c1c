"""A team's own WebSocket of JSON frames, without a session protocol: the target file says what its frames look like.

What is sent are templates, in whose strings `{text}`, `{key}`, `{session}`, `{run}` and `{cursor}` are filled in. What
is received is told apart by one field, the type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ..errors import ProtocolError
from ..event import JsonValue, Value
from ..wire.jsonish import excerpt, string
from . import answers
from .base import (
    Adapter,
    Answer,
    Dial,
    Frame,
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
from .calls import segment
from .kind import AdapterKind, AdapterOptions, Path
from .plain import Plain
from .readers import FrameReader
from .template import allow, fill, uses

Ending = Literal["completed", "stopped", "failed", "superseded"]
ENDINGS: tuple[Ending, ...] = ("completed", "stopped", "failed", "superseded")
PromptFrame = Annotated[dict[str, JsonValue], AfterValidator(allow("text", "key", "session", "run", "cursor"))]
StopFrame = Annotated[dict[str, JsonValue], AfterValidator(allow("key", "session", "run", "cursor"))]
OpenFrame = Annotated[dict[str, JsonValue], AfterValidator(allow("session", "run", "cursor"))]

_NUMBER = re.compile(r"-?\d{1,18}", re.ASCII)


class JsonSocketOptions(AdapterOptions):
    """Options of the `json-socket` protocol. A field is a dotted path into a frame, such as `payload.text`."""

    path: Path = Field("/ws", description="Where the WebSocket is opened; `{session}` is the session's id.")
    subprotocols: tuple[str, ...] = Field((), description="WebSocket subprotocols to offer.")
    prompt_frame: PromptFrame = Field(
        {"type": "prompt", "text": "{text}"}, min_length=1, description="The frame that asks for an answer."
    )
    stop_frame: StopFrame = Field(
        {"type": "stop"}, description="The frame that stops the answer. Empty: hanging up is all there is."
    )
    join_frame: OpenFrame = Field(
        {}, description="Sent when a device opens the socket, to follow the session. Empty: opening it is enough."
    )
    resume_frame: OpenFrame = Field(
        {}, description="Sent when a device is back after a drop, usually with `{cursor}`. Empty: there is no resume."
    )
    shared: bool = Field(
        False,
        description="Every socket of a session shows its runs, so a second device sees what the first one asked. "
        "Taken for granted when there is a join or a resume frame.",
    )
    replay: Literal["continue", "full"] = Field(
        "continue",
        description="What follows the resume frame: only what was missed, or the running answer again from its start.",
    )
    type_field: str = Field("type", description="The field that tells frames apart.")
    text_types: tuple[str, ...] = Field(("token",), description="Types of frames that carry a piece of the answer.")
    text_field: str = Field("text", description="Their field that holds the text.")
    start_types: tuple[str, ...] = Field(("started",), description="Types of frames that say that an answer begins.")
    end_types: dict[str, Ending] = Field(
        {"done": "completed", "stopped": "stopped", "error": "failed"},
        description="Types of frames that say that an answer is over, and how it ended.",
    )
    error_field: str = Field("message", description="The field of an ending that says why.")
    user_types: tuple[str, ...] = Field(
        (), description="Types of frames that show a prompt (of this or another device)."
    )
    user_id_field: str | None = Field(None, description="Their field that holds the prompt's id, if there is one.")
    ping_types: tuple[str, ...] = Field(("ping",), description="Types of frames that are heartbeats.")
    run_field: str | None = Field(None, description="The field that names the run, if there is one.")
    cursor_field: str | None = Field(
        None, description="The field that a resume continues from (a number or a string), if there is one."
    )
    cursor_kind: Literal["opaque", "int"] = Field(
        "opaque", description="`int`: a frame's string that is nothing but `{cursor}` is sent as a number."
    )


@dataclass(frozen=True, slots=True)
class _JsonSocket(Plain):
    options: JsonSocketOptions
    traits: Traits
    id: str = "json-socket"

    def join(self, view: View) -> Step:
        return self._dial(view, self.options.join_frame)

    def resume(self, view: View) -> Step:
        if self.options.resume_frame:
            return self._dial(view, self.options.resume_frame)
        if self.options.shared:
            return self.join(view)  # all that a device can do is to listen again
        return Unsupported("no resume frame is declared: a new socket knows nothing of the answer that was lost")

    def prompt(self, view: View, text: str, key: str) -> Step:
        return Frame(fill(self.options.prompt_frame, {**self._known(view), "text": text, "key": key}))

    def stop(self, view: View, key: str) -> Step:
        if not self.options.stop_frame:
            return Hangup()
        if view.run is None and uses(self.options.stop_frame, "run"):
            return Unsupported("the stop frame names the run, and the target has not told its id yet")
        return Frame(fill(self.options.stop_frame, {**self._known(view), "key": key}))

    def read(self, view: View) -> Step:
        return Unsupported("a socket of frames has no transcript to fetch")

    def answer(self, operation: Operation, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
        """Frames have no answers: having sent one is all that a device knows."""
        return answers.upgrade(operation, status, body)

    def transcript(self, body: bytes) -> tuple[Message, ...]:
        raise ProtocolError("a socket of frames has no transcript")

    def reader(self, operation: Operation) -> Reader:
        return FrameReader(_Stream(self.options, operation == "resume" and self.traits.replay == "full").read)

    def _dial(self, view: View, template: Value) -> Dial:
        path = self.options.path.replace("{session}", segment(view.session))
        frames = (fill(template, self._known(view)),) if template else ()
        return Dial(path, frames, subprotocols=self.options.subprotocols)

    def _known(self, view: View) -> dict[str, JsonValue]:
        number = _NUMBER.fullmatch(view.cursor or "") if self.options.cursor_kind == "int" else None
        return {"session": view.session, "run": view.run, "cursor": int(number[0]) if number else view.cursor}


def build(options: JsonSocketOptions) -> Adapter:
    """The adapter for these options."""
    return _JsonSocket(options, _traits(options))


KIND = AdapterKind("json-socket", "WebSocket of JSON frames, described in the target file", JsonSocketOptions, build)


def _traits(options: JsonSocketOptions) -> Traits:
    replay = options.replay if options.resume_frame else "none"
    return Traits(
        subscribes=True,
        cursor=options.cursor_kind if options.cursor_field else "none",
        replay=replay,
        dedupe="reset" if replay == "full" else "cursor" if options.cursor_field else "none",
        comparison="content" if replay == "full" else "events",
        stop="command" if options.stop_frame else "hangup",
        endings=tuple(ending for ending in ENDINGS if ending in options.end_types.values()),
        resumes=bool(options.resume_frame) or options.shared,
        observable=options.shared or bool(options.join_frame) or bool(options.resume_frame),
        history=False,
        prompt_key=uses(options.prompt_frame, "key"),
        names_runs=options.run_field is not None,
    )


class _Stream:
    """One socket. replay: the answer that was running is sent again from its start."""

    def __init__(self, options: JsonSocketOptions, replay: bool) -> None:
        self._options = options
        self._replay = replay

    def read(self, body: Value) -> list[Item]:
        """Frames of types that the target file does not name show nothing, and so are skipped."""
        type = _at(body, self._options.type_field)
        if not isinstance(type, str):
            raise ProtocolError(f"a frame without its type in `{self._options.type_field}`")
        item = self._item(type, body)
        if item is None or item.kind is ItemKind.PING or not self._replay:
            return [item] if item else []
        self._replay = False
        return [Item(ItemKind.RESET, run=item.run), item]

    def _item(self, type: str, body: Value) -> Item | None:
        options = self._options
        run, cursor = string(_name(body, options.run_field)), string(_name(body, options.cursor_field))
        if type in options.text_types:
            return Item(ItemKind.TEXT, _text(body, options.text_field), run, cursor)
        if type in options.end_types:
            why = _at(body, options.error_field)
            said = {"error": excerpt(why)} if why and options.end_types[type] == "failed" else {}
            return Item(ItemKind.END, "", run, cursor, None, {"reason": options.end_types[type], **said})
        if type in options.user_types:
            id = string(_name(body, options.user_id_field))
            return Item(ItemKind.USER, _text(body, options.text_field), run, cursor, id, {"id": id} if id else {})
        if type in options.start_types:
            return Item(ItemKind.START, run=run, cursor=cursor)
        return Item(ItemKind.PING) if type in options.ping_types else None


def _at(body: JsonValue, field: str) -> JsonValue:
    """What stands at a dotted path; None when nothing does."""
    for key in field.split("."):
        body = body.get(key) if isinstance(body, dict) else None
    return body


def _name(body: Value, field: str | None) -> str | None:
    """A run, cursor or id: a string, or a whole number as text."""
    found = _at(body, field) if field else None
    if found is None or isinstance(found, str):
        return found
    if type(found) is not int:
        raise ProtocolError(f"`{field}` is neither text nor a whole number")
    return str(found)


def _text(body: Value, field: str) -> str:
    text = _at(body, field)
    if not isinstance(text, str):
        raise ProtocolError(f"a frame without its text in `{field}`")
    return text
