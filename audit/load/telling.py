"""What a device is told, item by item, of any protocol: the long way to its account."""

from __future__ import annotations

from collections.abc import Callable

from ..adapters.base import Item, ItemKind, Message
from ..wire.jsonish import string
from .account import Account
from .room import Room, Said
from .seer import Seer
from .terms import Terms


class Telling(Account):
    """An account that is told items. It remembers the cursor, and knows by it what it has had already.

    epoch, offset: of a cursor that can be compared; known: cursors of the current run, where they cannot.
    """

    __slots__ = ("_cursor", "_cursors", "_epoch", "_known", "_offset")

    def __init__(self, room: Room, terms: Terms, seer: Seer) -> None:
        self._cursors = terms.traits.cursor if terms.traits.dedupe == "cursor" else "none"
        self._cursor: str | None = None
        self._epoch, self._offset = "", -1
        self._known: set[str] = set()
        super().__init__(room, terms, seer)

    @property
    def cursor(self) -> str | None:
        """What a resume would send."""
        return self._cursor

    def forget(self) -> None:
        """The device was reloaded: it knows nothing."""
        self._restart()
        super().forget()

    def follow(self, said: Said | None, at: float) -> None:
        """A new connection, for one run or (None) for the session. A stream of another run has cursors of its own."""
        if said is not None and said is not self._followed:
            self._restart()
        super().follow(said, at)

    def item(self, item: Item, at: float) -> None:
        """Anything that a target can say."""
        take = _TAKES.get(item.kind)
        if take is not None:
            take(self, item, at)

    def marked(self, cursor: str | None, at: float) -> None:
        """The target marks the end of history."""
        self._terms.marks = True
        self._passed(cursor)
        self.catch_up(at)

    def shown(self, messages: tuple[Message, ...], at: float) -> None:
        """There was nothing to stream, so the device shows the transcript."""
        asked: Said | None = None
        for message in messages:
            if message.role == "user":
                asked = self._room.by_key.get(message.id or "")
                continue
            said = self._room.by_id.get(message.run or "") or asked
            if said is not None and not self.knows_end(said) and message.ending != "running":
                whole = len(message.text.split()) >= said.items  # a transcript may be silent about endings
                ending = message.ending or ("completed" if whole else None)
                self.restate(said, f"{message.text} ", ending, at)
        self.catch_up(at)

    # -- items ----------------------------------------------------------------------------------------------------

    def _text(self, item: Item, at: float) -> None:
        self.text(self._named(item.run), item.text, self._passed(item.cursor), at)

    def _end(self, item: Item, at: float) -> None:
        said, replayed = self._named(item.run), self._passed(item.cursor)
        self._terms.tally.others += 1
        self._known.clear()
        if said is not None and not (replayed and self.knows_end(said)):
            self.end(said, str(item.data.get("reason")), at)

    def _user(self, item: Item, at: float) -> None:
        self._passed(item.cursor)
        self._terms.tally.others += 1
        said = self._room.by_key.get(str(item.data.get("key") or item.message))
        if said is not None:
            if item.run:
                self._room.name(said, item.run)
            self._room.accept(said)

    def _start(self, item: Item, at: float) -> None:
        self._passed(item.cursor)
        self._terms.tally.others += 1
        self._telling = said = self._named(item.run)
        if said is not None:
            self._room.accept(said)
            self._room.begin(said)

    def _reset(self, item: Item, at: float) -> None:
        """The run is told again from its start."""
        said = self._named(item.run)
        if said is not None:
            self._telling = said
            self.restate(said, "", None, at)

    def _snapshot(self, item: Item, at: float) -> None:
        """The run so far, in place of what was shown of it."""
        said = self._named(item.run)
        if said is not None:
            self.restate(said, item.text, string(item.data.get("reason")), at)

    def _caught_up(self, item: Item, at: float) -> None:
        self.marked(item.cursor, at)

    def _gap(self, item: Item, at: float) -> None:
        """The target cannot go on from the cursor: it tells what it has from the start."""
        self._terms.tally.error(f"gap: {item.data.get('reason')}")
        self._restart()
        self._done = 0
        self.ledgers = {number: ledger for number, ledger in self.ledgers.items() if not ledger.ended}
        for ledger in self.ledgers.values():
            ledger.restate()

    def _problem(self, item: Item, at: float) -> None:
        self._terms.tally.error(f"problem: {item.data.get('error')}")

    def _steer(self, item: Item, at: float) -> None:
        self._passed(item.cursor)
        self._terms.tally.others += 1
        self._room.steers[str(item.data.get("id"))] = str(item.data.get("key"))

    def _steer_outcome(self, item: Item, at: float) -> None:
        self._passed(item.cursor)
        self._terms.tally.others += 1
        self.waits.steered(self._room.steers.get(str(item.data.get("id")), ""), at)

    def _reply(self, item: Item, at: float) -> None:
        self._seer.replied(item, at)

    # -- what they mean -------------------------------------------------------------------------------------------

    def _named(self, run: str | None) -> Said | None:
        """The run that an item belongs to. An id that nobody knows is that of the run that has none yet."""
        room = self._room
        if run is None:
            return self._telling or self._followed or room.current
        said = room.by_id.get(run)
        if said is not None:
            return said
        said = self._followed or room.current
        if said is None or said.id is not None:
            return None
        room.name(said, run)
        return said

    def _passed(self, cursor: str | None) -> bool:
        """Remember the cursor of an item; True when the device has had the item, by the documented de-duplication."""
        if cursor is None:
            return False
        epoch, _, number = cursor.rpartition(":") if self._cursors == "offset+epoch" else ("", "", cursor)
        if self._cursors in ("int", "offset+epoch") and number.isdecimal():
            if epoch == self._epoch and int(number) <= self._offset:
                return True
            self._epoch, self._offset = epoch, int(number)
        elif self._cursors == "opaque" and cursor in self._known:
            return True
        elif self._cursors == "opaque":
            self._known.add(cursor)
        self._cursor = cursor
        return False

    def _restart(self) -> None:
        self.disarm()
        self._cursor, self._epoch, self._offset = None, "", -1
        self._known.clear()


_TAKES: dict[ItemKind, Callable[[Telling, Item, float], None]] = {
    ItemKind.TEXT: Telling._text,
    ItemKind.USER: Telling._user,
    ItemKind.START: Telling._start,
    ItemKind.END: Telling._end,
    ItemKind.SNAPSHOT: Telling._snapshot,
    ItemKind.RESET: Telling._reset,
    ItemKind.CAUGHT_UP: Telling._caught_up,
    ItemKind.GAP: Telling._gap,
    ItemKind.STEER: Telling._steer,
    ItemKind.STEER_OUTCOME: Telling._steer_outcome,
    ItemKind.REPLY: Telling._reply,
    ItemKind.PROBLEM: Telling._problem,
}
