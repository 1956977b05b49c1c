"""Server-sent events, bytes in and events out, by the letter of the WHATWG HTML standard (9.2.5 parsing, 9.2.6
interpreting an event stream).

Written for evidence: pure, incremental, indifferent to how the network cut the bytes, and every event knows where in
the stream it stood. Lines are split before they are decoded, which gives the same text as decoding first: LF, CR and
the colon are ASCII, and an ASCII byte always ends a broken UTF-8 sequence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from ..errors import Oversized

MAX_EVENT_BYTES = 4 * 1024 * 1024
MAX_RETRY_MS = 10**15  # a longer number of digits is still "wait", only without the arithmetic

_LINE_END = re.compile(rb"\r\n?|\n")
_LF, _CR = 0x0A, 0x0D
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class SseEvent:
    """One dispatched event.

    last_event_id: what a reconnect after it would send (it persists over events without an `id` of their own).
    retry_ms: the reconnection time in force, None when the target never named one.
    start, end: the bytes [start, end) of the stream, from its first field to the byte that dispatched it. After a
    CRLF blank line that byte is the CR: waiting for the LF would make an event late by one network read.
    """

    type: str
    data: str
    last_event_id: str
    retry_ms: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SseComment:
    """A comment line, which pages never see: the heartbeat of many servers. start, end: as in SseEvent."""

    text: str
    start: int
    end: int


SsePiece: TypeAlias = SseEvent | SseComment


class SseDecoder:
    """The state of one event stream. Time is linear in the bytes fed, whatever their chunking.

    An event (or a single line) of more than `limit` bytes raises Oversized; what was complete before it in the same
    chunk is returned first, and the error then comes with the next call. The decoder is of no further use.
    """

    def __init__(self, limit: int = MAX_EVENT_BYTES) -> None:
        self.last_event_id = ""
        self.retry_ms: int | None = None
        self._limit = limit
        self._broken = ""
        # the line that is coming in
        self._line = bytearray()
        self._line_start = 0
        self._offset = 0
        self._after_cr = False
        self._first = True
        # the event that is coming in
        self._data: list[str] = []
        self._type = ""
        self._id = ""
        self._start: int | None = None
        self._held = 0

    def feed(self, data: bytes) -> list[SsePiece]:
        """Take the next bytes of the body; give the events and comments that they complete."""
        self.finish()
        found: list[SsePiece] = []
        try:
            self._split(data, found)
        except Oversized as error:
            self._broken = str(error)
            if not found:
                raise
        return found

    def finish(self) -> None:
        """The stream ended. An event without its blank line is discarded (9.2.6); raises an Oversized still owed."""
        if self._broken:
            raise Oversized(self._broken)

    def _split(self, data: bytes, found: list[SsePiece]) -> None:
        if not data:
            return
        base, position = self._offset, 0
        self._offset += len(data)
        if self._after_cr and data[0] == _LF:
            position = 1
            self._line_start += 1
        while match := _LINE_END.search(data, position):
            line, position = data[position : match.start()], match.end()
            if self._line:
                line = bytes(self._line) + line
                self._line.clear()
            self._take(line, base + match.start() + 1, found)
            self._line_start = base + position
        self._after_cr = data[-1] == _CR
        self._line += data[position:]
        self._bound(len(self._line))

    def _take(self, line: bytes, end: int, found: list[SsePiece]) -> None:
        if self._first:
            self._first = False
            line = line.removeprefix(_BOM)
        if not line:
            self._dispatch(end, found)
            return
        self._bound(len(line))
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name:
            self._field(name, value, len(line))
        else:
            found.append(SseComment(_text(value), self._line_start, end))

    def _field(self, name: bytes, value: bytes, size: int) -> None:
        self._held += size
        if self._start is None:
            self._start = self._line_start
        if name == b"data":
            self._data.append(_text(value))
        elif name == b"event":
            self._type = _text(value)
        elif name == b"id" and b"\0" not in value:
            self._id = _text(value)
        elif name == b"retry" and value.isdigit():
            self.retry_ms = min(int(value), MAX_RETRY_MS) if len(value) < 1_000 else MAX_RETRY_MS

    def _dispatch(self, end: int, found: list[SsePiece]) -> None:
        self.last_event_id = self._id
        if self._data:
            start = self._start if self._start is not None else end
            text = "\n".join(self._data)
            found.append(SseEvent(self._type or "message", text, self.last_event_id, self.retry_ms, start, end))
        self._data, self._type, self._start, self._held = [], "", None, 0

    def _bound(self, more: int) -> None:
        if self._held + more > self._limit:
            raise Oversized(f"a server-sent event of more than {self._limit} bytes, at byte {self._line_start}")


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
