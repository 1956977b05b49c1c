"""What a request means for a stream as it is: the records to add, and what to answer. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ..session.producer import Stamp
from . import content, offset, problems
from .log import StreamLog
from .record import Appended, Created, Deleted, Forked, Record, Released, Source, Touched
from .state import StreamState


@dataclass(frozen=True, slots=True)
class Outcome:
    """record: what to append; None when nothing changes. The rest is the stream once that is durable.

    known: it had been carried out before. epoch, sequence: the producer's, the highest accepted.
    """

    record: Record | None
    offset: str
    closed: bool
    known: bool = False
    epoch: int | None = None
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Append:
    """What a writer asks for. body: as the stream stores it (content.py). media_type: None when none was named."""

    body: bytes
    media_type: str | None
    closing: bool
    stamp: Stamp | None
    order: str | None

    def decide(self, state: StreamState, now_ms: int) -> Outcome:
        """Raises StreamRefused. Precedence of refusals: PROTOCOL.md section 5.2."""
        _usable(state)
        if state.closed:
            return self._after_the_end(state)
        if self.body and self.media_type != state.essence:
            raise problems.conflict("content-type", f"the stream's content type is {state.created.content_type}")
        if self.stamp is not None and not state.producers.check(self.stamp):
            return _answer(None, state, self.stamp, known=True)
        if self.order is not None and state.order is not None and _bytewise(self.order) <= _bytewise(state.order):
            raise problems.conflict("sequence", f"Stream-Seq must be greater than {state.order!r}")
        timed = now_ms if state.created.ttl_s is not None else None
        record = Appended(self.body, self.closing, self.stamp, self.order, timed)
        state.apply(record)
        return _answer(record, state, self.stamp)

    def _after_the_end(self, state: StreamState) -> Outcome:
        again = self.closing and (not self.body if self.stamp is None else self.stamp == state.closed_by)
        if not again:
            raise problems.closed(state.offset)
        return _answer(None, state, self.stamp, known=True)


def touch(state: StreamState, now_ms: int) -> Outcome:
    """The stream is being used."""
    record = Touched(now_ms) if state.worn(now_ms) and not state.deleted else None
    return _applied(record, state)


def reference(state: StreamState, name: str, epoch: str, now_ms: int) -> Outcome:
    """A fork is about to be created. Raises StreamRefused."""
    if state.deleted:
        raise problems.conflict("gone", "the source stream was deleted")
    return _applied(None if (name, epoch) in state.forks else Forked(name, epoch, now_ms), state)


def release(state: StreamState, name: str, epoch: str) -> Outcome:
    """A fork is gone."""
    return _applied(Released(name, epoch) if (name, epoch) in state.forks else None, state)


def delete(state: StreamState) -> Outcome:
    """The stream is kept for its forks only. Raises StreamRefused."""
    _usable(state)
    return _applied(Deleted(), state)


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a stream is to be created. content_type, ttl_s, expires_ms: None when not named. source: what it is a fork
    of, by its name in storage; anchor: the offset to fork at, None for the tail; sub: how far past it."""

    content_type: str | None
    ttl_s: int | None
    expires_ms: int | None
    closed: bool
    source: str | None = None
    anchor: str | None = None
    sub: int = 0

    def confirm(self, state: StreamState) -> None:
        """The stream exists: it must be as it is wanted. Raises StreamRefused."""
        same = not state.deleted and self.closed == state.closed
        if not (same and self._typed(state) and self._lives(state.created) and self._begins(state.created)):
            raise problems.conflict("exists", "there is another stream at this place")

    def _typed(self, state: StreamState) -> bool:
        if self.content_type is None and self.source is not None:
            return True
        return content.essence(self.content_type or content.DEFAULT_TYPE) == state.essence

    def _lives(self, made: Created) -> bool:
        if made.source is not None and self.ttl_s is None and self.expires_ms is None:
            return True  # inherited
        return (self.ttl_s, self.expires_ms) == (made.ttl_s, made.expires_ms)

    def _begins(self, made: Created) -> bool:
        if self.source is None or made.source is None:
            return self.source is None and made.source is None
        same_place = self.anchor is None or offset.load(self.anchor, made.lineage) == made.source.anchor
        return self.source == made.source.name and same_place and self.sub == made.source.sub


def inherited_until(log: StreamLog, kind: content.Kind, anchor: int, sub: int) -> int:
    """The position up to which a fork has its source's content. Raises StreamRefused."""
    if not log.holds(anchor):
        raise problems.malformed("the fork offset is not an offset of the source stream")
    if not sub:
        return anchor
    batch = log.read(anchor, log.stop(anchor, 0)) if anchor < log.tail else b""
    if kind is not content.Kind.JSON:
        position = anchor + sub
        fits = sub <= len(batch)
    else:
        parts = content.messages(content.array(batch)) if batch else []
        position = anchor + len(content.packed(parts[:sub]))
        fits = sub <= len(parts)
    if not fits:
        raise problems.malformed("the sub-offset is past the end of the append it points into")
    return position


def create(wanted: Wanted, epoch: str, now_ms: int, source: tuple[Source, Created] | None = None) -> Created:
    """The first record of a stream. source: of a fork."""
    if source is None:
        kind, lineage, life = wanted.content_type or content.DEFAULT_TYPE, epoch, (wanted.ttl_s, wanted.expires_ms)
    else:
        made = source[1]
        own = wanted.ttl_s is not None or wanted.expires_ms is not None
        kind, lineage = made.content_type, made.lineage
        life = (wanted.ttl_s, wanted.expires_ms) if own else (made.ttl_s, made.expires_ms)
    timed = now_ms if life[0] is not None else None
    return Created(kind, lineage, *life, source[0] if source else None, timed)


def _usable(state: StreamState) -> None:
    if state.deleted:
        raise problems.gone()


def _applied(record: Record | None, state: StreamState) -> Outcome:
    if record is not None:
        state.apply(record)
    return _answer(record, state, None)


def _answer(record: Record | None, state: StreamState, stamp: Stamp | None, *, known: bool = False) -> Outcome:
    place = None if stamp is None else state.producers.place(stamp.producer)
    epoch, sequence = place or (None, None)
    return Outcome(record, state.offset, state.closed, known, epoch, sequence)


def _bytewise(order: str) -> bytes:
    return order.encode(errors="surrogateescape")
