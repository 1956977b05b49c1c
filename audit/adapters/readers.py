"""The two readers every adapter is made of: one for event streams, one for WebSocket frames.

An adapter hands in how to read *one* event. What is common to all stays here: damage becomes PROBLEM items, few and
short; characters cut in half are joined; comments are heartbeats; what is too large raises Oversized.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias, TypeVar

from ..errors import Oversized, ProtocolError
from ..event import Value
from ..wire.jsonish import Halves, decode_object, excerpt, has_half_escape, whole
from ..wire.sse import MAX_EVENT_BYTES, SseComment, SseDecoder, SseEvent
from .base import Item, ItemKind

MAX_PROBLEMS = 50
T = TypeVar("T")
ReadEvent: TypeAlias = Callable[[SseEvent], list[Item]]
ReadFrame: TypeAlias = Callable[[Value], list[Item]]


class SseReader:
    """Reader of one event stream. read: one event → items; ProtocolError for what the protocol does not allow."""

    def __init__(self, read: ReadEvent) -> None:
        self._decoder = SseDecoder()
        self._read = read
        self._intake = _Intake()

    def feed(self, data: bytes) -> list[Item]:
        """Items that these bytes complete."""
        items: list[Item] = []
        for piece in self._decoder.feed(data):
            if isinstance(piece, SseComment):
                items.append(Item(ItemKind.PING))
            else:
                items += self._intake.take(piece.data, self._read, piece)
        return items

    def frame(self, data: str | bytes) -> list[Item]:
        """An event stream has no frames."""
        return self._intake.problem("a WebSocket frame on an event stream", data)

    def finish(self) -> list[Item]:
        """An event that was cut short does not count (WHATWG HTML 9.2.6)."""
        self._decoder.finish()
        return []


class FrameReader:
    """Reader of a WebSocket whose every message is one JSON object. read: one object → items, as in SseReader."""

    def __init__(self, read: ReadFrame) -> None:
        self._read = read
        self._intake = _Intake()

    def feed(self, data: bytes) -> list[Item]:
        """A WebSocket carries no bare bytes."""
        return self._intake.problem("bytes outside of a WebSocket frame", data)

    def frame(self, data: str | bytes) -> list[Item]:
        """Items of one message. A binary message counts as its text: JSON is UTF-8 (RFC 8259, 8.1) either way."""
        if len(data) > MAX_EVENT_BYTES:
            raise Oversized(f"a WebSocket message of {len(data)} characters; the limit is {MAX_EVENT_BYTES}")
        text = data if isinstance(data, str) else data.decode("utf-8", "replace")
        return self._intake.take(text, self._message, text)

    def finish(self) -> list[Item]:
        """Every frame is complete in itself."""
        return []

    def _message(self, text: str) -> list[Item]:
        return self._read(decode_object(text))


def problem(error: str, raw: str | bytes) -> Item:
    """Bytes that the protocol does not allow, with a short excerpt of them."""
    return Item(ItemKind.PROBLEM, data={"error": f"{error}: {excerpt(raw)}"})


class _Intake:
    """Makes reading total."""

    def __init__(self) -> None:
        self._problems = 0
        self._halves = Halves()

    def take(self, raw: str, read: Callable[[T], list[Item]], subject: T) -> list[Item]:
        """What `read` makes of a subject that came as `raw`."""
        try:
            items = read(subject)
        except ProtocolError as error:
            items = [problem(str(error), raw)]
        if self._halves or has_half_escape(raw):
            items = [mended for item in items for mended in self._mend(item)]
        return [kept for item in items if (kept := self._bounded(item))]

    def problem(self, error: str, raw: str | bytes) -> list[Item]:
        """A PROBLEM of the reader's own."""
        kept = self._bounded(problem(error, raw))
        return [kept] if kept else []

    def _bounded(self, item: Item) -> Item | None:
        """Problems stop after some: a hostile stream must not fill the history with them."""
        if item.kind is not ItemKind.PROBLEM:
            return item
        self._problems += 1
        if self._problems == MAX_PROBLEMS:
            return Item(ItemKind.PROBLEM, data={"error": "and more: no further problem of this connection is kept"})
        return item if self._problems < MAX_PROBLEMS else None

    def _mend(self, item: Item) -> list[Item]:
        """The item with whole characters, after what an ending run left waiting for its other half.

        Only texts are taken from the wire as they are; ids and reasons come whole from `audit.wire.jsonish`.
        """
        if item.kind is ItemKind.TEXT:
            return [replace(item, text=self._halves.take(item.run, item.text))]
        rest = self._halves.rest(item.run) if item.kind is ItemKind.END else ""
        late = [Item(ItemKind.TEXT, rest, item.run)] if rest else []
        return [*late, replace(item, text=whole(item.text))]
