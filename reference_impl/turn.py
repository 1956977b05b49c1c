"""A run in the hands of an agent of this server: what it says goes into the session, what is wished of it comes out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from .agents.base import Said, Wish
from .session.run import State
from .session.state import Run

Answer = Callable[[str, str], Awaitable[None]]  # a steer's id, its outcome


@dataclass(frozen=True, slots=True)
class LiveWish:
    """A steer that waits for the agent's answer."""

    id: str
    text: str
    answer: Answer

    async def take(self) -> None:
        """Say that it is taken."""
        await self.answer(self.id, "taken")

    async def refuse(self) -> None:
        """Say that it is not."""
        await self.answer(self.id, "refused")


@dataclass(slots=True)
class LiveTurn:
    """agents.base.Turn over a session. put: asks the session's users; write: appends a piece of a sub-agent's; told:
    the conversation before the run."""

    run: Run
    claim: int
    put: Callable[[Run, str], Awaitable[asyncio.Future[bool]]]
    write: Callable[[Run, str, str], Awaitable[None]]
    told: Callable[[], Sequence[Said]]
    wishes: asyncio.Queue[Wish] = field(default_factory=asyncio.Queue)
    task: asyncio.Task[None] | None = None
    ending: bool = False  # the agent is done; its task only waits for the ending to be durable
    said: str = ""
    voices: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.said = "".join(self.run.text)
        self.voices = {name: "".join(pieces) for name, pieces in self.run.voices.items()}

    @property
    def prompt(self) -> str:
        """What the user asked."""
        return self.run.prompt

    @property
    def mine(self) -> bool:
        """The run is still this agent's to write."""
        return self.run.state is State.RUNNING and self.run.claim == self.claim

    def call_off(self) -> None:
        """The run is not this agent's any more."""
        if self.task is not None and not self.ending:
            self.task.cancel()

    def said_by(self, agent: str) -> str:
        """What it said before the run was taken over."""
        return self.voices.get(agent, "")

    async def history(self) -> Sequence[Said]:
        """What was said before."""
        return self.told()

    async def ask(self, what: str) -> bool:
        """Wait for the first answer."""
        return await (await self.put(self.run, what))

    async def say(self, agent: str, text: str) -> None:
        """Append under the sub-agent's name."""
        await self.write(self.run, agent, text)
