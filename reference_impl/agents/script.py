"""What a prompt tells the scripted agent to say. Grammar and defaults: docs/protocol.md, "The scripted agent"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .base import BadPrompt

_SETTING = re.compile(r'(?P<key>[a-z_]+)=(?:"(?P<quoted>[^"\s]*)"|(?P<bare>[^"\s\]]*))(?=[\s\]]|\Z)')
_FIELD = re.compile(r"\{(?::0([1-9]\d?)d)?\}")  # `{}` or `{:0Nd}`: a format never reaches into an object
_LONGEST_FORMAT = 1_000
_BOUNDS = {
    "items": (1, 100_000),
    "pace_ms": (0, 60_000),
    "first_ms": (0, 60_000),
    "burst": (1, 100_000),
    "fail_at": (0, 100_000),
    "silent_at": (0, 100_000),
    "silent_ms": (0, 600_000),
    "approve_at": (0, 100_000),
    "agents": (0, 16),
}


class BadScript(BadPrompt):
    """The script of a prompt is malformed; the message names the key, the value and what would be right."""

    code = "bad-script"


@dataclass(frozen=True, slots=True)
class Script:
    """What to say and when. Word n (from 1) is `format` applied to n and one space.

    pace_ms: pause after each `burst` of words. first_ms: pause before the first word. fail_at: fail after this word,
    0 for never. silent_at: after this word nothing is said for silent_ms, 0 for never. approve_at: after this word
    somebody has to approve, 0 for never. agents: sub-agents that say as many words each, at the same time.
    """

    items: int = 20
    pace_ms: int = 10
    first_ms: int = 10
    burst: int = 1
    format: str = "tok-{:04d}"
    fail_at: int = 0
    silent_at: int = 0
    silent_ms: int = 0
    approve_at: int = 0
    agents: int = 0

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
    for key in ("fail_at", "silent_at", "approve_at"):
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
