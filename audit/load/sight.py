"""What one device sees, verified as it arrives: the hot path of a load.

Words of a run that goes as it should take the short way in `_event`: one comparison and one delay. All else (another
kind of item, anything unexpected, the first word after a resume) goes the long way, through `item`.
"""

from __future__ import annotations

from collections import deque
from typing import Protocol

from ..adapters.base import Item, ItemKind, Operation, Reader
from ..wire.sse import MAX_EVENT_BYTES
from .decode import TextEvent, may_hold_half
from .ledger import Ledger
from .room import Room, Said
from .terms import KEPT, KEPT_BYTES, Terms
from .waits import Waits

NOTHING = ""  # no run is armed: every word takes the long way


class Seer(Protocol):
    """The device behind a sight."""

    number: int
    asks: bool
    slow: bool

    def replied(self, item: Item, at: float) -> None:
        """A REPLY came."""
        ...

    def caught_up(self, at: float) -> None:
        """It has everything that was said."""
        ...

    def told_end(self, said: Said) -> None:
        """It was told that a run is over."""
        ...


class Sight:
    """The ledgers of one device and its cursor. Times: monotonic seconds.

    ledgers: of the runs it is held to, by their number; of the ended ones only the last is kept.
    """

    __slots__ = (
        "_armed", "_counts", "_current", "_cursor", "_done", "_epoch", "_fast", "_followed", "_high", "_known", "_late",
        "_ledger", "_live", "_newcomer", "_numbers", "_offset", "_opened", "_reader", "_rest", "_room", "_sampled",
        "_seen", "_seer", "_terms", "ledgers", "waits",
    )  # fmt: skip

    def __init__(self, room: Room, terms: Terms, seer: Seer) -> None:
        self._room, self._terms, self._seer = room, terms, seer
        tally = terms.tally
        delays = tally.ignored if seer.slow else tally.delays
        self._counts, self.waits = tally.counts, Waits(delays)
        self._late = (delays if terms.pace else tally.ignored)["item_delay"]
        self._numbers = terms.numbering.alone
        self._seen: deque[bytes] = deque(maxlen=KEPT)
        self._sampled = False
        self._reader: Reader | None = None
        self.forget()
        self._newcomer = False

    def forget(self) -> None:
        """The device was reloaded: it knows nothing."""
        self.ledgers: dict[int, Ledger] = {}
        self._done = 0  # bit n: run n ended
        self._epoch, self._offset, self._cursor = "", 0, None
        self._known: set[str] = set()
        self._newcomer = True
        self._followed: Said | None = None
        self.waits.forget()
        self._start(None, 0.0)

    @property
    def cursor(self) -> str | None:
        """What a resume would send."""
        return f"{self._epoch}:{self._offset}" if self._fast and self._epoch else self._cursor

    @property
    def open_runs(self) -> list[int]:
        """Numbers of the runs it is still waiting to be told the end of."""
        return [number for number, ledger in self.ledgers.items() if not ledger.ended]

    def begin(self, operation: Operation, followed: Said | None, at: float) -> None:
        """A connection was opened, for one run or (None) for the session."""
        self._start(self._terms.adapter.reader(operation), at)
        self._followed = followed

    def expect(self, said: Said) -> None:
        """The run was accepted by the target: from now on this device is held to it."""
        if said.number not in self.ledgers and not self._done >> said.number & 1:
            self.ledgers[said.number] = Ledger(self._counts, said.items)

    def disarm(self) -> None:
        """Something about the run has changed: look closely."""
        self._armed = NOTHING

    # -- what arrives ---------------------------------------------------------------------------------------------

    def message(self, payload: bytes, at: float) -> None:
        """One WebSocket message."""
        self._seen.append(payload)
        if self._fast:
            try:
                event = self._terms.decode(payload)
            except ValueError:
                self._fast = not may_hold_half(payload)
            else:
                self._event(event, at)
                return
        assert self._reader is not None
        for item in self._reader.frame(payload):
            self.item(item, at)

    def feed(self, body: bytes, at: float) -> None:
        """A piece of an event stream."""
        if self._fast and b"\r" not in body:
            self._blocks(self._rest + body if self._rest else body, at)
            return
        if self._fast:
            self._fast, body, self._rest = False, self._rest + body, b""
        self._seen.append(body[-KEPT_BYTES:])
        self._read(body, at)

    def finish(self, at: float) -> None:
        """The stream ended as it should."""
        if self._reader is not None:
            for item in self._reader.finish():
                self.item(item, at)

    def item(self, item: Item, at: float) -> None:
        """Anything at all."""
        kind = item.kind
        if kind is ItemKind.TEXT:
            replayed = self._pass(item.cursor)
            self._text(self._named(item.run), item.text, replayed, at)
        elif kind is ItemKind.END:
            self._end(item, at)
        ...
