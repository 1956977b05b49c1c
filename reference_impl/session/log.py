"""The log of a session: append-only, dense offsets within an epoch, every event ready to be written to a socket.

A cursor is `<epoch>:<offset>`, the place after which a device wants to go on. Whether it can is all or nothing: either
every event after it is here (recovered), or the gap has a name and the device gets all that is left, from the start.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import deque
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .event import Event, encode
from .frames import Form, sse_event, ws_text

GapReason: TypeAlias = Literal["foreign-epoch", "future", "expired", "malformed"]

_CURSOR = re.compile(r"([0-9a-z]{1,32}):(0|[1-9][0-9]{0,17})")


@dataclass(frozen=True, slots=True)
class Entry:
    """An event at its place, with its bytes: `body` is its JSON, `sse` and `ws` are that JSON framed for a socket.
    ended_at: of the ending of a run, when it was (milliseconds since 1970)."""

    offset: int
    body: bytes
    sse: bytes
    ws: bytes
    ended_at: int | None = None


def entry(event: Event, epoch: str, offset: int) -> Entry:
    """Encode an event for its place in a log; this is the only time it is encoded."""
    return framed(event, encode(event, epoch, offset), epoch, offset)


def framed(event: Event, body: bytes, epoch: str, offset: int) -> Entry:
    """Frame an event that is encoded already (one that comes from storage)."""
    ended_at = event.at if event.kind == "run-end" else None
    return Entry(offset, body, sse_event(event.kind, body, f"{epoch}:{offset}"), ws_text(body), ended_at)


@dataclass(frozen=True, slots=True)
class Resumption:
    """What a cursor is worth: deliver everything after offset `after`. gap: why that is not all that was asked for."""

    after: int
    gap: GapReason | None = None

    @property
    def recovered(self) -> bool:
        """Nothing is missing."""
        return self.gap is None


class Expired(Exception):
    """A reader fell behind the oldest event that the log still holds."""


class Log:
    """Events 1 … head of one epoch. retain: keep at least this many of the newest, None for all of them. trimmed: begin
    behind this offset."""

    def __init__(self, epoch: str, retain: int | None = None, trimmed: int = 0) -> None:
        self.epoch = epoch
        self.head = trimmed
        self.trimmed = trimmed  # offsets up to here are gone
        self.ends: deque[tuple[int, int]] = deque()  # when runs ended, and the offsets of their endings
        self._retain = retain
        self._frames: dict[Form, list[bytes]] = {"sse": [], "ws": []}
        self._sizes: list[int] = []  # bytes written up to and including each event, over the whole epoch
        self._last: dict[Form, tuple[tuple[int, int, int], tuple[bytes, int]]] = {}

    def append(self, new: Entry) -> None:
        """Add the next event. ValueError when its offset is not the next one."""
        if new.offset != self.head + 1:
            raise ValueError(f"offset {new.offset} cannot follow {self.head}")
        self.head = new.offset
        self._frames["sse"].append(new.sse)
        self._frames["ws"].append(new.ws)
        if new.ended_at is not None:
            self.ends.append((new.ended_at, new.offset))
        self._sizes.append((self._sizes[-1] if self._sizes else 0) + len(new.sse))

    def trim(self) -> None:
        """Let go of events past retention, a quarter more than it at a time. Not before those who follow were woken."""
        if self._retain is None or len(self._sizes) <= self._retain + self._retain // 4:
            return
        self.forget(self.head - self._retain)

    def forget(self, upto: int) -> None:
        """Let go of events up to an offset."""
        count = upto - self.trimmed
        if count <= 0:
            return
        for frames in self._frames.values():
            del frames[:count]
        del self._sizes[:count]
        self.trimmed += count
        while self.ends and self.ends[0][1] <= upto:
            self.ends.popleft()

    def cursor(self, offset: int) -> str:
        """The cursor of the event at `offset`; 0 is the place before the first event."""
        return f"{self.epoch}:{offset}"

    def ahead(self, cursor: str) -> int | None:
        """The offset of a cursor that lies beyond what this log holds; None for any other."""
        parts = _CURSOR.fullmatch(cursor)
        if parts is None or parts[1] != self.epoch or int(parts[2]) <= self.head:
            return None
        return int(parts[2])

    def resume(self, cursor: str | None) -> Resumption:
        """Decide what a cursor is worth; None stands for the start of the log."""
        if cursor is None:
            return self._from(0)
        parts = _CURSOR.fullmatch(cursor)
        if parts is None:
            return Resumption(self.trimmed, "malformed")
        if parts[1] != self.epoch:
            return Resumption(self.trimmed, "foreign-epoch")
        return self._from(int(parts[2]))

    def read(self, form: Form, after: int, upto: int, limit_bytes: int) -> tuple[bytes, int]:
        """Frames of events after `after` as one piece, and the offset of its last one.

        Stops at `upto`, or earlier when the piece would outgrow `limit_bytes` (it holds at least one event). Devices at
        the tail all ask for the same piece, so the last one is kept. Raises Expired when `after` was trimmed away.
        """
        if after < self.trimmed:
            raise Expired
        wanted = (after, upto, limit_bytes)
        if form not in self._last or self._last[form][0] != wanted:
            stop = self._stop(after, upto, limit_bytes)
            piece = b"".join(self._frames[form][after - self.trimmed : stop - self.trimmed])
            self._last[form] = (wanted, (piece, stop))
        return self._last[form][1]

    def _from(self, offset: int) -> Resumption:
        if offset > self.head:
            return Resumption(self.trimmed, "future")
        if offset < self.trimmed:
            return Resumption(self.trimmed, "expired")
        return Resumption(offset)

    def _stop(self, after: int, upto: int, limit_bytes: int) -> int:
        first = after - self.trimmed
        before = self._sizes[first] - len(self._frames["sse"][first])
        fits = bisect_right(self._sizes, before + limit_bytes, first) + self.trimmed
        return min(upto, max(fits, after + 1))
