"""The hot path of a load: what arrives at one device, by the shortest way to its ledger.

A word of a run that goes as it should costs one decoding, one comparison and one delay, in `_event`. Anything else goes
the long way, through the adapter's reader and the account.
"""

from __future__ import annotations

from ..adapters.base import ItemKind, Operation, Reader
from ..wire.sse import MAX_EVENT_BYTES
from .decode import Fast, TextEvent, may_hold_half
from .room import Room, Said
from .seer import Seer
from .telling import Telling
from .terms import Terms
from .wire.forecast import Forecast
from .words_ahead import WordsAhead, gaps_and_endings

_DATA = b"\ndata: "
_EVENT = b'{"type":"event"'
_CAUGHT_UP, _REPLY = ItemKind.CAUGHT_UP, ItemKind.REPLY


class Sight(Telling):
    """An account that is fed bytes."""

    __slots__ = ("_ahead", "_fast", "_last", "_numbers", "_operation", "_reader", "_rest")

    def __init__(self, room: Room, terms: Terms, seer: Seer) -> None:
        self._fast = terms.fast
        self._reader: Reader | None = None
        self._operation: Operation = "join"
        self._numbers = terms.numbering.alone
        self._rest = b""
        self._ahead: WordsAhead | None = None
        self._last = b""  # the event that came last
        super().__init__(room, terms, seer)

    @property
    def cursor(self) -> str | None:
        """What a resume would send."""
        self._arrive()
        return f"{self._epoch}:{self._offset}" if self._epoch else self._cursor

    def begin(self, operation: Operation, said: Said | None, at: float) -> None:
        """A connection was opened, for one run or (None) for the session."""
        self.follow(said, at)
        self._fast, self._reader, self._operation, self._rest = self._terms.fast, None, operation, b""

    def disarm(self) -> None:
        """Something about a run has changed: look closely at what comes next."""
        self._arrive()
        super().disarm()

    def interrupt(self) -> None:
        """Its connection is gone."""
        self._arrive()
        super().interrupt()

    def end(self, said: Said, reason: str, at: float) -> None:
        """The device was told that a run is over."""
        self._arrive()
        super().end(said, reason, at)

    def close(self, *, judge: bool, answered: bool = True) -> None:
        """The load is over."""
        self._arrive()
        super().close(judge=judge, answered=answered)

    def message(self, payload: bytes, at: float) -> Sight | None:
        """One WebSocket message."""
        self._arrive()
        fast = self._fast
        if fast is not None:
            try:
                event = fast.text(payload) if self._live or payload.startswith(_EVENT) else None
            except ValueError:
                event = None
            if event is not None:
                return self._event(event, payload, at)
            if self._noticed(fast, payload, payload, at):
                return None
        self.remember(payload)
        for item in self._its_reader().frame(payload):
            self.item(item, at)
        return None

    def feed(self, body: bytes, at: float) -> Sight | None:
        """A piece of an event stream."""
        self._arrive()
        if self._fast is None:
            self._read(body, at)
            return None
        joined = bool(self._rest)
        if joined:
            body, self._rest = self._rest + body, b""
        if b"\r" in body or len(body) > MAX_EVENT_BYTES:
            self._fast = None  # another line ending, or too much of something: every byte is for the reader
            self._read(body, at)
            return None
        start, found = 0, None
        while (end := body.find(b"\n\n", start) + 2) > 1:
            found = self._block(body[start:end], at)
            alone, start = start == 0 and not joined, end
        self._rest = body[start:]
        return found if found is not None and alone and not self._rest else None

    def foresee(self, data: bytes) -> Forecast | None:
        """What will be read after this, which brought the last word alone?"""
        ledger, said, terms = self._ledger, self._current, self._terms
        if ledger is None or said is None or not self._armed:
            return None
        number = ledger.expected - 1
        apart = gaps_and_endings(data, self._last, self._epoch, self._offset, number, terms.numbering)
        if apart is not None:
            self._ahead = WordsAhead(said, ledger, self._late, data, self._offset, *apart)
        return self._ahead

    def finish(self, at: float) -> None:
        """The stream ended as it should."""
        self._arrive()
        for item in self._its_reader().finish():
            self.item(item, at)

    def _block(self, block: bytes, at: float) -> Sight | None:
        """One event of a stream whose lines end with LF, its blank line included. The first one is for the reader: it
        may begin with a byte order mark."""
        fast, start = self._fast, block.find(_DATA)
        if fast is not None and self._reader is not None and start > 0:
            head, data = block[:start], block[start + len(_DATA) : -2]
            try:
                event = fast.text(data)
            except ValueError:
                if head == b"event: caught-up" and self._noticed(fast, data, block, at):
                    return None
            else:
                if head == b"id: %b:%d\nevent: text" % (event.epoch.encode(), event.offset):
                    return self._event(event, block, at)
        self._read(block, at)
        return None

    def _noticed(self, fast: Fast, payload: bytes, raw: bytes, at: float) -> bool:
        """Was it something else that needs no reader?"""
        try:
            kind, what = fast.notice(payload)
        except ValueError:
            if may_hold_half(payload):
                self._fast = None
            return False
        if kind is _REPLY and not self._seer.granted(what):
            return False
        self.remember(raw)
        if kind is _CAUGHT_UP:
            self.marked(what, at)
        return True

    def _read(self, body: bytes, at: float) -> None:
        self.remember(body)
        for item in self._its_reader().feed(body):
            self.item(item, at)

    def _its_reader(self) -> Reader:
        """The adapter's own, from the first thing on that only it can read."""
        if self._reader is None:
            self._reader = self._terms.adapter.reader(self._operation)
        return self._reader

    def _arrive(self) -> None:
        """The words ahead are over: what comes now is something else."""
        ahead = self._ahead
        if ahead is not None:
            self._ahead, self._offset = None, ahead.offset
            ahead.over()

    def _event(self, event: TextEvent, raw: bytes, at: float) -> Sight | None:
        """A piece of an answer of the session protocol. Gives this when the next one may take the short way."""
        ledger, said = self._ledger, self._current
        if (
            event.run == self._armed
            and event.offset > self._offset
            and event.epoch == self._epoch
            and ledger is not None
            and said is not None
            and self._numbers.get(event.data.text) == ledger.expected
        ):
            ledger.last = number = ledger.expected
            ledger.expected = number + 1
            self._counts.words += 1
            follows = event.offset == self._offset + 1
            self._offset, self._last = event.offset, raw
            late = at - said.base - number * said.pace
            if late < 0.0:
                said.base += late
                late = 0.0
            self._late.append(late)
            return self if follows else None
        self.remember(raw)
        same, follows = event.epoch == self._epoch, event.offset == self._offset + 1
        replayed = same and event.offset <= self._offset
        if not replayed:
            self._epoch, self._offset, self._last = event.epoch, event.offset, raw
        self.text(self._named(event.run), event.data.text, replayed, at)
        return self if same and follows and self._armed == event.run else None
