"""What one device has of each run, held against what it should have: its ledgers, and the delays of its words."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial

from .ledger import Ledger
from .room import Room, Said
from .samples import KEPT, KEPT_BYTES
from .seer import Seer
from .terms import Terms
from .waits import Waits

NOTHING = ""  # no run is armed: every word takes the long way


class Account:
    """The ledgers of one device. Times: monotonic seconds.

    ledgers: of the runs it is held to, by number; of those that ended, only the last is kept. live: it has caught up,
    so what comes now is said now. armed: the target's id of the run that goes as it should, so that its next word may
    take the short way (`sight.py`); current, ledger: that run here. high: words up to this one it has had before.
    """

    __slots__ = (
        "_armed", "_counts", "_current", "_done", "_followed", "_high", "_late", "_ledger", "_live", "_newcomer",
        "_opened", "_room", "_sampled", "_seen", "_seer", "_since", "_telling", "_terms", "ledgers", "waits",
    )  # fmt: skip

    def __init__(self, room: Room, terms: Terms, seer: Seer) -> None:
        self._room, self._terms, self._seer = room, terms, seer
        delays = terms.tally.ignored if seer.slow else terms.tally.delays
        self._counts, self.waits = terms.tally.counts, Waits(delays)
        self._late = (delays if terms.pace else terms.tally.ignored)["item_delay"]
        self._seen: deque[bytes] = deque(maxlen=KEPT)
        self._sampled = False
        self.forget()
        self._newcomer = False

    def forget(self) -> None:
        """The device was reloaded: it knows nothing."""
        self.ledgers: dict[int, Ledger] = {}
        self._done = 0  # bit n: it was told that run n ended
        self._newcomer = True
        self._followed: Said | None = None
        self.waits.forget()
        self.follow(None, 0.0)

    def follow(self, said: Said | None, at: float) -> None:
        """A new connection, for one run or (None) for the session."""
        self._followed, self._opened = said, at
        self.disarm()
        self._live, self._high = False, 0
        self._telling: Said | None = None
        self._ledger: Ledger | None = None
        self._current: Said | None = None
        self._since = 0  # the first word that took the short way, and so was not remembered

    def interrupt(self) -> None:
        """Its connection is gone."""
        self._remember_words()
        self._seen.append(b"(the connection is gone)")
        self.disarm()
        self._telling, self._ledger = None, None

    def disarm(self) -> None:
        """Something about a run has changed: look closely at what comes next."""
        self._armed = NOTHING

    def close(self, *, judge: bool, answered: bool = True) -> None:
        """The load is over. judge: there was time for everything, so what has not ended never will. answered: the
        device was let in; if it was not, nobody knows what it would have been told."""
        if judge and not answered:
            self._watched(self._unanswered, "it was never let in again")
        for number, ledger in self.ledgers.items():
            said = self._room.runs[number]
            if judge and not said.excused:
                owed = said.owed if answered else 0
                self._watched(partial(ledger.close, owed, answered=answered), f"run {number} never ended")
        self.ledgers.clear()

    # -- runs -----------------------------------------------------------------------------------------------------

    @property
    def open_runs(self) -> list[int]:
        """Numbers of the runs whose end it is waiting for."""
        return [number for number, ledger in self.ledgers.items() if not ledger.ended]

    @property
    def being_told(self) -> bool:
        """Is a run being told on this connection?"""
        return self._telling is not None

    def knows_end(self, said: Said) -> bool:
        """Was it told that this run is over?"""
        return bool(self._done >> said.number & 1)

    def expect(self, said: Said) -> None:
        """The target has accepted this run: the device is held to it from now on."""
        if said.number not in self.ledgers and not self.knows_end(said):
            self.ledgers[said.number] = Ledger(self._counts, said.items)

    def began(self, said: Said) -> None:
        """A run has begun, as some device of the session was told."""
        if not self.knows_end(said):
            self._seer.began(said)

    def end(self, said: Said, reason: str, at: float) -> None:
        """The device was told that a run is over."""
        for _ in range(self.waits.swallowed(said)):
            self._terms.tally.error("steer: taken, and never told what became of it")
        ledger = self._ledger_of(said)
        for number in self._terms.numbering.rest(ledger.tail):
            self._word(said, ledger, number, False, at)
        ledger.tail = ""
        self._watched(lambda: self._settle(said, ledger, reason), f"run {said.number} ended {reason}")
        self._done |= 1 << said.number
        self._telling = None if self._telling is said else self._telling
        self.ledgers = {n: one for n, one in self.ledgers.items() if not one.ended or one is ledger}
        self.disarm()
        self.waits.ended(said, at)
        self._seer.told_end(said, at)

    def restate(self, said: Said, text: str, ending: str | None, at: float) -> None:
        """What is shown of a run is replaced as a whole: none of its words is live."""
        ledger = self._ledger_of(said)
        self._high = max(self._high, ledger.expected - 1)
        ledger.restate()
        for number in self._words_in(ledger, text, False):
            self._word(said, ledger, number, False, at)
        if ending is not None:
            self.end(said, ending, at)

    def catch_up(self, at: float) -> None:
        """The device has everything that was said."""
        self._live = True
        self.waits.caught_up(at)
        self._seer.caught_up(at)

    def _settle(self, said: Said, ledger: Ledger, reason: str) -> None:
        if said.excused:
            ledger.ended = reason
            self._counts.runs += 1
            return
        again = bool(ledger.ended)
        ledger.end(reason, wrong=not again and said.wrong_end(reason, self._terms.may_supersede))
        if reason == "stopped" and not again:
            self._counts.lost += said.cut_short(ledger.expected - 1)

    def _ledger_of(self, said: Said) -> Ledger:
        self._room.accept(said)
        ledger = self.ledgers.get(said.number)
        if ledger is None and self.knows_end(said):
            return Ledger(self._counts, said.items, said.items + 1, "ended")  # whatever comes now is one too many
        if ledger is None:
            unpromised = self._newcomer and not self._terms.strict
            ledger = self.ledgers[said.number] = Ledger(self._counts, said.items, 0 if unpromised else 1)
        return ledger

    # -- words ----------------------------------------------------------------------------------------------------

    def text(self, said: Said | None, text: str, replayed: bool, at: float) -> None:
        """A piece of an answer. replayed: the device has had the item already, by its cursor."""
        if said is None:
            self._watched(lambda: self._foreign(text), "text of a run that nobody asked for")
            return
        ledger = self._ledger_of(said)
        for number in self._words_in(ledger, text, replayed):
            if self._word(said, ledger, number, replayed, at) and (self._live or self._now_live(said, number, at)):
                self._live_word(said, ledger, number, at)

    def _words_in(self, ledger: Ledger, text: str, replayed: bool) -> list[int]:
        """Numbers of the words that this piece completes. A piece that is sent again completes nothing."""
        if replayed:
            return self._terms.numbering.split("", f"{text} ")[0]
        numbers, ledger.tail = self._terms.numbering.split(ledger.tail, text)
        return numbers

    def _word(self, said: Said, ledger: Ledger, number: int, replayed: bool, at: float) -> bool:
        """True when the device has never had it."""
        if ledger.expected == 0 and number:
            ledger.expected = number  # it joined in the middle, and nobody promised it the beginning
        if number == ledger.expected:
            new = ledger.word(number)
        else:
            new = self._watched(lambda: ledger.word(number, replayed=replayed), f"word {number} of run {said.number}")
        if new and number > self._high:
            self.waits.news(said, at)
            return True
        return False

    def _now_live(self, said: Said, number: int, at: float) -> bool:
        """Where nothing marks the end of history: it is over when the device has what was due when it came. The word
        that says so may have been said long before."""
        due = 0 if self._terms.marks else said.due(self._opened)
        if self._terms.marks or number < due:
            return False
        self.catch_up(at)
        return number > due

    def _live_word(self, said: Said, ledger: Ledger, number: int, at: float) -> None:
        late = at - said.base - number * said.pace
        if late < 0:
            said.base, late = at - number * said.pace, 0.0
        self._late.append(late)
        if said.too_late(at, self._opened, self._terms.budget_s) and not self._seer.slow:
            self._watched(self._after_stop, f"word {number} of run {said.number} came after its stop")
        quiet = not (said.stop_asked or ledger.missing or ledger.tail)
        if quiet and self.waits.idle and said.id:
            self._remember_words()
            self._armed, self._current, self._ledger, self._since = said.id, said, ledger, ledger.expected

    def _after_stop(self) -> None:
        self._counts.after_stop += 1

    def _unanswered(self) -> None:
        self._counts.unanswered += 1

    def _foreign(self, text: str) -> None:
        self._counts.foreign += len(text.split())

    # -- what is kept for the report ------------------------------------------------------------------------------

    def remember(self, raw: bytes) -> None:
        """Keep what came, for the case that something turns out to be wrong."""
        self._remember_words()
        self._seen.append(raw[-KEPT_BYTES:])

    def _remember_words(self) -> None:
        """Of what took the short way it is enough to keep which words that were."""
        ledger, said = self._ledger, self._current
        if ledger is not None and said is not None and ledger.expected > self._since:
            words = f"(words {self._since} to {ledger.expected - 1} of run {said.number}, each as it should be)"
            self._seen.append(words.encode())
            self._since = ledger.expected

    def _watched(self, change: Callable[[], bool | None], what: str) -> bool:
        """Make a change that may be a fault; the first fault of a device is kept with what it had seen."""
        before = self._counts.faults
        found = bool(change())
        if not self._sampled and self._counts.faults > before:
            self._sampled = True
            self._terms.sample(self._seer.number, self._room.id, what, self._seen)
        return found
