"""A session while the server runs: commands come in, agents write, devices listen.

What a command means is decided by the pure core (session/decide.py); here its events are appended, agents are started
and called off, and listeners are woken. Nothing a device's connection does can reach a run from here.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine, Sequence
from contextlib import aclosing, suppress
from typing import Protocol

from .agents.base import Agent, AgentFailure, BadPrompt
from .errors import Refused, Unavailable
from .journal import Journal
from .session import decide
from .session.event import Data, Event
from .session.log import Log
from .session.producer import Fenced, Producers, Stamp
from .session.run import State
from .session.state import Run, SessionState
from .settings import Settings
from .storage.base import Store

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
    """One session. gone: called once when this copy of it must not be used any more."""

    def __init__(
        self,
        name: str,
        state: SessionState,
        log: Log,
        *,
        store: Store,
        agent: Agent,
        settings: Settings,
        gone: Callable[[], None],
    ) -> None:
        self.name = name
        self.log = log
        self.listeners: set[Listener] = set()
        self._over = False
        self._state = state
        self._agent = agent
        self._settings = settings
        self._gone = gone
        self._journal = Journal(name, log, store, gather_s=settings.gather_s, publish=self._publish, broken=self._break)
        self._producers = Producers()
        self._agents: dict[str, asyncio.Task[None]] = {}
        self._background: set[asyncio.Task[None]] = set()

    async def recover(self) -> None:
        """After loading: end what the last process left behind, begin what was still queued. Raises Unavailable."""
        await self._journal.durable(self._commit(decide.abandon(self._state, RESTARTED)))

    @property
    def idle(self) -> bool:
        """Nobody watches, nothing runs, and everything is written."""
        return not (self.listeners or self._state.active or self._background or self._journal.head > self.log.head)

    def retire(self) -> None:
        """This copy is not used any more: whoever listens is sent away, whoever commands is refused."""
        self._over = True
        for listener in tuple(self.listeners):
            listener.leave()

    def attach(self, listener: Listener) -> None:
        """Wake the listener from now on, until it is detached; send it away at once when this session is over."""
        self.listeners.add(listener)
        if self._over:
            listener.leave()

    def detach(self, listener: Listener) -> None:
        """Forget the listener."""
        self.listeners.discard(listener)

    async def prompt(self, key: str, text: str) -> decide.Decision:
        """Accept a prompt; returns when it is durable. Raises Refused (bad prompt, busy) or Unavailable."""
        try:
            self._agent.check(text)
            decision = decide.prompt(self._state, key, text, self._settings.policy, _new_id)
        except BadPrompt as problem:
            raise Refused(problem.code, str(problem)) from None
        except decide.Busy as problem:
            raise Refused("busy", str(problem), 409) from None
        await self._journal.durable(self._commit(decision.events))
        return decision

    async def stop(self, run: str | None, key: str | None, by: str) -> tuple[decide.Decision, bool]:
        """Stop a run by id or key; returns when that is durable. The bool: it had ended before. Raises Refused."""
        try:
            decision = decide.stop(self._state, run, key, by)
        except decide.UnknownRun as problem:
            raise Refused("unknown-run", str(problem), 404) from None
        ended = decision.known and decision.run is not None and self._state.runs[decision.run].state.ended
        offset = self._commit(decision.events)
        if decision.events and decision.run in self._agents:
            self._call_off(self._state.runs[decision.run])
        await self._journal.durable(offset)
        return decision, ended

    async def transcript(self) -> Data:
        """The folded messages; everything in it is durable. Raises Unavailable."""
        head, messages = self._journal.head, self._state.transcript()
        await self._journal.durable(head)
        return {"epoch": self.log.epoch, "head": head, "messages": messages}

    async def summary(self) -> Data:
        """The runs and where they are; everything in it is durable. Raises Unavailable."""
        head = self._journal.head
        runs = [{"run": run.id, "state": str(run.state)} for run in self._state.runs.values()]
        await self._journal.durable(head)
        return {"session": self.name, "epoch": self.log.epoch, "head": head, "runs": runs}

    async def close(self) -> None:
        """The server goes away in good order: end what cannot go on, and send the devices elsewhere."""
        with suppress(Unavailable):
            await self._journal.durable(self._append(decide.abandon(self._state, RESTARTED)))
        self.retire()
        await self._silence()

    async def produce(self, run: Run, stamp: Stamp, text: str) -> None:
        """An agent adds a piece to its answer. Raises Fenced when the run is not its to write, or Unavailable."""
        if run.state is not State.RUNNING:
            raise Fenced(f"run {run.id} is {run.state}")
        if self._producers.admit(stamp):
            self._append((Event("text", run.id, {"text": text}),))
        await self._journal.room()

    def _append(self, events: Sequence[Event]) -> int:
        if self._over:
            raise Unavailable("the session is not served here any longer")
        head = self._journal.append(events)  # first: when the storage is gone, nothing is changed
        for event in events:
            self._state.apply(event)
        return head

    def _commit(self, events: Sequence[Event]) -> int:
        """Append, then do what follows from it: call off the agents of ended runs, start the runs whose turn it is."""
        head = self._append(events)
        for event in events:
            if event.kind == "run-end" and event.run in self._agents:
                self._producers.fence(event.run)
                self._agents[event.run].cancel()
        started = decide.start(self._state, self._settings.policy)
        if started:
            head = self._append(started)
            for event in started:
                self._begin(self._state.runs[event.run or ""])
        return head

    def _begin(self, run: Run) -> None:
        task = asyncio.create_task(self._drive(run))
        self._agents[run.id] = task
        task.add_done_callback(lambda _: self._agents.pop(run.id, None))

    async def _drive(self, run: Run) -> None:
        """Let the agent answer, and give the run its ending."""
        ending, error = State.COMPLETED, None
        try:
            await self._write(run)
        except AgentFailure as failure:
            ending, error = State.FAILED, str(failure)
        except (Fenced, Unavailable):
            return
        except asyncio.CancelledError:
            if run.state is not State.STOPPING:
                raise
        except Exception:
            logger.exception("session %s: the agent of run %s broke down", self.name, run.id)
            ending, error = State.FAILED, "the agent broke down"
        self._end(run, ending, error)

    async def _write(self, run: Run) -> None:
        epoch = self._producers.fence(run.id)
        sequence = 0
        async with aclosing(self._agent.answer(run.prompt)) as pieces:
            async for text in pieces:
                sequence += 1
                await self.produce(run, Stamp(run.id, epoch, sequence), text)

    def _end(self, run: Run, ending: State, error: str | None = None) -> None:
        self._agents.pop(run.id, None)  # its own task: nothing to call off
        with suppress(Unavailable):
            self._commit(decide.finish(run, ending, error))

    def _call_off(self, run: Run) -> None:
        agent = self._agents[run.id]
        agent.cancel()
        self._in_background(self._halt(run, agent))

    async def _halt(self, run: Run, agent: asyncio.Task[None]) -> None:
        """The agent was told to stop. If it does not listen it loses its voice, and the run ends without it."""
        await asyncio.wait((agent,), timeout=self._settings.grace_s)
        self._producers.fence(run.id)
        self._end(run, State.STOPPED)

    def _publish(self) -> None:
        for listener in tuple(self.listeners):
            listener.wake()

    def _break(self) -> None:
        self._gone()
        self.retire()
        self._in_background(self._silence())

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _silence(self) -> None:
        agents = tuple(self._agents.values())
        for agent in agents:
            agent.cancel()
        if agents:
            await asyncio.wait(agents, timeout=self._settings.grace_s)


def _new_id() -> str:
    return secrets.token_hex(6)
