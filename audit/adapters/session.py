"""The durable session protocol of docs/protocol.md, which the reference implementation speaks.

A device holds one stream on the session; prompts and stops are commands beside it, on the same WebSocket or by POST.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from pydantic import Field

from ..errors import ProtocolError
from ..event import Phase, Value
from ..wire.jsonish import decode_body, decode_object, excerpt
from . import answers
from .base import COMMANDS, Adapter, Answer, Dial, Frame, Message, Operation, Reader, Step, Traits, View
from .calls import get, get_stream, post, segment, to_json
from .kind import AdapterKind, AdapterOptions
from .readers import FrameReader, SseReader
from .session_items import ENDINGS, message, outcome, read_frame, read_sse

TRAITS = Traits(
    subscribes=True,
    cursor="offset+epoch",
    replay="continue",
    dedupe="cursor",
    comparison="events",
    stop="command",
    endings=ENDINGS,
    resumes=True,
    observable=True,
    history=True,
    prompt_key=True,
    steers=True,
    approves=True,
    presence=True,
    agents=True,
)


class SessionOptions(AdapterOptions):
    """Options of the `session` protocol."""

    transport: Literal["websocket", "sse"] = Field(
        "websocket",
        description="How devices reach the session: `websocket` carries events and commands on one connection; "
        "`sse` streams events with `Last-Event-ID` and sends each command as a POST.",
    )
    join: Literal["events", "fold"] = Field(
        "events",
        description="What a device that joins asks for: every event of the session again, or the folded transcript "
        "(`from=fold`) and then what comes.",
    )
    presence: bool = Field(True, description="Devices ask to be told how many of them follow the session.")
    presence_ttl_s: float = Field(
        2.0,
        gt=0,
        le=60,
        description="For how long what is shown as present may be out of date after a device has opened or closed its "
        "stream.",
    )


class _Session:
    """What both transports share: the transcript is fetched over HTTP."""

    id = "session"

    def __init__(self, options: SessionOptions) -> None:
        self.traits = replace(TRAITS, presence=options.presence, presence_ttl_s=options.presence_ttl_s)
        self._folds = options.join == "fold"

    def _wants_presence(self, view: View) -> bool:
        return view.presence and self.traits.presence

    def read(self, view: View) -> Step:
        return get(f"{_root(view)}/transcript")

    def transcript(self, body: bytes) -> tuple[Message, ...]:
        found = decode_body(body)
        messages = found.get("messages") if isinstance(found, dict) else None
        if not isinstance(messages, list):
            raise ProtocolError(f"a transcript holds a list `messages`; this one does not: {excerpt(body)}")
        return tuple(message(entry) for entry in messages)


class _OverWebSocket(_Session):
    """Correlation ids need only be unique on one connection: one subscription, and one prompt or stop per key."""

    def join(self, view: View) -> Step:
        return self._subscribe(view, ',"from":"fold"' if self._folds else "")

    def resume(self, view: View) -> Step:
        return self._subscribe(view, f',"cursor":{to_json(view.cursor)}' if view.cursor is not None else "")

    def prompt(self, view: View, text: str, key: str) -> Step:
        return _command("prompt", f"prompt-{key}", {"key": key, "text": text})

    def stop(self, view: View, key: str) -> Step:
        return _command("stop", f"stop-{key}", _aim(view, key))

    def steer(self, view: View, text: str, key: str) -> Step:
        return _command("steer", f"steer-{key}", {"run": view.run, "key": key, "text": text})

    def approve(self, view: View, approval: str, granted: bool) -> Step:
        return _command("approve", f"approve-{approval}", {"approval": approval, "granted": granted})

    def answer(self, operation: Operation, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
        if operation == "read":
            return answers.plain(operation, status, body)
        return answers.upgrade(operation, status, body)  # the reply to the subscription says the rest

    def reader(self, operation: Operation) -> Reader:
        return FrameReader(read_frame)

    def _subscribe(self, view: View, cursor: str) -> Dial:
        """Written down here: a load makes thousands of them a second, and an encoder for an object costs the most."""
        if self._wants_presence(view):
            cursor += ',"presence":true'
        return Dial(f"{_root(view)}/ws", (f'{{"type":"subscribe","id":"sub-1"{cursor}}}',), reply="sub-1")


class _OverSse(_Session):
    """Commands are answered by their own HTTP response."""

    def join(self, view: View) -> Step:
        return get_stream(self._events(view, "from=fold" if self._folds else ""))

    def resume(self, view: View) -> Step:
        cursor = {"last-event-id": view.cursor} if view.cursor is not None else {}
        return get_stream(self._events(view, ""), cursor)

    def prompt(self, view: View, text: str, key: str) -> Step:
        return post(f"{_root(view)}/prompts", {"key": key, "text": text})

    def stop(self, view: View, key: str) -> Step:
        return post(f"{_root(view)}/stop", _aim(view, key))

    def steer(self, view: View, text: str, key: str) -> Step:
        return post(f"{_root(view)}/steer", {"run": view.run, "key": key, "text": text})

    def approve(self, view: View, approval: str, granted: bool) -> Step:
        return post(f"{_root(view)}/approve", {"approval": approval, "granted": granted})

    def answer(self, operation: Operation, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
        if operation in ("join", "resume"):
            return answers.stream(operation, status, headers, body)
        if operation in COMMANDS:
            return _commanded(operation, status, body)
        return answers.plain(operation, status, body)

    def reader(self, operation: Operation) -> Reader:
        return SseReader(read_sse)

    def _events(self, view: View, start: str) -> str:
        query = "&".join(filter(None, (start, "presence=1" if self._wants_presence(view) else "")))
        return f"{_root(view)}/events" + (f"?{query}" if query else "")


def build(options: SessionOptions) -> Adapter:
    """The adapter for the chosen transport."""
    return _OverWebSocket(options) if options.transport == "websocket" else _OverSse(options)


KIND = AdapterKind("session", "Durable session protocol (reference implementation)", SessionOptions, build)


def _root(view: View) -> str:
    return f"/v1/sessions/{segment(view.session)}"


def _aim(view: View, key: str) -> Value:
    """A stop names the run; while the device does not know it, the prompt's key names it as well."""
    return {"run": view.run} if view.run is not None else {"key": key}


def _command(type: str, id: str, fields: Value) -> Frame:
    return Frame(to_json({"type": type, "id": id, **fields}), reply=id)


def _commanded(operation: Operation, status: int, body: bytes) -> Answer:
    refused = answers.refusal(operation, status, body)
    try:
        found = outcome(decode_object(body))
    except ProtocolError as error:
        # 2xx without the promised JSON: accepted perhaps, but nobody can say what
        return refused or Answer(Phase.INFO, {"status": status, "error": f"HTTP {status}, but {error}"})
    ok = found.pop("ok")
    if refused is not None:
        return Answer(refused.phase, {**found, **refused.value})
    return Answer(Phase.OK if ok else Phase.FAIL, {"status": status, **found})
