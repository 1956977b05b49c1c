"""What two nested objects of plain JSON do not have in common, one line a key. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .event import JsonValue

NOTHING = "nothing"


def differences(old: Mapping[str, JsonValue], new: Mapping[str, JsonValue], path: str = "") -> Iterator[str]:
    """`contract.retention_s: 60 then, 3600 now` for every key that differs, in the order of the old object."""
    for key in dict.fromkeys((*old, *new)):
        before, after, place = old.get(key), new.get(key), f"{path}{key}"
        if isinstance(before, dict) and isinstance(after, dict):
            yield from differences(before, after, f"{place}.")
        elif before != after:
            yield f"{place}: {_told(before)} then, {_told(after)} now"


def _told(value: JsonValue) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or NOTHING
    return NOTHING if value is None else str(value)
