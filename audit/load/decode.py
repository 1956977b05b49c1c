"""The one kind of message that a load consists of, decoded fast: a `text` event of the durable session protocol.

Whatever is not exactly that (another kind, an unknown key, damage of any sort) raises, and goes to the adapter's own
reader instead: fast never means lenient. msgspec where it is installed (extra `fast`), the standard library otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from ..adapters.base import Adapter
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


def decoder_for(adapter: Adapter) -> Decode | None:
    """The fast decoder for an adapter's text events, one message a payload; None when it has none.

    The decoder raises ValueError (msgspec's errors are ValueErrors) for everything else.
    """
    return _decoder() if adapter.id == "session" else None


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


def _decoder() -> Decode:
    try:
        import msgspec  # noqa: PLC0415 - optional
    except ImportError:
        return decode_plainly

    strictly = {"gc": False, "forbid_unknown_fields": True}
    data = msgspec.defstruct("Data", [("text", str)], **strictly)
    fields = [("type", Literal["event"]), ("epoch", str), ("offset", int), ("run", str), ("data", data)]
    event = msgspec.defstruct("Event", fields, tag_field="kind", tag="text", **strictly)
    decode: Decode = msgspec.json.Decoder(event).decode
    return decode
