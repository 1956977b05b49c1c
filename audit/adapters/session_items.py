"""What the durable session protocol says (docs/protocol.md), as items, outcomes and messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..errors import ProtocolError
from ..event import JsonValue, Value
from ..wire.jsonish import child, decode_object, excerpt, string
from ..wire.sse import SseEvent
from .base import Item, ItemKind, Message
from .readers import problem

ENDINGS = ("completed", "stopped", "failed", "superseded")


def outcome(body: Value) -> Value:
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


def read_sse(event: SseEvent) -> list[Item]:
    """A browser resumes with the SSE id, so that has to be the cursor which the event itself names."""
    body = decode_object(event.data)
    items = read_frame(body)
    if body.get("type") != "event" or not items or items[0].cursor == event.last_event_id:
        return items
    return [problem(f"the id {excerpt(event.last_event_id)!r} is not the cursor of its event", event.data), *items]


def read_frame(body: Value) -> list[Item]:
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
    return [Item(ItemKind.REPLY, data={"reply": id, **outcome(body)}), *_gap(body)]


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
    said = [item for entry in messages for item in _retold(message(entry), entry)]
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


def message(entry: JsonValue) -> Message:
    """One message of a transcript; ProtocolError when it is none."""
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
