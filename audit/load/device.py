"""One device of a load: a seat of the plan, its acts, and the one stream it holds.

Every act counts from its intended instant. What goes wrong on the way is tried again, later and later; the clock of the
delay that is measured does not start over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from time import monotonic

from ..adapters.base import Call, Dial, Item, Message, Operation, Step, Unsupported, View
from ..errors import AuditError
from ..event import Phase
from .churn import Act, Cut, Seat
from .commands import ANSWER_S, Command, Commands
from .ground import Ground
from .reading import Reading
from .room import Room, Said
from .sight import Sight
from .slow import RECEIVE_BUFFER, SlowReading
from .storms import StormTally
from .waits import LONG_S
from .wire.conn import Conn, Sink
from .wire.websocket import WebSocket


class LoadDevice:
    """Times: monotonic seconds, unless they are of the plan (`…_s`)."""

    __slots__ = (
        "_asking", "_away", "_back_at", "_commands", "_conn", "_followed", "_ground", "_joined", "_left",
        "_open", "_operation", "_reply", "_room", "_since", "_slow_reading", "_storm", "_timer", "_tries",
        "asks", "number", "present", "sight", "slow", "waits",
    )  # fmt: skip

    def __init__(self, seat: Seat, room: Room, ground: Ground) -> None:
        self.number, self.asks, self.slow = seat.device, seat.asks, seat.slow
        self._room, self._ground = room, ground
        self.sight = Sight(room, ground.terms, self)
        self.waits = self.sight.waits
        self._commands = Commands(ground, room, self)
        self._slow_reading = SlowReading(ground) if seat.slow else None
        self.present = self._away = self._open = self._joined = False
        self._conn: Conn | None = None
        self._left: Conn | None = None  # the socket of a network that went away
        self._operation: Operation = "join"
        self._followed: Said | None = None
        self._asking: Command | None = None  # the prompt whose response is the stream
        self._reply: str | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._tries = 0
        self._since = self._back_at = 0.0
        self._storm: StormTally | None = None

    # -- acts of the plan -----------------------------------------------------------------------------------------

    def arrive(self, intended: float) -> None:
        """It is there, and opens the session."""
        self.present = True
        traits = self._ground.terms.traits
        if self.asks or traits.observable:
            self._room.sights.append(self.sight)
        if traits.subscribes:
            self.waits.join(intended)
            self._connect()

    def prompt(self, number: int, intended: float) -> None:
        """It asks; while it is away, as soon as it is back: the question moves to then."""
        terms = self._ground.terms
        key = f"{self._room.id}-{number}"
        said = Said(number, key, terms.numbering.items, terms.pace, intended)
        self._commands.add(Command("prompt", said, intended))

    def stop(self, number: int, intended: float) -> None:
        """It stops the run of its prompt of this number, if that is still going on."""
        said = self._room.runs.get(number)
        if said is not None and not said.refused and not self.sight.knows_end(said):
            self._commands.add(Command("stop", said, intended))

    def drop(self, act: Act, intended: float, storm: StormTally | None) -> None:
        """Its network goes away, and comes back `away_s` later."""
        self._forget_timer()
        now = monotonic()
        self.waits.cut(now)
        self._weather(storm, now)
        self._excuse()
        self._let_go(act.cut)
        self._commands.cut(act.cut)
        self._away, self._back_at = True, intended + act.away_s
        self._timer = self._ground.at(self._back_at, self._come_back)

    def leave(self, intended: float) -> None:
        """The user closes it; another one takes its seat and opens the session without memory."""
        self._forget_timer()
        self._let_go("fin")
        self._drop_left()
        self._commands.cut("fin")
        self.sight.forget()
        self._weather(None, monotonic())
        self._away = self._joined = False
        self._storm, self._followed, self._tries = None, None, 0
        if self._ground.terms.traits.subscribes:
            self.waits.join(intended)
            self._connect()
        elif self._room.current is not None and self._ground.terms.traits.observable:
            self.began(self._room.current)

    def watch(self, now: float) -> None:
        """Give up on answers that do not come."""
        self._commands.watch(now)
        if self._conn is not None and not self._open and now - self._since > ANSWER_S:
            self._refused("no answer")

    def close(self, *, judge: bool) -> None:
        """The load is over."""
        self._forget_timer()
        self._let_go("fin")
        self._drop_left()
        self.sight.close(judge=judge)

    @property
    def settled(self) -> bool:
        """Is there nothing more that it waits for, or could still get?"""
        if self._away or self._timer is not None or not self._commands.idle:
            return False
        return self._conn is None or (self._open and not self.sight.open_runs and not self.waits.returning)

    # -- coming and going -----------------------------------------------------------------------------------------

    def began(self, said: Said) -> None:
        """A run has begun: where every run has its own stream, a device that only watches opens that."""
        if self._ground.terms.traits.subscribes or not self._free():
            return
        self._followed, self._joined = said, False
        if not self._away:
            self.waits.join(monotonic())
            self._connect()

    def _free(self) -> bool:
        """Can it open the stream of another run? One whose run is over is let go, if the target has not closed it."""
        if self._conn is not None and self._followed is not None and self.sight.knows_end(self._followed):
            self._let_go("fin")
        return self._conn is None and (self._timer is None or self._away)

    def _weather(self, storm: StormTally | None, now: float) -> None:
        """It is cut again before it was back from a storm: by its own doing that is, unless it had tried for long."""
        if self._storm is not None and now - self._back_at < LONG_S:
            self._storm.cut -= 1
            self._storm = None
        if storm is not None and self._has_stream():
            storm.cut += 1
            self._storm = storm

    def _has_stream(self) -> bool:
        """Does it hold a stream, or want one?"""
        return self._ground.terms.traits.subscribes or self._unfinished()

    def _come_back(self, intended: float) -> None:
        self._timer, self._away, self._tries = None, False, 0
        self._drop_left()
        self._commands.postpone(intended)
        if self._has_stream() and self._asking is None:
            self._ground.terms.tally.resumes += 1
            if self._joined:
                self.waits.resume(intended)
            elif not self.waits.returning:
                self.waits.join(intended)
            self._connect()
        self._commands.flush()

    def _unfinished(self) -> bool:
        return self._followed is not None and not self.sight.knows_end(self._followed)

    def _connect(self) -> None:
        """Open the stream: for the first time, or again."""
        adapter, view = self._ground.terms.adapter, self.view(self._followed)
        self._operation = "resume" if self._joined else "join"
        step = adapter.resume(view) if self._joined else adapter.join(view)
        if isinstance(step, Unsupported) and self._joined and adapter.traits.subscribes:
            self._ground.terms.tally.error("resume: unsupported")
            self.waits.forget()
            self._storm = None  # it never comes back
            self._operation, step = "join", adapter.join(view)
        if isinstance(step, Unsupported) and self._may_ask_again():
            return
        self._open_stream(step)

    def _may_ask_again(self) -> bool:
        """It was cut before it learned the name of its run: the same prompt again leads back to it, by its key."""
        said = self._followed
        if said is None or said.id is not None or not self.asks or not self._ground.terms.traits.prompt_key:
            return False
        self._commands.doubt(Command("prompt", said, said.intended, tries=1))
        return True

    def _open_stream(self, step: Step) -> None:
        place = self._ground.dialer.place
        self._since = monotonic()
        try:
            if isinstance(step, Dial):
                conn: Conn = place.dial(self, step)
                self._reply = step.reply
            elif isinstance(step, Call):
                conn, self._reply = place.call(self, step), None
            else:
                self._give_up(f"{self._operation}: unsupported")
                return
        except AuditError as error:
            self._give_up(f"{self._operation}: {error}")
            return
        self._conn, self._open = conn, False
        self._ground.dialer.open(conn, self.number, RECEIVE_BUFFER if self.slow else 0)

    def _give_up(self, error: str) -> None:
        """There is no way back to the stream."""
        self._ground.terms.tally.error(error)
        self.waits.forget()
        self._followed = None
        self._commands.flush()

    def _let_go(self, how: Cut) -> None:
        conn, self._conn, self._open = self._conn, None, False
        if conn is not None:
            conn.cut(how)
            self._drop_left()
            self._left = conn
        if self._asking is not None:
            self._commands.doubt(self._asking)
            self._asking = None
        self.sight.interrupt()
        if self._slow_reading is not None:
            self._slow_reading.stop()

    def _drop_left(self) -> None:
        if self._left is not None:
            self._left.hang_up()
            self._left = None

    def _forget_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _excuse(self) -> None:
        """Where closing is declared to cancel, a run whose device is cut may end in any way."""
        if self.asks and self._ground.terms.drop_cancels:
            for number in self.sight.open_runs:
                self._room.runs[number].excused = True

    # -- its stream, as the wire tells it -------------------------------------------------------------------------

    def answered(self, conn: Conn, status: int, headers: Mapping[str, str], body: bytes) -> Sink | None:
        """The target answered the request for the stream."""
        if conn is not self._conn:
            return None
        answer = self._ground.terms.adapter.answer(self._operation, status, headers, body)
        if answer.phase is not Phase.OK and self._asking is not None:
            asking, self._asking, self._followed = self._asking, None, None
            self._conn = None
            self._commands.done(asking, answer, monotonic())
            self._commands.flush()
            return None
        if answer.phase is not Phase.OK:
            self._refused(str(answer.value.get("error")), headers.get("retry-after", ""))
            return None
        if not answer.streaming:
            self._nothing()
            return None
        now = monotonic()
        self.sight.begin(self._operation, self._followed, now)
        if self._asking is not None:
            asking, self._asking = self._asking, None
            self._commands.done(asking, answer, now)
        if self._reply is None:
            self._up()
        return self.sight.message if isinstance(conn, WebSocket) else self.sight.feed

    def closed(self, conn: Conn, how: str) -> None:
        """The stream is over, and we did not cut it."""
        if conn is not self._conn:
            return
        if not self._open:
            self._refused(how)
            return
        now = monotonic()
        if how.startswith("clean"):
            self.sight.finish(now)
        self._conn, self._open = None, False
        self.sight.interrupt()
        self._commands.lost()
        if not self._ground.terms.traits.subscribes and not self._unfinished():
            self._commands.flush()
            return
        self._ground.terms.tally.error(f"closed by the target: {how}")
        self._ground.terms.tally.resumes += 1
        self.waits.resume(now)
        self._retry(self._ground.backoff(self._tries) if self._tries else 0.0)

    def replied(self, item: Item, at: float) -> None:
        """A REPLY came."""
        if item.data.get("reply") != self._reply or self._open:
            self._commands.replied(item, at)
        elif item.data.get("ok"):
            self._up()
        else:
            self._refused(str(item.data.get("error") or item.data.get("code")))

    def caught_up(self, at: float) -> None:
        """It has everything that was said."""
        self._tries = 0
        if self._storm is not None:
            self._storm.caught_up(at)
            self._storm = None

    def told_end(self, said: Said, at: float) -> None:
        """It was told that a run is over: a prompt that had to wait for that may go out."""
        if not self._commands.idle:
            self._commands.postpone(at)
            self._ground.loop.call_soon(self._commands.flush)

    def _up(self) -> None:
        """The stream stands."""
        self._open = self._joined = True
        if self._slow_reading is not None and self._conn is not None:
            self._slow_reading.start(self._conn)
        if not (self._ground.terms.marks or self._followed or self.sight.open_runs):
            self.sight.catch_up(monotonic())  # nothing goes on, and nothing would tell
        self._commands.flush()

    def _nothing(self) -> None:
        """Nothing to stream, says the target: what was said meanwhile is in the transcript, if there is one."""
        self._conn = None
        step = self._ground.terms.adapter.read(self.view(self._followed))
        if isinstance(step, Call):
            reading = Reading(self._ground, self._read)
            self._ground.dialer.open(self._ground.dialer.place.call(reading, step), self.number)
        else:
            self._read(())

    def _read(self, messages: tuple[Message, ...]) -> None:
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
        if not self._open or not isinstance(self._conn, WebSocket):
            return False
        self._conn.send(text)
        return True

    def ask(self, step: Call, command: Command) -> bool:
        """Send a prompt whose response is the stream; False while it is busy with another answer."""
        if not self._free():
            return False
        self._followed, self._asking, self._operation = command.said, command, "prompt"
        command.tries += 1
        self._open_stream(step)
        return True

    def hang_up_on(self, said: Said) -> None:
        """Stop a run in the only way there is."""
        if said is self._followed or self._ground.terms.traits.subscribes:
            self._let_go("fin")
        self.waits.forget()
        self.sight.end(said, "stopped", monotonic())

    def _refused(self, error: str, retry_after: str = "") -> None:
        conn, self._conn, self._open = self._conn, None, False
        if conn is not None:
            conn.hang_up()
        self._ground.terms.tally.error(f"{self._operation}: {error}")
        if self._asking is not None:
            asking, self._asking, self._followed = self._asking, None, None
            self._commands.retry(asking, error)
            return
        self._ground.terms.tally.refused += 1
        if self._storm is not None:
            self._storm.refused += 1
        self._retry(self._ground.backoff(self._tries, retry_after))

    def _retry(self, wait: float) -> None:
        self._tries += 1
        self._timer = self._ground.at(monotonic() + wait, self._try_again)

    def _try_again(self, _: float) -> None:
        self._timer = None
        self._connect()
