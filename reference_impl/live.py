"""A session while the server runs: commands come in, agents write, devices listen.

What a command means is decided by the pure core (session/decide.py) on what is durable; the journal appends it, and
only what has been appended has effects: agents are started and called off, listeners are woken. So it does not matter
which server appended it. Nothing a device's connection does can reach a run from here.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Collection, Coroutine, Iterable, Sequence
from contextlib import aclosing, suppress
from typing import ClassVar, Protocol

from .agents.base import Agent, BadPrompt
from .errors import Refused, Unavailable
from .journal import Journal
from .observe.metrics import Metrics
from .presence import Presence
from .retention import Retention
from .session import control, decide
from .session.decide import Decision
from .session.event import Data, Event, dumps
from .session.log import Log
from .session.run import State
from .session.state import Approval, SessionState
from .settings import Settings
from .storage.base import Store, StoreError
from .turns import Turns
from .workers.desk import Desk
from .workers.pool import Pool

RESTARTED = "server restarted"

logger = logging.getLogger(__name__)


class Listener(Protocol):
    """A device's stream, as the session knows it."""

    def wake(self) -> None:
        """There is something new in the log."""
        ...

    def leave(self) -> None:
        """The session cannot be served here any longer; the device should resume elsewhere or later."""
        ...


class LiveSession:
    """One session. holder: the name that this server's agents hold runs under. gone: called once when this copy of it
    must not be used any more. pool: the workers, where runs are left to them; desk is where those meet this session.
    turns: what keeps the runs that agents of this server have in hand."""

    turns: ClassVar[type[Turns]] = Turns

    def __init__(
        self,
        name: str,
        state: SessionState,
        log: Log,
        *,
        store: Store,
        agent: Agent,
        settings: Settings,
        holder: str,
        gone: Callable[[], None],
        pool: Pool | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self.name = name
        self._metrics = metrics
        self.log = log
        self.listeners: set[Listener] = set()
        self.presence = Presence()
        self._over = False
        self._folded = (-1, b"")  # the last folded transcript, and the offset it is of
        self._state = state
        self._store = store
        self._agent = agent
        self._settings = settings
        self._holder = holder
        self._gone = gone
        self._journal = Journal(
            name,
            state,
            log,
            store,
            gather_s=settings.gather_s,
            applied=self._applied,
            kept=self._may_say,
            broken=self._break,
        )
        self._turns = self.turns(name, state, agent, holder, settings, self._journal, self._command)
        self.desk = Desk(name, state, self._journal, settings, pool, self._command) if pool is not None else None
        self._retention = Retention(name, state, log, store, settings)
        self._deciding = asyncio.Lock()
        self._background: set[asyncio.Task[None]] = set()
        self._following: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Follow what others write, where they can. Call once, before anything else."""
        if self._store.shared:
            self._following = asyncio.create_task(self._follow())

    async def recover(self, dead: Collection[str]) -> None:
        """End, or go on with, what these holders left behind, and begin what was queued. Raises Unavailable."""
        await self._command(lambda: Decision(self._recovery(dead), None))
        if self.desk is not None:
            self.desk.look()
            self.desk.spread()

    @property
    def idle(self) -> bool:
        """Nobody watches, nothing runs, and everything is written."""
        working = self._turns.busy or (self.desk is not None and self.desk.busy)
        return not (self.listeners or self._state.active or self._background or working or self._journal.busy)

    @property
    def runs_in_hand(self) -> Iterable[State]:
        """The states of the runs that have not ended."""
        return (run.state for run in self._state.active.values())

    @property
    def holders(self) -> frozenset[str]:
        """Who else has a run of this session in hand."""
        return frozenset(run.holder for run in self._state.active.values() if run.holder) - {self._holder}

    def retire(self) -> None:
        """This copy is not used any more: whoever listens is sent away, whoever commands is refused."""
        self._over = True
        self._turns.begin_no_more()
        if self._following is not None:
            self._following.cancel()
        for listener in tuple(self.listeners):
            listener.leave()
        if self.desk is not None:
            self.desk.leave()

    async def give_up(self) -> None:
        """Retire this copy, and let its agents go: it never came to be used."""
        self.retire()
        await self._turns.silence()

    def attach(self, listener: Listener) -> None:
        """Wake the listener from now on, until it is detached; send it away at once when this session is over."""
        self.listeners.add(listener)
        if self._over:
            listener.leave()

    def detach(self, listener: Listener) -> None:
        """Forget the listener."""
        self.listeners.discard(listener)

    async def prompt(self, key: str, text: str, policy: decide.Policy | None = None) -> Decision:
        """Accept a prompt; returns when it is durable. Raises Refused (bad prompt, busy) or Unavailable."""
        try:
            if self.desk is None:  # what workers can answer is not known here
                self._agent.check(text)
            return await self._command(
                lambda: decide.prompt(self._state, key, text, policy or self._settings.policy, _new_id)
            )
        except BadPrompt as problem:
            raise Refused(problem.code, str(problem)) from None
        except decide.Busy as problem:
            raise Refused("busy", str(problem), 409) from None

    async def stop(self, run: str | None, key: str | None, by: str) -> tuple[Decision, bool]:
        """Stop a run by id or key; returns when that is durable. The bool: it had ended before. Raises Refused."""
        try:
            decision = await self._command(lambda: decide.stop(self._state, run, key, by))
        except decide.UnknownRun as problem:
            raise Refused("unknown-run", str(problem), 404) from None
        ended = decision.known and decision.run is not None and self._state.runs[decision.run].state.ended
        return decision, ended

    async def steer(self, run: str, key: str, text: str, by: str) -> control.Steering:
        """Pass a wish on to a run's agent; returns when it is durable. Raises Refused."""
        steering: list[control.Steering] = []

        def decided() -> Decision:
            steering[:] = [control.steer(self._state, run, key, text, by, _new_id)]
            return Decision(steering[0].events, run)

        try:
            await self._command(decided)
        except decide.UnknownRun as problem:
            raise Refused("unknown-run", str(problem), 404) from None
        return steering[0]

    async def approve(self, approval: str, granted: bool, by: str) -> Approval:
        """Answer what a run asked; returns the approval as it is when that is durable. Raises Refused."""
        try:
            await self._command(lambda: Decision(control.approve(self._state, approval, granted, by)[0], None))
        except control.UnknownApproval as problem:
            raise Refused("unknown-approval", str(problem), 404) from None
        return self._state.approvals[approval]

    async def reach(self, cursor: str | None) -> None:
        """Wait a little for what a device has seen already: another server may have told it what this one has yet to
        hear of. And let go of what is past its time, before anybody is promised it."""
        self._retention.look()
        ahead = self.log.ahead(cursor) if cursor is not None and self._store.shared else None
        if ahead is not None:
            await self._journal.heard(ahead, self._settings.behind_s)

    def transcript(self) -> Data:
        """The folded messages; everything in it is durable."""
        return {"epoch": self.log.epoch, "head": self.log.head, "messages": self._state.transcript()}

    def folded(self) -> bytes:
        """The transcript and what is open, as a message that stands for every event so far; encoded once for all who
        join at the same place."""
        if self._folded[0] != self.log.head:
            asked = [{"id": each.id, "run": each.run, "what": each.what} for each in self._state.waiting()]
            message = {"type": "folded", "cursor": self.log.cursor(self.log.head), "approvals": asked}
            self._folded = (self.log.head, dumps(message | {"messages": self._state.transcript()}))
        return self._folded[1]

    def summary(self) -> Data:
        """The runs and where they are, and what waits for an answer; everything in it is durable."""
        runs = [{"run": run.id, "state": str(run.state)} for run in self._state.runs.values()]
        asked = [{"id": each.id, "run": each.run, "what": each.what} for each in self._state.waiting()]
        return {"session": self.name, "epoch": self.log.epoch, "head": self.log.head, "runs": runs, "approvals": asked}

    async def close(self) -> None:
        """The server goes away in good order: end what cannot go on, and send the devices elsewhere."""
        with suppress(Unavailable):
            if self._settings.lost_runs == "fail" or not self._store.shared:
                mine = {self._holder}
                await self._command(lambda: Decision(decide.abandon(self._state, RESTARTED, mine), None), begin=False)
        self.retire()
        await self._turns.silence()

    async def _command(self, decided: Callable[[], Decision], *, begin: bool = True) -> Decision:
        """Decide and append, again and again until nobody else was first; then the decision is durable.

        begin: also begin the runs whose turn has come by it.
        """
        async with self._deciding:
            while True:
                if self._over:
                    raise Unavailable("the session is not served here any longer")
                decision = decided()
                events = (*decision.events, *self._begun(decision.events)) if begin else decision.events
                if not events or await self._journal.commit(events):
                    break
        if events and self.desk is not None:
            self.desk.spread()
        if events and self._metrics is not None:
            self._metrics.decided(events)
        return decision

    def _begun(self, events: Sequence[Event]) -> tuple[Event, ...]:
        """With agents of its own, a server begins the runs whose turn it is at once."""
        if self.desk is not None:
            return ()
        return decide.start(self._state, self._settings.policy, events, self._holder)

    def _may_say(self, text: Event) -> bool:
        if self.desk is not None:
            return self.desk.may_say(text)
        return self._turns.may_say(text)

    def _recovery(self, dead: Collection[str]) -> tuple[Event, ...]:
        if self.desk is not None:
            return self.desk.recovery(dead)
        if self._settings.lost_runs == "continue":
            return decide.take_over(self._state, dead, self._holder)
        return decide.abandon(self._state, RESTARTED, dead)

    def _applied(self, events: Sequence[Event]) -> None:
        """What follows from events that are durable, whoever appended them."""
        for event in events:
            if event.kind != "text" and event.run is not None:
                self._turns.react(event, self._state.runs[event.run])
        if self.desk is not None:
            self.desk.heard(events)
        self._publish()
        self._retention.look()

    def _publish(self) -> None:
        for listener in tuple(self.listeners):
            listener.wake()

    async def _follow(self) -> None:
        """Take in what other servers write to this session."""
        try:
            async with aclosing(self._store.follow(self.name, self.log.epoch, self.log.head)) as batches:
                async for first, bodies in batches:
                    self._journal.learn(first, bodies)
        except StoreError as failure:
            logger.error("session %s: %s", self.name, failure)
        if not self._over:
            self._break()

    def _break(self) -> None:
        self._gone()
        self.retire()
        self._in_background(self._turns.silence())

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def _new_id() -> str:
    return secrets.token_hex(6)
