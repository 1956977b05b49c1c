"""The runs of a session that are in the hands of this server's own agents: begun, listened to, called off, ended."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import aclosing, suppress
from typing import TypeAlias

from .agents.base import Agent, AgentFailure, Said
from .errors import Unavailable
from .journal import Journal
from .session import control, decide, history
from .session.decide import Decision
from .session.event import Data, Event
from .session.producer import Fenced
from .session.run import State
from .session.state import Run, SessionState
from .settings import Settings
from .turn import LiveTurn, LiveWish

Command: TypeAlias = Callable[[Callable[[], Decision]], Awaitable[Decision]]

logger = logging.getLogger(__name__)


class Turns:
    """command: appends what a decision says, deciding again where somebody else was first."""

    def __init__(
        self,
        session: str,
        state: SessionState,
        agent: Agent,
        holder: str,
        settings: Settings,
        journal: Journal,
        command: Command,
    ) -> None:
        self._session = session
        self._state = state
        self._agent = agent
        self._holder = holder
        self._settings = settings
        self._journal = journal
        self._command = command
        self._turns: dict[str, LiveTurn] = {}
        self._asked: dict[str, asyncio.Future[bool]] = {}
        self._background: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def busy(self) -> bool:
        """An agent is at work, or being called off."""
        return bool(self._turns or self._background)

    def may_say(self, text: Event) -> bool:
        """The run of this text is still ours to write."""
        turn = self._turns.get(text.run or "")
        return turn is not None and turn.mine

    def react(self, event: Event, run: Run) -> None:
        """What a durable event means for the agents here."""
        turn = self._turns.get(run.id)
        if event.kind == "approval":
            self._answered(event.data)
        elif turn is None:
            mine = run.holder == self._holder and not self._closed
            if event.kind == "run-start" and mine and not run.state.ended:
                self._begin(run)
        elif event.kind == "stop":
            self._in_background(self._halt(turn))
        elif event.kind == "run-end" or (event.kind == "run-start" and run.claim != turn.claim):
            turn.call_off()
        elif event.kind == "steer":
            turn.wishes.put_nowait(self._wish(run, event.data))

    async def silence(self) -> None:
        """Call every agent off, and wait for them a little."""
        agents = tuple(turn.task for turn in self._turns.values() if turn.task is not None)
        for agent in agents:
            agent.cancel()
        if agents:
            await asyncio.wait(agents, timeout=self._settings.grace_s)

    def begin_no_more(self) -> None:
        """This copy of the session is given up: whatever may still become durable, its agents are another copy's."""
        self._closed = True

    def _begin(self, run: Run) -> None:
        turn = LiveTurn(run, run.claim, self._ask, self._say, lambda: self._told(run.id))
        for steer in self._state.unanswered(run.id):  # they came while it was queued
            turn.wishes.put_nowait(self._wish(run, {"id": steer.id, "text": steer.text}))
        self._turns[run.id] = turn
        turn.task = asyncio.create_task(self._drive(turn))
        turn.task.add_done_callback(lambda _: self._turns.pop(run.id, None))

    def _told(self, run: str) -> list[Said]:
        return [Said(each["role"], each["text"]) for each in history.before(self._state, run)]

    async def _drive(self, turn: LiveTurn) -> None:
        """Let the agent answer, and give the run its ending."""
        ending, error = State.COMPLETED, None
        try:
            async with aclosing(self._agent.answer(turn)) as pieces:
                async for text in pieces:
                    await self.produce(turn, Event("text", turn.run.id, {"text": text}))
        except AgentFailure as failure:
            ending, error = State.FAILED, str(failure)
        except (Fenced, Unavailable):
            return
        except asyncio.CancelledError:
            if turn.run.state is not State.STOPPING:
                raise
        except Exception:
            logger.exception("session %s: the agent of run %s broke down", self._session, turn.run.id)
            ending, error = State.FAILED, "the agent broke down"
        turn.ending = True
        await self._end(turn, ending, error)

    async def produce(self, turn: LiveTurn, text: Event) -> None:
        """An agent adds a piece to its answer. Raises Fenced when the run is not its to write, or Unavailable."""
        if not turn.mine:
            raise Fenced(f"run {turn.run.id} is {turn.run.state}")
        self._journal.write(text)
        await self._journal.room()

    async def _say(self, run: Run, agent: str, text: str) -> None:
        turn = self._turns.get(run.id)
        if turn is None:
            raise Fenced(f"run {run.id} has no agent any more")
        await self.produce(turn, Event("text", run.id, {"text": text, "agent": agent}))

    async def _ask(self, run: Run, what: str) -> asyncio.Future[bool]:
        id_ = f"q_{_new_id()}"
        self._asked[id_] = answer = asyncio.get_running_loop().create_future()
        asked = Event("approval-request", run.id, {"id": id_, "what": what})
        await self._command(lambda: Decision((asked,) if run.state is State.RUNNING else (), run.id))
        return answer

    def _wish(self, run: Run, steer: Data) -> LiveWish:
        async def answer(id_: str, outcome: str) -> None:
            def decided() -> Decision:
                open_ = any(each.id == id_ for each in self._state.unanswered(run.id))
                return Decision((control.outcome(run.id, id_, outcome),) if open_ else (), run.id)

            await self._command(decided)

        return LiveWish(steer["id"], steer["text"], answer)

    async def _end(self, turn: LiveTurn, ending: State, error: str | None = None) -> None:
        run = turn.run
        with suppress(Unavailable):
            await self._command(
                lambda: Decision(
                    decide.finish(self._state, run, ending, error) if run.claim == turn.claim else (), run.id
                )
            )

    async def _halt(self, turn: LiveTurn) -> None:
        """The agent was told to stop. If it does not listen it loses its voice, and the run ends without it."""
        if turn.task is not None:
            turn.task.cancel()
            await asyncio.wait((turn.task,), timeout=self._settings.grace_s)
        await self._end(turn, State.STOPPED)

    def _answered(self, approval: Data) -> None:
        waiting = self._asked.pop(approval["id"], None)
        if waiting is not None and not waiting.done():
            waiting.set_result(bool(approval["granted"]))

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def _new_id() -> str:
    return secrets.token_hex(6)
