"""What an agent is to a session: something that reads a prompt and writes an answer. It never meets a device."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol


class BadPrompt(Exception):
    """This agent cannot answer this prompt at all; `code` goes to whoever asked, with the message."""

    code = "bad-prompt"


class AgentFailure(Exception):
    """The agent broke down in the middle of its answer; the message becomes the `error` of the run's ending."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the conversation. role: `user` or `assistant`."""

    role: str
    text: str


class Wish(Protocol):
    """A steer, as the agent it is meant for gets it. It is answered once; unanswered ones are too late at the end."""

    @property
    def text(self) -> str:
        """What is wished."""
        ...

    async def take(self) -> None:
        """The agent will do it."""
        ...

    async def refuse(self) -> None:
        """The agent will not."""
        ...


class Turn(Protocol):
    """One run, as its agent sees it."""

    @property
    def prompt(self) -> str:
        """What the user asked."""
        ...

    @property
    def said(self) -> str:
        """What another agent said of the answer before it was cut off, when the run was taken over from it."""
        ...

    @property
    def wishes(self) -> asyncio.Queue[Wish]:
        """Steers, as they come."""
        ...

    def said_by(self, agent: str) -> str:
        """What a sub-agent of that name said before the run was taken over; empty when it said nothing."""
        ...

    async def history(self) -> Sequence[Said]:
        """The conversation before this prompt, oldest first."""
        ...

    async def ask(self, what: str) -> bool:
        """Put a question to whoever uses the session, and wait for the first answer; False when it was no."""
        ...

    async def say(self, agent: str, text: str) -> None:
        """A sub-agent adds a piece to the session itself, under its own name; nobody relays it."""
        ...


class Agent(Protocol):
    """Turns a prompt into an answer, piece by piece. One instance serves every session."""

    def check(self, prompt: str) -> None:
        """Refuse a prompt before its run exists. Raises BadPrompt."""
        ...

    def answer(self, turn: Turn) -> AsyncGenerator[str, None]:
        """Yield the pieces of the answer as they are ready. Raises AgentFailure.

        A stop arrives as cancellation: the generator is closed at its current await and must let go of its work.
        """
        ...
