"""Sub-agents that work at once, and an orchestrator through whose hands everything goes: their progress, and the stop.

What is wrong: the orchestrator has two jobs, to think and to pass on (the Orchestrator Dual-Purpose Problem). While it
thinks about what it was told, its inbox waits: the sub-agents' words, which are long written, reach nobody, and come
out in one piece when it has thought. The cancel waits in the same line, behind words that nobody wants any more.

Delivery is right otherwise, by the rules of responses.py: nothing is lost, repeated or out of order, on any resume.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from aiohttp import web

from ..agents.base import AgentFailure
from ..agents.script import Script
from . import responses
from .common import KEEP, generate
from .kind import Antipattern

THINK_S = 1.3
"""How long the orchestrator thinks about what it was told, before it looks into its inbox again."""

_Letter = str | AgentFailure | responses.Cancelled | None  # a word; or why there will be no more


class _Relayed(responses.Response):
    """One answer: a team that writes, and an orchestrator that passes on."""

    def __init__(self, script: Script, key: str | None) -> None:
        self._inbox: asyncio.Queue[_Letter] = asyncio.Queue()
        super().__init__(script, key)

    def cancel(self) -> None:
        """Tell the orchestrator, as soon as it has time."""
        self._inbox.put_nowait(responses.Cancelled())

    async def words(self, script: Script) -> AsyncGenerator[str, None]:
        """What the orchestrator passes on, whenever it does."""
        team = asyncio.create_task(self._work(script))
        try:
            while True:
                letters = [await self._inbox.get()]
                while not self._inbox.empty():
                    letters.append(self._inbox.get_nowait())
                for letter in letters:
                    if letter is None:
                        return
                    if isinstance(letter, Exception):
                        raise letter
                    yield letter
                await asyncio.sleep(THINK_S)
        finally:
            team.cancel()

    async def _work(self, script: Script) -> None:
        """The team: reports every word to the orchestrator, on time."""
        try:
            async for word in generate(script):
                self._inbox.put_nowait(word)
        except AgentFailure as failure:
            self._inbox.put_nowait(failure)
        else:
            self._inbox.put_nowait(None)


def build_app(limit: int = KEEP) -> web.Application:
    """The routes of responses.py."""
    return responses.build_app(_Relayed, limit)


ANTIPATTERN = Antipattern(
    id="relay-orchestrator",
    title="Sub-agents whose progress and stop go through a busy orchestrator",
    lesson=(
        "Progress stands still while the orchestrator thinks, then pours out at once. Users look at a frozen screen, "
        "and their stop waits in line behind the words that they wanted to stop."
    ),
    build_app=build_app,
    protocol="openai-responses",
    options={},
    contract={"disconnect": "continue", "concurrent_send": "parallel", "idempotency": "key"},
    architecture={"streaming": "sse", "agents": "orchestrator"},
)
