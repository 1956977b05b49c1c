"""One device of a load: a seat of the plan, and its acts. Every act counts from its intended instant."""

from __future__ import annotations

from time import monotonic

from .churn import Act, Seat
from .command import Command
from .follower import Follower
from .ground import Ground
from .room import Room, Said
from .storms import StormTally
from .timers import Timer
from .waits import LONG_S


class LoadDevice(Follower):
    """Times: monotonic seconds, unless they are of the plan (`…_s`)."""

    __slots__ = ("_back_at", "_return")

    def __init__(self, seat: Seat, room: Room, ground: Ground) -> None:
        super().__init__(seat, room, ground)
        self._return: Timer | None = None
        self._back_at = 0.0

    # -- acts of the plan -----------------------------------------------------------------------------------------

    def arrive(self, intended: float) -> None:
        """It is there, and opens the session."""
        self.present = True
        traits = self._ground.terms.traits
        if self.asks or traits.observable:
            self._room.accounts.append(self.sight)
        if traits.subscribes:
            self.waits.join(intended)
            self.connect()

    def prompt(self, number: int, intended: float) -> None:
        """It asks; while it is away, as soon as it is back: the question moves to then."""
        terms = self._ground.terms
        said = Said(number, f"{self._room.id}-{number}", terms.numbering.items, terms.pace, intended)
        self._commands.add(Command("prompt", said, intended))

    def stop(self, number: int, intended: float) -> None:
        """It stops the run of its prompt of this number, if that is still going on."""
        said = self._room.runs.get(number)
        if said is not None and not said.refused and not self.sight.knows_end(said):
            self._commands.add(Command("stop", said, intended))

    def steer(self, number: int, intended: float) -> None:
        """It wishes something of the run of its prompt of this number, if that is known and still going on."""
        said = self._room.runs.get(number)
        if said is not None and said.id is not None and not said.refused and not self.sight.knows_end(said):
            self._commands.add(Command("steer", said, intended))

    def drop(self, act: Act, intended: float, storm: StormTally | None) -> None:
        """Its network goes away, and comes back `away_s` later."""
        now = monotonic()
        self._forget_return()
        self.waits.cut(now)
        self._weather(storm, now)
        if self.asks and self._ground.terms.drop_cancels:
            for number in self.sight.open_runs:
                self._room.runs[number].excused = True  # closing is declared to cancel: it may end in any way now
        self._line.cut(act.cut)
        self._commands.cut(act.cut)
        self._interrupted()
        self._away, self._back_at = True, intended + act.away_s
        self._return = self._ground.at(self._back_at, self._come_back)

    def leave(self, intended: float) -> None:
        """The user closes it; another one takes its seat and opens the session without memory."""
        self._weather(None, monotonic())
        self._close()
        self.sight.forget()
        self._away = self._joined = False
        self._storm = self._followed = None
        self._line.tries = 0
        if self._ground.terms.traits.subscribes:
            self.waits.join(intended)
            self.connect()
        elif self._room.current is not None and self._ground.terms.traits.observable:
            self.began(self._room.current)

    def watch(self, now: float) -> None:
        """Give up on answers that do not come."""
        self._commands.watch(now)
        self._line.watch(now)

    def close(self, *, judge: bool) -> None:
        """The load is over."""
        answered = self._answered
        self._close()
        self.sight.close(judge=judge, answered=answered)

    @property
    def settled(self) -> bool:
        """Is there nothing more that it waits for, or could still get?"""
        if self._away or self._reading or not self._commands.idle:
            return False
        return self._line.idle or (self._line.up and not self.sight.open_runs and not self.waits.returning)

    @property
    def _answered(self) -> bool:
        """Has it been let in, and told all that was said? So was a device to which its target offers no way back."""
        if self._away or self._reading:
            return False
        told = not (self._ground.terms.marks and self.waits.returning)
        return self._line.idle or (self._line.up and told)

    # -- away and back --------------------------------------------------------------------------------------------

    def _come_back(self, intended: float) -> None:
        self._return, self._away, self._line.tries = None, False, 0
        self._line.release()
        self._commands.postpone(intended)
        if self._has_stream():
            self._ground.terms.tally.resumes += 1
            if self._joined:
                self.waits.resume(intended)
            elif not self.waits.returning:
                self.waits.join(intended)
            self.connect()
        self._commands.flush()

    def _weather(self, storm: StormTally | None, now: float) -> None:
        """It is cut again before it was back from a storm: by its own doing that is, unless it had tried for long."""
        if self._storm is not None and now - self._back_at < LONG_S:
            self._storm.cut -= 1
            self._storm = None
        if storm is not None and self._has_stream():
            storm.cut += 1
            self._storm = storm

    def _forget_return(self) -> None:
        if self._return is not None:
            self._return.cancel()
            self._return = None

    def _close(self) -> None:
        self._forget_return()
        self._line.cut("fin")
        self._line.release()
        self._commands.cut("fin")
        self._interrupted()
