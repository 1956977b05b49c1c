"""What a load consists of, decoded fast: `text` events of the durable session protocol, and what a resume is told.

Whatever is not exactly that (another kind, an unknown key, damage of any sort) goes to the adapter's own reader: fast
never means lenient. msgspec where it is installed (extra `fast`), the standard library otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

from ..adapters.base import Adapter, ItemKind
from ..wire.jsonish import has_half_escape


class Text(Protocol):
    """The `data` of a text event."""

    @property
    def text(self) -> str: ...  # noqa: D102


class TextEvent(Protocol):
    """A piece of an answer (docs/protocol.md)."""

    @property
    def epoch(self) -> str: ...  # noqa: D102
    @property
    def offset(self) -> int: ...  # noqa: D102
    @property
    def run(self) -> str: ...  # noqa: D102
    @property
    def data(self) -> Text: ...  # noqa: D102


Decode: TypeAlias = Callable[[bytes], TextEvent]
Notice: TypeAlias = tuple[ItemKind, str]  # (PING, ""), (CAUGHT_UP, cursor), (REPLY, id of the subscription granted)


@dataclass(frozen=True, slots=True)
class Fast:
    """text: a text event. notice: a heartbeat, the end of history, or that a subscription was granted. ValueError
    (msgspec's errors are that) for anything else."""

    text: Decode
    notice: Callable[[bytes], Notice]


def fast_for(adapter: Adapter) -> Fast | None:
    """The fast decoders for an adapter's messages; None when it has none."""
    return _fast() if adapter.id == "session" else None


def may_hold_half(payload: bytes) -> bool:
    """Does it hold half a character, whose other half may come in the next piece? Only a reader can join the two."""
    return b"\\u" in payload and has_half_escape(payload.decode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class _Text:
    text: str


@dataclass(frozen=True, slots=True)
class _Event:
    epoch: str
    offset: int
    run: str
    data: _Text


_KEYS = {"type", "epoch", "offset", "kind", "run", "data"}


def decode_plainly(payload: bytes) -> TextEvent:
    """The decoder of the standard library: ten times slower, and as strict."""
    try:
        found = json.loads(payload.decode())
        data = found["data"]
        plain = found.keys() == _KEYS and data.keys() == {"text"} and not may_hold_half(payload)
        event = _Event(found["epoch"], found["offset"], found["run"], _Text(data["text"]))
        typed = type(event.offset) is int and all(type(t) is str for t in (event.epoch, event.run, event.data.text))
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"no text event ({error})") from None
    if not (plain and typed and found["type"] == "event" and found["kind"] == "text"):
        raise ValueError("no text event")
    return event


def _fast() -> Fast:
    try:
        import msgspec  # noqa: PLC0415 - optional
    except ImportError:
        return PLAIN
    strictly: dict[str, Any] = {"gc": False, "forbid_unknown_fields": True}
    data = msgspec.defstruct("Data", [("text", str)], **strictly)
    names = [("type", Literal["event"]), ("kind", Literal["text"])]
    event = msgspec.defstruct(
        "Event", [*names, ("epoch", str), ("offset", int), ("run", str), ("data", data)], **strictly
    )
    strictly["tag_field"] = "type"
    ping: Any = msgspec.defstruct("Ping", [], tag="ping", **strictly)
    caught: Any = msgspec.defstruct("CaughtUp", [("cursor", str)], tag="caught-up", **strictly)
    granted = [("id", str), ("ok", bool), ("recovered", bool), ("epoch", str), ("head", int)]
    reply: Any = msgspec.defstruct("Reply", granted, tag="reply", **strictly)
    decode = msgspec.json.Decoder(ping | caught | reply).decode

    def notice(payload: bytes) -> Notice:
        found = decode(payload)
        if type(found) is caught and found.cursor:
            return _CAUGHT_UP, found.cursor
        if type(found) is reply and found.id and found.epoch and found.ok and found.recovered:
            return _REPLY, found.id
        if type(found) is ping:
            return _PING, ""
        raise ValueError("no notice")

    text: Any = msgspec.json.Decoder(event).decode
    return Fast(text, notice)


_PING, _CAUGHT_UP, _REPLY = ItemKind.PING, ItemKind.CAUGHT_UP, ItemKind.REPLY  # an enum's member costs a search


def _no_notice(payload: bytes) -> Notice:
    raise ValueError("no notice")


PLAIN = Fast(decode_plainly, _no_notice)
