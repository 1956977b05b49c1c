"""One device of a load: a seat of the plan, its acts, and the one stream it holds.

Every act counts from its intended instant. What goes wrong on the way is tried again, later and later; the clock of the
delay that is measured does not start over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from time import monotonic

from ..adapters.base import Answer, Call, Dial, Item, Operation, Step, Unsupported, View
from ..errors import AuditError
from ..event import Phase
from .churn import Act, Seat
from .commands import ANSWER_S, Command, Commands
from .ground import Ground
from .room import Room, Said
from .sight import Sight
from .slow import RECEIVE_BUFFER, SlowReading
from .storms import StormTally
from .wire.conn import Conn, Sink
from .wire.websocket import WebSocket


class LoadDevice:
    """Times: monotonic seconds, unless they are of the plan (`…_s`)."""

    __slots__ = (
        "_away", "_commands", "_conn", "_followed", "_ground", "_joined", "_left", "_open", "_operation", "_reply",
        "_room", "_since", "_slow_reading", "_storm", "_timer", "_tries", "asks", "number", "present", "sight", "slow",
        "waits",
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
        self._reply: str | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._tries = 0
        self._since = 0.0
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
        self.waits.cut(monotonic())
        self._storm = storm
        if storm is not None and self._has_stream():
            storm.cut += 1
        self._excuse()
        self._let_go(act)
        self._commands.cut(act.cut)
        self._away = True
        self._timer = self._ground.at(intended + act.away_s, self._come_back)

    def leave(self, intended: float) -> None:
        """The user closes it; another one takes its seat and opens the session without memory."""
        self._forget_timer()
        self._let_go(Act(0.0, self.number, "leave"))
        self._drop_left()
        self._commands.cut("fin")
        self.sight.forget()
        self._away = self._joined = False
        self._storm, self._followed, self._tries = None, None, 0
        self.waits.join(intended)
        self._connect()

    def watch(self, now: float) -> None:
        """Give up on answers that do not come."""
        self._commands.watch(now)
        if self._conn is not None and not self._open and now - self._since > ANSWER_S:
            self._refused("no answer")

    def close(self, *, judge: bool) -> None:
        """The load is over."""
        self._forget_timer()
        self._let_go(Act(0.0, self.number, "leave"))
        self._drop_left()
        self.sight.close(judge=judge)

    @property
    def settled(self) -> bool:
        """Is there nothing more that it waits for, or could still get?"""
        if self._away or self._timer is not None or not self._commands.idle:
            return False
        return self._conn is None or (self._open and not self.sight.open_runs and not self.waits.returning)

    # -- coming and going -----------------------------------------------------------------------------------------

    def follow(self, said: Said) -> None:
        """A run that it can only watch has begun, in a protocol where every run has its own stream."""
        if self._conn is None and self.present and not self._away:
            self._followed, self._joined = said, False
            self.waits.join(monotonic())
            self._connect()

    def _has_stream(self) -> bool:
        """Does it hold a stream, or try to?"""
        return self._conn is not None or self._timer is not None or self._ground.terms.traits.subscribes

    def _come_back(self, intended: float) -> None:
        self._timer, self._away, self._tries = None, False, 0
        self._drop_left()
        if self._ground.terms.traits.subscribes or self._unfinished():
            self._ground.terms.tally.resumes += 1
            if self._joined:
                self.waits.resume(intended)
            self._connect()
        elif self._storm is not None:
            self._storm.caught_up(monotonic())
            self._storm = None
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
            self._operation, step = "join", adapter.join(view)
        self._open_stream(step)

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

    def _let_go(self, act: Act) -> None:
        conn, self._conn, self._open = self._conn, None, False
        if conn is not None:
            conn.cut(act.cut)
            self._drop_left()
            self._left = conn
        self.sight.disarm()
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
        if answer.phase is not Phase.OK:
            self._refused(str(answer.value.get("error")), headers.get("retry-after", ""))
            return None
        if not answer.streaming:
            self._nothing()
            return None
        now = monotonic()
        self.sight.begin(self._operation, self._followed, now)
        if self._operation == "prompt" and self._followed is not None:
            self._room.accept(self._followed)
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
        self._commands.lost()
        if not self._ground.terms.traits.subscribes and not self._unfinished():
            self._commands.flush()
            return
        self._ground.terms.tally.error(f"closed by the target: {how}")
        self._ground.terms.tally.resumes += 1
        self.waits.resume(now)
        self._retry()

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

    def told_end(self, said: Said) -> None:
        """It was told that a run is over: where the stream was the run's, the next prompt may go out."""
        if said is self._followed:
            self._ground.loop.call_soon(self._commands.flush)

    def _up(self) -> None:
        """The stream stands."""
        self._open = self._joined = True
        if self._slow_reading is not None and self._conn is not None:
            self._slow_reading.start(self._conn)
        self._commands.flush()

    def _nothing(self) -> None:
        """There is nothing to stream, says the target."""
        self._conn = None
        self.sight.caught_up_with_nothing(monotonic())
        self._followed = None

    def _refused(self, error: str, retry_after: str = "") -> None:
        conn, self._conn, self._open = self._conn, None, False
        if conn is not None:
            conn.hang_up()
        self._ground.terms.tally.error(f"{self._operation}: {error}")
        if self._operation == "prompt":
            self._prompt_refused()
            return
        self._ground.terms.tally.refused += 1
        if self._storm is not None:
            self._storm.refused += 1
        self._retry(retry_after)

    def _retry(self, retry_after: str = "") -> None:
        wait = self._ground.backoff(self._tries, retry_after) if self._tries or retry_after else 0.0
        self._tries += 1
        self._timer = self._ground.at(monotonic() + wait, self._try_again)

    def _try_again(self, _: float) -> None:
        self._timer = None
        self._connect()
