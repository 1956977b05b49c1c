"""The runs of a session that are in the hands of workers: claimed, written, told what happens to them, ended.

A worker numbers what it writes, per agent: the producer is the run (or `run/agent`), its epoch the number of the claim,
its place part of the session's state. So what is repeated after a reconnect, also through another server, is known
here, and whoever holds an older claim is fenced. What happens to a run reaches its worker when it is durable.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import TypeAlias

from ..errors import Unavailable
from ..journal import Journal
from ..session import control, decide, history
from ..session.decide import Decision
from ..session.event import Data, Event
from ..session.producer import Fenced, OutOfSequence, Stamp
from ..session.run import State
from ..session.state import Run, SessionState
from ..settings import Settings
from .base import WINDOW, Hand, Wire, is_worker
from .pool import Pool
from .progress import known, named, producer, told

RESTARTED, LOST = "server restarted", "the worker was lost"
_CATCH_UP_S = 2.0  # behind another server

Command: TypeAlias = Callable[[Callable[[], Decision]], Awaitable[Decision]]

logger = logging.getLogger(__name__)


class Desk:
    """Of one session. command: appends what a decision says, deciding again where somebody else was first."""

    def __init__(
        self, session: str, state: SessionState, journal: Journal, settings: Settings, pool: Pool, command: Command
    ) -> None:
        self._session = session
        self._state = state
        self._journal = journal
        self._settings = settings
        self._pool = pool
        self._command = command
        self._hands: dict[str, Hand] = {}
        self._lost: set[str] = set()  # holders that are gone, whose runs another may go on with
        self._background: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()

    @property
    def busy(self) -> bool:
        """Something is being done about a run."""
        return bool(self._background)

    # -- what the session tells ------------------------------------------------------------------------------------

    def may_say(self, text: Event) -> bool:
        """The claim behind this text still counts, and nobody has written it yet."""
        run, stamp = self._state.active.get(text.run or ""), text.stamp
        if run is None or stamp is None or run.state is not State.RUNNING or run.claim != stamp.epoch:
            return False
        return self._state.producers.last(stamp.producer, stamp.epoch) < stamp.sequence

    def heard(self, events: Sequence[Event]) -> None:
        """What follows from events that are durable, whoever appended them."""
        self._acknowledge(events)
        self._news.set()
        looked = False
        for event in events:
            if event.kind != "text" and event.run is not None:
                self._react(event, self._state.runs[event.run])
                looked = looked or event.kind in ("user", "run-end")
        if looked:
            self.look()

    def look(self) -> None:
        """Offer the runs whose turn it is."""
        for run in decide.turns(self._state, self._settings.policy):
            self._pool.offer((self._session, run))

    def spread(self) -> None:
        """Let the workers of other servers know of what no worker here is free for."""
        if self._state.active:
            self._pool.spread((self._session, run) for run in self._state.active)

    def recovery(self, dead: Collection[str]) -> tuple[Event, ...]:
        """What becomes of the runs of these holders: ended, or offered to workers who go on where they were cut off."""
        if self._settings.lost_runs == "fail":
            workers = {holder for holder in dead if is_worker(holder)}
            servers = set(dead) - workers
            return (*decide.abandon(self._state, LOST, workers), *decide.abandon(self._state, RESTARTED, servers))
        self._lost.update(dead)
        begun = [run for run in self._state.active.values() if run.state is not State.QUEUED and run.holder in dead]
        for run in begun:
            if run.state is State.RUNNING:
                self._pool.offer((self._session, run.id))
        stopping = (run for run in begun if run.state is State.STOPPING)
        return tuple(event for run in stopping for event in decide.finish(self._state, run, State.STOPPED))

    def leave(self) -> None:
        """This copy of the session is not used any more: workers come back, and find another."""
        hands, self._hands = self._hands, {}
        for wire in {id(hand.wire): hand.wire for hand in hands.values()}.values():
            wire.leave()

    # -- what workers ask for --------------------------------------------------------------------------------------

    async def claim(self, run: str, worker: str, wanted: Callable[[], bool]) -> bool:
        """Give a waiting run to a worker, when that is durable; False when it is not to have. wanted: the worker still
        waits for the answer. Raises Unavailable."""

        def decided() -> Decision:
            if run not in self._state.runs or not wanted():
                return Decision((), run, known=True)
            return decide.claim(self._state, run, worker, self._settings.policy, self._lost)

        await self._command(decided)
        return self._holds(run, worker)

    async def caught_up(self, run: str, claim: int, last: Mapping[str, int]) -> None:
        """Return when this copy of the session knows what a worker was told on another server: its claim, and the last
        number of each agent that is durable. Raises Unavailable when that takes too long."""
        try:
            async with asyncio.timeout(_CATCH_UP_S):
                while not known(self._state, run, claim, last):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            if run in self._state.runs:  # else there is no such run any more
                raise Unavailable(f"session {self._session} is not up to date here") from None

    def attach(self, run_id: str, worker: str, wire: Wire, released: Callable[[], None], claim: int = 0) -> Hand | None:
        """Tell a worker about a run that it holds, from now on; None when it does not. claim: what it knows of it."""
        run = self._state.runs.get(run_id)
        if run is None or not self._holds(run_id, worker) or claim not in (0, run.claim):
            return None
        before = self._hands.get(run_id)
        taken = before.taken if before is not None and before.claim == run.claim else {}
        self._lost.discard(worker)
        self._hands[run_id] = hand = Hand(self._session, run, run.claim, worker, wire, released, taken)
        hand.send("held" if claim else "run", **told(self._state, run, whole=not claim))
        return hand

    def write(self, hand: Hand, sequence: int, text: str, agent: str) -> None:
        """Append a piece of an answer, once. Raises Fenced, OutOfSequence, or Unavailable."""
        self._check(hand)
        if hand.run.state is State.STOPPING:
            return  # the worker has been told
        stamp = Stamp(producer(hand.run.id, agent), hand.claim, sequence)
        durable = self._state.producers.last(stamp.producer, stamp.epoch)
        taken = max(durable, hand.taken.get(agent, 0))
        if sequence <= durable:
            hand.send("ack", seq=durable, **named(agent))
        if sequence <= taken:
            return
        if sequence != taken + 1 or sequence > durable + 2 * WINDOW:
            raise OutOfSequence(f"{stamp.producer}: {sequence} cannot follow {taken}, of which {durable} are durable")
        self._journal.write(Event("text", hand.run.id, {"text": text, **named(agent)}, stamp))
        hand.taken[agent] = sequence

    async def finish(self, hand: Hand, reason: State, error: str | None) -> None:
        """End a run whose agent is done. Raises Fenced or Unavailable."""
        self._check(hand)
        await self._end(hand, reason, error)

    async def ask(self, hand: Hand, id_: str, what: str) -> None:
        """Put a question to whoever uses the session; asked twice, it is one. Raises Fenced or Unavailable."""
        self._check(hand)
        asked = Event("approval-request", hand.run.id, {"id": id_, "what": what})

        def decided() -> Decision:
            new = id_ not in self._state.approvals and self._speaks(hand)
            return Decision((asked,) if new else (), hand.run.id)

        known = self._state.approvals.get(id_)
        if known is not None and not known.open:
            hand.send("approval", id=id_, granted=known.granted)
        await self._command(decided)

    async def answer(self, hand: Hand, steer: str, outcome: str) -> None:
        """Say what became of a steer, once. Raises Fenced or Unavailable."""
        self._check(hand)

        def decided() -> Decision:
            open_ = self._speaks(hand) and any(each.id == steer for each in self._state.unanswered(hand.run.id))
            return Decision((control.outcome(hand.run.id, steer, outcome),) if open_ else (), hand.run.id)

        await self._command(decided)

    def history(self, hand: Hand) -> list[Data]:
        """The conversation before the run."""
        return history.before(self._state, hand.run.id)

    # -- inside ----------------------------------------------------------------------------------------------------

    def _holds(self, run_id: str, worker: str) -> bool:
        run = self._state.active.get(run_id)
        return run is not None and run.state is not State.QUEUED and run.holder == worker

    def _speaks(self, hand: Hand) -> bool:
        return hand.run.state is State.RUNNING and hand.run.claim == hand.claim

    def _check(self, hand: Hand) -> None:
        if hand.run.claim != hand.claim or hand.run.state.ended:
            raise Fenced(f"run {hand.run.id} is {hand.run.state}, claim {hand.run.claim}")

    def _acknowledge(self, events: Sequence[Event]) -> None:
        """Numbers are dense, so the last of a batch stands for all before it."""
        last: dict[tuple[str, str], int] = {}
        for event in events:
            if event.stamp is not None:
                last[event.run or "", event.data.get("agent", "")] = event.stamp.sequence
        for (run, agent), sequence in last.items():
            hand = self._hands.get(run)
            if hand is not None:
                hand.send("ack", seq=sequence, **named(agent))

    def _react(self, event: Event, run: Run) -> None:
        hand = self._hands.get(run.id)
        if event.kind in ("run-start", "run-end"):
            self._pool.withdraw((self._session, run.id))
        if hand is None:
            if event.kind == "stop" and run.state is State.STOPPING and is_worker(run.holder):
                self._in_background(self._halt(run))  # its worker may be anywhere, or gone
            return
        match event.kind:
            case "run-start" if hand.claim != run.claim:
                self._release(hand, "fenced", claim=hand.claim)
            case "run-end":
                self._release(hand, "run-end", reason=event.data["reason"])
            case "stop":
                hand.send("stop")
                self._in_background(self._halt(run))
            case "steer":
                hand.send("steer", id=event.data["id"], text=event.data["text"])
            case "approval":
                hand.send("approval", id=event.data["id"], granted=event.data["granted"])

    def _release(self, hand: Hand, why: str, **fields: object) -> None:
        del self._hands[hand.run.id]
        hand.send(why, **fields)
        hand.released()

    async def _halt(self, run: Run) -> None:
        """A worker that does not end a stopped run in time has it ended: stopping never depends on who is stopped."""
        await asyncio.sleep(self._settings.grace_s)
        with suppress(Unavailable):
            await self._command(lambda: Decision(decide.finish(self._state, run, State.STOPPED), run.id))

    async def _end(self, hand: Hand, reason: State, error: str | None) -> None:
        def decided() -> Decision:
            mine = hand.run.claim == hand.claim
            return Decision(decide.finish(self._state, hand.run, reason, error) if mine else (), hand.run.id)

        await self._command(decided)

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
