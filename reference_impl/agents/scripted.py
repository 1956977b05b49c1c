"""An agent that says what its prompt tells it to say: numbered words, on time, with failures and silences on demand.

It stands in for a model wherever an exact oracle is needed. It knows no session, no device and no transport: it reads a
prompt and yields words. Grammar and defaults: docs/protocol.md, "The scripted agent".
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from .base import AgentFailure, BadPrompt

_SETTING = re.compile(r'(?P<key>[a-z_]+)=(?:"(?P<quoted>[^"\s]*)"|(?P<bare>[^"\s\]]*))(?=[\s\]]|\Z)')
_FIELD = re.compile(r"\{(?::0([1-9]\d?)d)?\}")  # `{}` or `{:0Nd}`: a format never reaches into an object
_LONGEST_FORMAT = 1_000
_BREATH = 64  # words
_BOUNDS = {
    "items": (1, 100_000),
    "pace_ms": (0, 60_000),
    "first_ms": (0, 60_000),
    "burst": (1, 100_000),
    "fail_at": (0, 100_000),
    "silent_at": (0, 100_000),
    "silent_ms": (0, 600_000),
}


class BadScript(BadPrompt):
    """The script of a prompt is malformed; the message names the key, the value and what would be right."""

    code = "bad-script"


@dataclass(frozen=True, slots=True)
class Script:
    """What to say and when. Word n (from 1) is `format` applied to n and one space.

    pace_ms: pause after each `burst` of words. first_ms: pause before the first word. fail_at: fail after this word,
    0 for never. silent_at: after this word nothing is said for silent_ms, 0 for never.
    """

    items: int = 20
    pace_ms: int = 10
    first_ms: int = 10
    burst: int = 1
    format: str = "tok-{:04d}"
    fail_at: int = 0
    silent_at: int = 0
    silent_ms: int = 0

    def word(self, number: int) -> str:
        """The text of word `number`, its space included."""
        return self.format.format(number) + " "

    def due_ms(self, number: int) -> int:
        """When word `number` is said, in milliseconds since the run began."""
        quiet = self.silent_ms if 0 < self.silent_at < number else 0
        return self.first_ms + (number - 1) // self.burst * self.pace_ms + quiet


_DEFAULT = Script()


def parse_script(text: str) -> Script:
    """The script in the first pair of square brackets of a prompt; all defaults when it has none. Raises BadScript."""
    start = text.find("[")
    if start < 0:
        return _DEFAULT
    return _script(_settings(text, start + 1))


async def words(script: Script) -> AsyncGenerator[str, None]:
    """Yield the words of a script, each when it is due. Raises AgentFailure where the script says so.

    The schedule is absolute: a consumer that is late for one word gets the next sooner, so the pace does not drift.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    last = script.fail_at or script.items
    for number in range(1, last + 1):
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

    def answer(self, prompt: str) -> AsyncGenerator[str, None]:
        """The words of the prompt's script. Raises AgentFailure where it says so."""
        return words(parse_script(prompt))


async def _until(moment: float) -> None:
    delay = moment - asyncio.get_running_loop().time()
    if delay > 0:
        await asyncio.sleep(delay)


def _end_ms(script: Script, last: int) -> int:
    """The answer ends right after its last word, or after the silence that follows it."""
    return script.due_ms(last) + (script.silent_ms if script.silent_at == last else 0)


def _settings(text: str, start: int) -> dict[str, str]:
    """Read `key=value` pairs up to the closing bracket."""
    found: dict[str, str] = {}
    position = start
    while True:
        position = _skip_blanks(text, position)
        if text.startswith("]", position):
            return found
        setting = _SETTING.match(text, position)
        if setting is None:
            raise BadScript(_where(text, position))
        key = setting["key"]
        if key in found:
            raise BadScript(f"{key} is given twice; give it once")
        found[key] = setting["quoted"] if setting["quoted"] is not None else setting["bare"]
        position = setting.end()


def _skip_blanks(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _where(text: str, position: int) -> str:
    if position >= len(text):
        return "the script has no closing ']'"
    rest = text[position : position + 40].partition("]")[0]
    return f'cannot read {rest!r} in the script; settings look like items=60 or format="tok-{{:04d}}"'


def _script(settings: dict[str, str]) -> Script:
    pattern = _format(settings.pop("format", _DEFAULT.format))
    numbers = {key: _number(key, value) for key, value in settings.items()}
    numbers.setdefault("first_ms", numbers.get("pace_ms", _DEFAULT.pace_ms))
    script = Script(format=pattern, **numbers)
    for key in ("fail_at", "silent_at"):
        if numbers.get(key, 0) > script.items:
            raise BadScript(f"{key}={numbers[key]}: past the last word; items={script.items}")
    return script


def _number(key: str, value: str) -> int:
    if key not in _BOUNDS:
        raise BadScript(f"{key}={value}: unknown key; the keys are {', '.join(_BOUNDS)}, format")
    low, high = _BOUNDS[key]
    if not (value.isascii() and value.isdigit() and len(value) <= 7 and low <= int(value) <= high):
        raise BadScript(f"{key}={value}: must be a whole number from {low} to {high}")
    return int(value)


def _format(value: str) -> str:
    """Accept a format only if its braces are exactly one plain field; it is then safe to apply to a number."""
    rest, fields = _FIELD.subn("", value)
    if fields != 1 or "{" in rest or "}" in rest:
        raise BadScript(f"format={value}: must hold exactly one field, {{}} or {{:0Nd}}, and no other braces")
    if len(value) > _LONGEST_FORMAT:
        raise BadScript(f"format={value[:40]}…: must be at most {_LONGEST_FORMAT} characters long")
    return value
