"""An agent that gives its work to sub-agents, who write into the session themselves.

The orchestrator is no part of their path: while it is busy, or when it fails, what they say reaches every device all
the same, under their own names and numbers. It only begins them, waits for them, and has the last word. Beside it:
antipatterns/relay_orchestrator.py, which passes their words on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

from .base import Turn
from .script import Script, parse_script
from .scripted import words

_TEAM = 2


class Orchestrator:
    """Answers a script (docs/protocol.md) with its sub-agents, `agents` of them, or two: they say its words between
    them, each the next one; then the orchestrator says how many there were. `silent_at` and `silent_ms` are a silence
    of the orchestrator: its sub-agents do not notice."""

    def check(self, prompt: str) -> None:
        """Refuse a prompt whose script cannot be read. Raises BadScript."""
        parse_script(prompt)

    async def answer(self, turn: Turn) -> AsyncGenerator[str, None]:
        """Begin the sub-agents, wait for them, and sum up."""
        script = parse_script(turn.prompt)
        team = [f"a{number}" for number in range(1, (script.agents or _TEAM) + 1)]
        at_work = [asyncio.create_task(_work(turn, script, name, place, len(team))) for place, name in enumerate(team)]
        try:
            await asyncio.sleep(script.silent_ms / 1_000)
            await asyncio.gather(*at_work)
        finally:
            for each in at_work:
                each.cancel()
        yield f"{script.items} words by {len(team)} agents."


async def _work(turn: Turn, script: Script, name: str, place: int, size: int) -> None:
    """Say every word whose turn it is, past the orchestrator, when it is due."""
    number = len(turn.said_by(name).split()) * size  # words that were said before a takeover
    async for word in words(replace(script, silent_at=0, silent_ms=0, fail_at=0), number):
        if number % size == place:
            await turn.say(name, word)
        number += 1
