"""Pieces of a stream as they go onto a socket, and a reader's place between them."""

from __future__ import annotations

import time
from dataclasses import dataclass

from ..session.frames import sse_chunk
from . import cursor, offset
from .content import Kind
from .frames import control_event, data_event
from .log import StreamLog


@dataclass(frozen=True, slots=True)
class News:
    """What came last, for readers that have everything before it and may be told this cursor."""

    after: int
    upto: int
    told: int
    piece: bytes


class Pieces:
    """Encodes a stream for its readers. Those at the tail all ask for the same piece, so the last one is kept."""

    def __init__(self, log: StreamLog, kind: Kind) -> None:
        self.log = log
        self.news = News(log.tail, log.tail, 0, b"")
        self._kind = kind
        self._data: tuple[tuple[int, int], bytes] = ((0, 0), b"")
        self._wanted: tuple[int, int, int, bool, int] | None = None
        self._piece = (b"", 0)

    def renew(self, limit_bytes: int) -> None:
        """Before readers are woken: encode what is new since they were woken last."""
        after, told = self.news.upto, cursor.interval(time.time())
        piece, upto = self.read(after, limit_bytes, told)
        usual = upto == self.log.tail and not self.log.closed
        self.news = News(after if usual else -1, self.log.tail, told, piece if usual else b"")

    def read(self, after: int, limit_bytes: int, told: int) -> tuple[bytes, int]:
        """What comes after a position, as one HTTP chunk, and where that ends. told: the cursor."""
        log = self.log
        wanted = (after, log.tail, limit_bytes, log.closed, told)
        if wanted != self._wanted:
            upto = after if after == log.tail else log.stop(after, limit_bytes)
            at_tail = upto == log.tail
            place = offset.dump(log.lineage, upto)
            control = control_event(place, told, up_to_date=at_tail, closed=log.closed and at_tail)
            self._wanted, self._piece = wanted, (sse_chunk(self._event(after, upto) + control), upto)
        return self._piece

    def _event(self, after: int, upto: int) -> bytes:
        if after == upto:
            return b""
        if self._data[0] != (after, upto):
            self._data = ((after, upto), data_event(self._kind, self.log.read(after, upto)))
        return self._data[1]


class Reading:
    """A reader's place in a stream. floor: the least cursor that it may be told."""

    __slots__ = ("_floor", "_pieces", "_told", "over", "position")

    def __init__(self, pieces: Pieces, after: int, floor: int) -> None:
        self.position = after
        self.over = False  # it has been told that nothing more will come
        self._pieces = pieces
        self._floor = floor
        self._told = False

    def news(self) -> bytes:
        """All that is new to a reader at the tail; empty for every other, which `take` is for."""
        news = self._pieces.news
        if self.position != news.after or self._floor > news.told or not self._told:
            return b""
        self.position = news.upto
        return news.piece

    def take(self, limit_bytes: int) -> bytes:
        """The next piece to write; empty when the reader has everything there is."""
        log = self._pieces.log
        if self.over or (self._told and self.position == log.tail and not log.closed):
            return b""
        told = max(cursor.interval(time.time()), self._floor)
        piece, self.position = self._pieces.read(self.position, limit_bytes, told)
        self._told = True
        self.over = log.closed and self.position == log.tail
        return piece
