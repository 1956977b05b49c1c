"""What the records of a stream add up to for those who write: everything but the content.

A fold and nothing else, so a stream read back from storage is the stream that was written, on every server.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..session.producer import Stamp
from . import offset
from .content import essence
from .producers import StreamProducers
from .record import Appended, Created, Deleted, Forked, Record, Released, Touched, UnreadableRecord

_SLACK = 8  # uses of a stream are recorded once in an eighth of its lifetime, so it is let live an eighth longer


class StreamState:
    """closed_by: the producer's append that closed the stream. order: the last `Stream-Seq`. records: how many there
    were. forks: the streams that begin with this one's content, by name and epoch, and since when (milliseconds)."""

    def __init__(self, created: Created) -> None:
        self.created = created
        self.records = 1
        self.tail = 0 if created.source is None else created.source.position
        self.closed = False
        self.closed_by: Stamp | None = None
        self.deleted = False
        self.order: str | None = None
        self.producers = StreamProducers()
        self.forks: dict[tuple[str, str], int] = {}
        self._used = created.at

    @property
    def offset(self) -> str:
        """The tail, as clients know it."""
        return offset.dump(self.created.lineage, self.tail)

    @property
    def essence(self) -> str:
        """The media type."""
        return essence(self.created.content_type)

    def apply(self, record: Record) -> None:
        """Take the next record."""
        self.records += 1
        match record:
            case Appended():
                self._appended(record)
            case Touched(at):
                self._used = at
            case Forked(name, epoch, at):
                self.forks[name, epoch] = at
            case Released(name, epoch):
                self.forks.pop((name, epoch), None)
            case Deleted():
                self.deleted = True

    def idle_ms(self, now_ms: int) -> int:
        """How long ago the stream was last used, as far as that is recorded."""
        return 0 if self._used is None else now_ms - self._used

    def worn(self, now_ms: int) -> bool:
        """A use of the stream has to be recorded, so that it lives on."""
        ttl_s = self.created.ttl_s
        return ttl_s is not None and self.idle_ms(now_ms) * _SLACK >= ttl_s * 1_000

    def left_ms(self, now_ms: int) -> int | None:
        """How long the stream has to live, 0 or less when it is over; None: for ever."""
        if self.created.expires_ms is not None:
            return self.created.expires_ms - now_ms
        if self.created.ttl_s is not None:
            return self.created.ttl_s * 1_000 * (_SLACK + 1) // _SLACK - self.idle_ms(now_ms)
        return None

    def _appended(self, record: Appended) -> None:
        self.tail += len(record.content)
        self._used = record.at if record.at is not None else self._used
        if record.stamp is not None:
            self.producers.accept(record.stamp)
        if record.order is not None:
            self.order = record.order
        if record.closing:
            self.closed, self.closed_by = True, record.stamp


def fold(records: Sequence[Record]) -> StreamState:
    """The state that all records of a stream add up to. Raises UnreadableRecord."""
    created = records[0]
    if not isinstance(created, Created):
        raise UnreadableRecord("the first record of a stream does not say how it was created")
    state = StreamState(created)
    for record in records[1:]:
        state.apply(record)
    return state
