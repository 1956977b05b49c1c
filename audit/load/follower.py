"""A device that follows: it opens a stream, loses it and opens it again, until it has everything that was said.

What goes wrong on the way is tried again, later and later; the clock of the delay that is measured does not start over.
"""

from __future__ import annotations

from time import monotonic

from ..adapters.base import Answer, Call, Item, Message, Operation, Unsupported, View
from ..event import Phase
from .churn import Seat
from .command import Command
from .commands import Commands
from .ground import Ground
from .line import Line
from .reading import Reading
from .room import Room, Said
from .sight import Sight
from .storms import StormTally
from .wire.conn import Sink


class Follower:
    """A device on the network, as its line and its account see it. Times: monotonic seconds.

    present: its seat is taken; away: but it has no network.
    """

    __slots__ = (
        "_asking", "_away", "_commands", "_followed", "_ground", "_joined", "_line", "_name", "_reading", "_room",
        "_storm", "asks", "number", "present", "sight", "slow", "waits",
    )  # fmt: skip

    def __init__(self, seat: Seat, room: Room, ground: Ground) -> None:
        self.number, self.asks, self.slow = seat.device, seat.asks, seat.slow
        self._name = f"device-{seat.device}"
        self._room, self._ground = room, ground
        self.sight = Sight(room, ground.terms, self)
        self.waits = self.sight.waits
        self._commands = Commands(ground, room, self)
        self._line = Line(ground, seat.device, self, slow=seat.slow)
        self.present = self._away = self._joined = False
        self._followed: Said | None = None  # the run whose stream it holds or wants, where every run has its own
        self._asking: Command | None = None  # the prompt whose response is the stream
        self._reading: Reading | None = None
        self._storm: StormTally | None = None  # the one that it has to come back from

    # -- opening the stream -----------------------------------------------------------------------------------------

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

    def granted(self, reply: str) -> bool:
        """The subscription of this id was granted; False when it is none that is waited for."""
        return self._line.granted(reply)

    def replied(self, item: Item, at: float) -> None:
        """A REPLY came."""
        if not self._line.replied(item):
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
        return View(self._room.id, said.id if said else None, self.sight.cursor, self._name)

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
