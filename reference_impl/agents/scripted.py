"""An agent that says what its prompt tells it to say: numbered words, on time, with failures and silences on demand.

It stands in for a model wherever an exact oracle is needed. It knows no session, no device and no transport: it reads a
prompt and yields words.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import replace

from .base import AgentFailure, Turn
from .script import BadScript, Script, parse_script

_BREATH = 64  # words


async def words(script: Script, after: int = 0) -> AsyncGenerator[str, None]:
    """Yield the words of a script, each when it is due, without the first `after`. Raises AgentFailure where the script
    says so.

    The schedule is absolute: a consumer that is late for one word gets the next sooner, so the pace does not drift.
    """
    loop = asyncio.get_running_loop()
    began = loop.time() - (script.due_ms(after) / 1_000 if after else 0.0)
    last = script.fail_at or script.items
    for number in range(after + 1, last + 1):
        await _until(began + script.due_ms(number) / 1_000)
        yield script.word(number)
        if number % _BREATH == 0:
            await asyncio.sleep(0)  # an agent that never pauses must not keep the others from speaking
    await _until(began + _end_ms(script, last) / 1_000)
    if script.fail_at:
        raise AgentFailure(f"the agent failed after word {script.fail_at}, as its script says")


class ScriptedAgent:
    """The agent of the reference server: answers every prompt by its script."""

    def check(self, prompt: str) -> None:
        """Refuse a prompt whose script cannot be read. Raises BadScript."""
        parse_script(prompt)

    async def answer(self, turn: Turn) -> AsyncGenerator[str, None]:
        """The words of the prompt's script. Raises AgentFailure where it says so."""
        script, said = parse_script(turn.prompt), len(turn.said.split())
        others = [asyncio.create_task(_sub_agent(turn, script, f"a{n}")) for n in range(1, script.agents + 1)]
        try:
            number, form = said, script
            async for word in words(script, said):
                number += 1
                form = await _steered(turn, form)
                yield word if form is script else form.word(number)
                if number == script.approve_at and not await turn.ask(f"go on after word {number}?"):
                    return
            await asyncio.gather(*others)
        finally:
            for other in others:
                other.cancel()


async def _sub_agent(turn: Turn, script: Script, name: str) -> None:
    """Says its own numbered words into the session, past the one that called it, whose silences are its own."""
    own = replace(script, format=f"{name}.{script.format}", fail_at=0, agents=0, silent_at=0, silent_ms=0)
    async for word in words(own, len(turn.said_by(name).split())):
        await turn.say(name, word)


async def _steered(turn: Turn, form: Script) -> Script:
    """Take what was wished since the last word: a script's format changes the words from here on; what is no script is
    refused."""
    with suppress(asyncio.QueueEmpty):
        while True:
            wish = turn.wishes.get_nowait()
            try:
                steered = parse_script(wish.text) if "[" in wish.text else None
            except BadScript:
                steered = None
            if steered is None:
                await wish.refuse()
            else:
                form = replace(form, format=steered.format)
                await wish.take()
    return form


async def _until(moment: float) -> None:
    delay = moment - asyncio.get_running_loop().time()
    if delay > 0:
        await asyncio.sleep(delay)


def _end_ms(script: Script, last: int) -> int:
    """The answer ends right after its last word, or after the silence that follows it."""
    return script.due_ms(last) + (script.silent_ms if script.silent_at == last else 0)
