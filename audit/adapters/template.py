"""JSON templates of a target file: placeholders in strings, and only there, are filled in when a frame is sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ..event import JsonValue, Value
from .calls import to_json

PLACEHOLDERS = ("text", "key", "session", "run", "cursor")
_PLACEHOLDER = re.compile(r"\{(" + "|".join(PLACEHOLDERS) + r")\}")
_BRACED = re.compile(r"\{(\w+)\}")


def allow(*names: str) -> Callable[[Value], Value]:
    """A validator: a placeholder that means nothing here would be sent as it stands, and the target take the blame."""

    def check(template: Value) -> Value:
        found = (name for leaf in _leaves(template) for name in _BRACED.findall(leaf))
        wrong = next((name for name in found if name not in names), None)
        if wrong is not None:
            known = ", ".join(f"{{{name}}}" for name in names)
            raise ValueError(f"the placeholder {{{wrong}}} means nothing here; there are {known}")
        return template

    return check


def fill(template: Value, values: Mapping[str, JsonValue]) -> str:
    """The frame as JSON text. A string that is nothing but a placeholder is null while its value is not known."""
    return to_json(_filled(template, values))


def uses(template: Value, name: str) -> bool:
    """Does any of its strings hold this placeholder?"""
    return any(f"{{{name}}}" in leaf for leaf in _leaves(template))


def _filled(value: JsonValue, values: Mapping[str, JsonValue]) -> JsonValue:
    """In one pass: what is put in is never looked at again, whatever braces a prompt holds."""
    if isinstance(value, dict):
        return {key: _filled(entry, values) for key, entry in value.items()}
    if isinstance(value, list):
        return [_filled(entry, values) for entry in value]
    if not isinstance(value, str):
        return value
    alone = _PLACEHOLDER.fullmatch(value)
    return values.get(alone[1]) if alone else _PLACEHOLDER.sub(lambda match: _text(values.get(match[1])), value)


def _text(value: JsonValue) -> str:
    return "" if value is None else str(value)


def _leaves(value: JsonValue) -> list[str]:
    """Every string of a template, keys not counted."""
    if isinstance(value, str):
        return [value]
    entries = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [leaf for entry in entries for leaf in _leaves(entry)]
