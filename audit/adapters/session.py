"""The durable session protocol of docs/protocol.md, which the reference implementation speaks.

A device holds one stream on the session; prompts and stops are commands beside it, on the same WebSocket or by POST.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal

from pydantic import Field

from ..errors import ProtocolError
from ..event import JsonValue, Phase, Value
from ..wire.jsonish import child, decode_body, decode_object, excerpt, string
from ..wire.sse import SseEvent
from . import answers
from .base import Adapter, Answer, Dial, Frame, Item, ItemKind, Message, Operation, Reader, Step, Traits, View
from .calls import get, get_stream, post, segment, to_json
from .kind import AdapterKind, AdapterOptions
from .readers import FrameReader, SseReader, problem

ENDINGS = ("completed", "stopped", "failed", "superseded")

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
        return tuple(_message(entry) for entry in messages)


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
        return FrameReader(_read)

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
        if operation in ("prompt", "stop", "steer", "approve"):
            return _commanded(operation, status, body)
        return answers.plain(operation, status, body)

    def reader(self, operation: Operation) -> Reader:
        return SseReader(_read_sse)

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
        found = _outcome(decode_object(body))
    except ProtocolError as error:
        # 2xx without the promised JSON: accepted perhaps, but nobody can say what
        return refused or Answer(Phase.INFO, {"status": status, "error": f"HTTP {status}, but {error}"})
    ok = found.pop("ok")
    if refused is not None:
        return Answer(refused.phase, {**found, **refused.value})
    return Answer(Phase.OK if ok else Phase.FAIL, {"status": status, **found})


def _outcome(body: Value) -> Value:
    """What a reply says, under the names of docs/history-format.md."""
    found: Value = {"ok": body.get("ok") is True}
    found |= {key: value for key in ("run", "code", "epoch", "outcome") if (value := string(body.get(key)))}
    found |= {
        key: body[key] for key in ("duplicate", "ended", "recovered", "granted") if isinstance(body.get(key), bool)
    }
    if type(body.get("retry_ms")) is int:
        found["retry_ms"] = body["retry_ms"]
    if not found["ok"]:
        found["error"] = excerpt(body.get("message") or body.get("code") or "refused without a reason")
    return found


def _read_sse(event: SseEvent) -> list[Item]:
    """A browser resumes with the SSE id, so that has to be the cursor which the event itself names."""
    body = decode_object(event.data)
    items = _read(body)
    if body.get("type") != "event" or not items or items[0].cursor == event.last_event_id:
        return items
    return [problem(f"the id {excerpt(event.last_event_id)!r} is not the cursor of its event", event.data), *items]


def _read(body: Value) -> list[Item]:
    """One frame or event. Types that are not known are skipped: a protocol may grow."""
    type = string(body.get("type"))
    if type is None:
        raise ProtocolError("no `type`")
    read = _TYPES.get(type)
    return read(body) if read else []


def _reply(body: Value) -> list[Item]:
    id = string(body.get("id"))
    if id is None:
        raise ProtocolError("a reply without the `id` it answers")
    return [Item(ItemKind.REPLY, data={"reply": id, **_outcome(body)}), *_gap(body)]


def _gap(body: Value) -> list[Item]:
    """Resume is all or nothing: `recovered` false names what stands between the cursor and what follows."""
    if body.get("recovered") is not False:
        return []
    return [Item(ItemKind.GAP, data={"reason": excerpt(child(body, "gap").get("reason") or "unknown")})]


def _caught_up(body: Value) -> list[Item]:
    return [Item(ItemKind.CAUGHT_UP, cursor=string(body.get("cursor")))]


def _folded(body: Value) -> list[Item]:
    """The transcript in place of every event so far. Only the last item has the cursor: before it, nothing is kept."""
    messages, asked = body.get("messages"), body.get("approvals")
    if not isinstance(messages, list) or not isinstance(asked, list):
        raise ProtocolError("a folded transcript needs its lists `messages` and `approvals`")
    said = [item for entry in messages for item in _retold(_message(entry), entry)]
    open_ = (entry for entry in asked if isinstance(entry, dict))
    waits = [Item(ItemKind.APPROVAL_REQUEST, "", string(e.get("run")), data=_picked(e, "id", "what")) for e in open_]
    items = [*said, *waits]
    return [*items[:-1], *(replace(item, cursor=string(body.get("cursor"))) for item in items[-1:])]


def _retold(message: Message, entry: Value) -> list[Item]:
    """A message of a folded transcript; an answer that has not begun, and goes on, tells nothing."""
    if message.role == "user":
        named = _picked(entry, "id", "key")
        return [Item(ItemKind.USER, message.text, message.run, None, message.id, named)]
    over = {"reason": message.ending} if message.ending not in (None, "running") else {}
    if not message.text and not over:
        return []
    who = {"agent": message.agent} if message.agent else {}
    return [Item(ItemKind.SNAPSHOT, message.text, message.run, data=over | who)]


def _ping(_: Value) -> list[Item]:
    return [Item(ItemKind.PING)]


def _event(body: Value) -> list[Item]:
    epoch, offset, kind = string(body.get("epoch")), body.get("offset"), body.get("kind")
    if epoch is None or type(offset) is not int or not isinstance(kind, str):
        raise ProtocolError("an event needs `epoch`, a whole `offset` and `kind`")
    build_item = _KINDS.get(kind)
    return [build_item(child(body, "data"), string(body.get("run")), f"{epoch}:{offset}")] if build_item else []


def _user(data: Value, run: str | None, cursor: str) -> Item:
    named = {key: value for key in ("id", "key") if (value := string(data.get(key)))}
    return Item(ItemKind.USER, _text_of(data), run, cursor, named.get("id"), named)


def _start(_: Value, run: str | None, cursor: str) -> Item:
    return Item(ItemKind.START, run=run, cursor=cursor)


def _text(data: Value, run: str | None, cursor: str) -> Item:
    agent = string(data.get("agent"))
    return Item(ItemKind.TEXT, _text_of(data), run, cursor, None, {"agent": agent} if agent else {})


def _steer(data: Value, run: str | None, cursor: str) -> Item:
    return Item(ItemKind.STEER, _text_of(data), run, cursor, None, _picked(data, "id", "key"))


def _steer_outcome(data: Value, run: str | None, cursor: str) -> Item:
    return Item(ItemKind.STEER_OUTCOME, "", run, cursor, None, _picked(data, "id", "outcome"))


def _approval_request(data: Value, run: str | None, cursor: str) -> Item:
    return Item(ItemKind.APPROVAL_REQUEST, "", run, cursor, None, _picked(data, "id", "what"))


def _approval(data: Value, run: str | None, cursor: str) -> Item:
    granted = data.get("granted")
    told = {"granted": granted if isinstance(granted, bool) else None}
    return Item(ItemKind.APPROVAL, "", run, cursor, None, _picked(data, "id") | told)


def _picked(data: Value, *names: str) -> Value:
    return {name: value for name in names if (value := string(data.get(name)))}


def _presence(body: Value) -> list[Item]:
    devices = body.get("devices")
    return [Item(ItemKind.PRESENCE, data={"devices": devices})] if type(devices) is int else []


def _end(data: Value, run: str | None, cursor: str) -> Item:
    reason = data.get("reason")
    said = {"error": excerpt(data["error"])} if data.get("error") else {}
    return Item(ItemKind.END, "", run, cursor, None, {"reason": reason if reason in ENDINGS else "unknown", **said})


def _text_of(data: Value) -> str:
    text = data.get("text")
    if not isinstance(text, str):
        raise ProtocolError("an event without its `text`")
    return text


def _message(entry: JsonValue) -> Message:
    role, text = (entry.get("role"), entry.get("text")) if isinstance(entry, dict) else (None, None)
    if role not in ("user", "assistant") or not isinstance(text, str):
        raise ProtocolError(f"not a message of a transcript: {excerpt(entry)}")
    ending = string(entry.get("ending"))
    known = ending is None or ending in (*ENDINGS, "running")
    told = ending if known else "unknown"
    return Message(role, text, string(entry.get("id")), string(entry.get("run")), told, string(entry.get("agent")))


_TYPES: dict[str, Callable[[Value], list[Item]]] = {
    "event": _event,
    "reply": _reply,
    "subscribed": _gap,
    "caught-up": _caught_up,
    "ping": _ping,
    "presence": _presence,
    "folded": _folded,
}
_KINDS: dict[str, Callable[[Value, str | None, str], Item]] = {
    "user": _user,
    "run-start": _start,
    "text": _text,
    "run-end": _end,
    "steer": _steer,
    "steer-outcome": _steer_outcome,
    "approval-request": _approval_request,
    "approval": _approval,
}
