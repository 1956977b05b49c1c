"""One device of a load: a seat of the plan, its acts, and what it makes of the answers.

Every act counts from its intended instant. What goes wrong on the way is tried again, later and later; the clock of the
delay that is measured does not start over.
"""

from __future__ import annotations

from time import monotonic

from ..adapters.base import Answer, Call, Item, Message, Operation, Unsupported, View
from ..event import Phase
from .churn import Act, Seat
from .commands import Command, Commands
from .ground import Ground
from .line import Line
from .reading import Reading
from .room import Room, Said
from .sight import Sight
from .storms import StormTally
from .timers import Timer
from .waits import LONG_S
from .wire.conn import Sink


class LoadDevice:
    """Times: monotonic seconds, unless they are of the plan (`…_s`)."""

    __slots__ = (
        "_asking", "_away", "_back_at", "_commands", "_followed", "_ground", "_joined", "_line", "_reading", "_return",
        "_room", "_storm", "asks", "number", "present", "sight", "slow", "waits",
    )  # fmt: skip

    def __init__(self, seat: Seat, room: Room, ground: Ground) -> None:
        self.number, self.asks, self.slow = seat.device, seat.asks, seat.slow
        self._room, self._ground = room, ground
        self.sight = Sight(room, ground.terms, self)
        self.waits = self.sight.waits
        self._commands = Commands(ground, room, self)
        self._line = Line(ground, seat.device, self, slow=seat.slow)
        self.present = self._away = self._joined = False
        self._followed: Said | None = None  # the run whose stream it holds or wants, where every run has its own
        self._asking: Command | None = None  # the prompt whose response is the stream
        self._reading: Reading | None = None
        self._return: Timer | None = None
        self._back_at = 0.0
        self._storm: StormTally | None = None

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

    # -- coming and going -----------------------------------------------------------------------------------------

    def began(self, said: Said) -> None:
        """A run has begun: where every run has its own stream, a device that only watches opens that."""
        if self._ground.terms.traits.subscribes or not self._free():
            return
        self._followed, self._joined = said, False
        if not self._away:
            self.waits.join(monotonic())
            self.connect()

    def connect(self) -> None:
        """Open the stream: for the first time, or again."""
        adapter, view = self._ground.terms.adapter, self.view(self._followed)
        operation: Operation = "resume" if self._joined else "join"
        step = adapter.resume(view) if self._joined else adapter.join(view)
        if isinstance(step, Unsupported) and self._joined:
            if self._may_ask_again():
                return
            self._ground.terms.tally.error("resume: unsupported")
            self.waits.forget()
            self._storm = None  # it never comes back
            operation, step = "join", adapter.join(view) if adapter.traits.subscribes else step
        if why := self._line.open(operation, step):
            self._give_up("" if operation == "join" and self._joined else f"{operation}: {why}")

    def _free(self) -> bool:
        """Can it open the stream of another run? One whose run is over is let go, if the target has not closed it."""
        if not self._line.idle and self._followed is not None and self.sight.knows_end(self._followed):
            self._line.cut("fin")
            self._interrupted()
        return self._line.idle

    def _has_stream(self) -> bool:
        """Does it hold a stream, or want one?"""
        return self._ground.terms.traits.subscribes or self._unfinished()

    def _unfinished(self) -> bool:
        return self._followed is not None and not self.sight.knows_end(self._followed)

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

    def _may_ask_again(self) -> bool:
        """It was cut before it learned the name of its run: the same prompt again leads back to it, by its key."""
        said = self._followed
        if said is None or said.id is not None or not self.asks or not self._ground.terms.traits.prompt_key:
            return False
        self._followed = None
        self._commands.doubt(Command("prompt", said, said.intended, tries=1))
        return True

    def _give_up(self, error: str) -> None:
        """There is no way back to the stream."""
        if error:
            self._ground.terms.tally.error(error)
        self.waits.forget()
        self._followed = None
        self._commands.flush()

    def _interrupted(self) -> None:
        """Its stream is gone."""
        self.sight.interrupt()
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        if self._asking is not None:
            asking, self._asking = self._asking, None
            if self._ground.terms.traits.prompt_key:
                self._followed = None  # asking again leads to it
            self._commands.doubt(asking)

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

    # -- its stream, as the line tells it -------------------------------------------------------------------------

    def sink(self, *, framed: bool) -> Sink:
        """Where what comes is read."""
        return self.sight.message if framed else self.sight.feed

    def opened(self, operation: Operation, answer: Answer, at: float) -> None:
        """The target has begun to stream."""
        self.sight.begin(operation, self._followed, at)
        if self._asking is not None:
            asking, self._asking = self._asking, None
            self._commands.done(asking, answer, at)

    def up(self) -> None:
        """The stream stands."""
        self._joined = True
        if not (self._ground.terms.marks or self._followed or self.sight.open_runs):
            self.sight.catch_up(monotonic())  # nothing goes on, and nothing would tell
        self._commands.flush()

    def nothing(self) -> None:
        """There is nothing to stream: what was said meanwhile is in the transcript, if there is one."""
        self.sight.interrupt()
        step = self._ground.terms.adapter.read(self.view(self._followed))
        if isinstance(step, Call):
            self._reading = Reading(self._ground, step, self.number, self._read)
        else:
            self._read(())

    def refused(self, operation: Operation, answer: Answer, retry_after: str) -> None:
        """Its stream could not be opened."""
        self.sight.interrupt()
        if self._asking is not None:
            asking, self._asking, self._followed = self._asking, None, None
            self._commands.unanswered(asking, answer, monotonic())
            return
        self._ground.terms.tally.error(f"{operation}: {answer.value.get('error')}")
        self._ground.terms.tally.refused += 1
        if self._storm is not None:
            self._storm.refused += 1
        self._line.retry(self._ground.backoff(self._line.tries, retry_after))

    def lost(self, how: str, at: float) -> None:
        """Its stream ended, and we did not cut it."""
        if how.startswith("clean"):
            self.sight.finish(at)
        self.sight.interrupt()
        self._commands.lost()
        if not self._has_stream():
            self._commands.flush()
            return
        self._ground.terms.tally.error(f"closed by the target: {how}")
        self._ground.terms.tally.resumes += 1
        self.waits.resume(at)
        self._line.retry(self._ground.backoff(self._line.tries) if self._line.tries else 0.0)

    def replied(self, item: Item, at: float) -> None:
        """A REPLY came."""
        if not self._line.granted(item):
            self._commands.replied(item, at)

    def caught_up(self, at: float) -> None:
        """It has everything that was said."""
        self._line.tries = 0
        if self._storm is not None:
            self._storm.caught_up(at)
            self._storm = None

    def told_end(self, said: Said, at: float) -> None:
        """It was told that a run is over: a prompt that had to wait for that may go out."""
        if not self._commands.idle:
            self._commands.postpone(at)
            self._ground.loop.call_soon(self._commands.flush)

    def _read(self, messages: tuple[Message, ...]) -> None:
        self._reading = None
        self.sight.shown(messages, monotonic())
        self._followed = None
        self._commands.flush()

    # -- what its commands need -----------------------------------------------------------------------------------

    def view(self, said: Said | None) -> View:
        """What it knows, for a request about this run."""
        return View(self._room.id, said.id if said else None, self.sight.cursor, f"device-{self.number}")

    def knows_end(self, said: Said) -> bool:
        """Was it told that this run is over?"""
        return self.sight.knows_end(said)

    def busy(self) -> bool:
        """Is it being answered?"""
        return self.sight.being_told or bool(self._commands.waiting)

    def reachable(self) -> bool:
        """Is it on the network?"""
        return self.present and not self._away

    def send(self, text: str) -> bool:
        """Send a frame on its open socket; False when there is none."""
        return self._line.send(text)

    def ask(self, step: Call, command: Command) -> bool:
        """Send a prompt whose response is the stream; False while it is busy with another answer."""
        if self._reading or not self._free():
            return False
        self._followed, self._asking = command.said, command
        command.tries += 1
        if why := self._line.open("prompt", step):
            self.refused("prompt", Answer(Phase.FAIL, {"error": why}), "")
        return True

    def hang_up_on(self, said: Said) -> None:
        """Stop a run in the only way there is."""
        if said is self._followed or self._ground.terms.traits.subscribes:
            self._line.cut("fin")
            self._interrupted()
        self.waits.forget()
        self.sight.end(said, "stopped", monotonic())
        if self._ground.terms.traits.subscribes:
            self.connect()
