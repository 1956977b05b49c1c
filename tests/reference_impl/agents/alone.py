"""A turn without a session, for agents on their own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from reference_impl.agents.base import Said, Wish


@dataclass
class Alone:
    """agents.base.Turn. answers: what is said to each question; asked, others: what the agent asked, what its
    sub-agents said; before, voices: the conversation, and what was said by sub-agents that are gone."""

    prompt: str
    said: str = ""
    answers: list[bool] = field(default_factory=list)
    wishes: asyncio.Queue[Wish] = field(default_factory=asyncio.Queue)
    asked: list[str] = field(default_factory=list)
    others: list[tuple[str, str]] = field(default_factory=list)
    before: list[Said] = field(default_factory=list)
    voices: dict[str, str] = field(default_factory=dict)

    def said_by(self, agent: str) -> str:
        return self.voices.get(agent, "")

    async def history(self) -> Sequence[Said]:
        return self.before

    async def ask(self, what: str) -> bool:
        self.asked.append(what)
        return self.answers.pop(0)

    async def say(self, agent: str, text: str) -> None:
        self.others.append((agent, text))


@dataclass
class Noted:
    """agents.base.Wish that remembers its answer."""

    text: str
    answer: str = ""

    async def take(self) -> None:
        self.answer = "taken"

    async def refuse(self) -> None:
        self.answer = "refused"
