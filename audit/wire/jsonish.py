"""JSON from strangers: decoded within bounds, damage named in one short sentence, never an exception of another kind.

JavaScript strings are UTF-16, so a server may cut one inside a surrogate pair and send each half as a `\\uXXXX` escape.
A page that concatenates the halves shows the right character; only what stays alone is damage. Strings that leave this
package hold whole characters: `Halves` joins what belongs together, `whole` replaces what does not by U+FFFD.
"""

from __future__ import annotations

import json
import re
from typing import NoReturn

from ..errors import ProtocolError
from ..event import JsonValue, Value

EXCERPT_CHARS = 200
_TOO_DEEP = "JSON that is nested too deeply"
_HALF = re.compile("[\ud800-\udfff]")
_HALF_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


def decode_object(raw: str | bytes) -> Value:
    """One JSON object, as RFC 8259 has it (no NaN). ProtocolError otherwise. Its strings may hold surrogate halves."""
    found = _decode(raw if isinstance(raw, str) else raw.decode("utf-8", "replace"))
    if not isinstance(found, dict):
        raise ProtocolError(f"a JSON object was expected, not {_kind(found)}")
    return found


def decode_body(raw: bytes) -> JsonValue:
    """A whole JSON body, all of its characters whole. ProtocolError when it is not JSON."""
    text = raw.decode("utf-8", "replace")
    found = _decode(text)
    return _mended(found) if has_half_escape(text) else found


def excerpt(raw: JsonValue | bytes) -> str:
    """At most EXCERPT_CHARS characters of something a target sent, to show people; of a container only its kind."""
    if isinstance(raw, bytes):
        raw = raw[: 4 * EXCERPT_CHARS].decode("utf-8", "replace")
    text = _kind(raw) if isinstance(raw, dict | list) else str(raw)
    return whole(text if len(text) <= EXCERPT_CHARS else text[: EXCERPT_CHARS - 1] + "…")


def string(value: object) -> str | None:
    """The value, whole, if it is a string that is not empty; else None."""
    return whole(value) if isinstance(value, str) and value else None


def child(value: Value, key: str) -> Value:
    """The object under a key; an empty one when there is none."""
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def children(value: Value, key: str) -> list[Value]:
    """The objects in the array under a key; whatever is not an object is left out."""
    found = value.get(key)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def has_half_escape(raw: str) -> bool:
    """Could strings decoded from this JSON text hold surrogate halves?"""
    return _HALF_ESCAPE.search(raw) is not None


def whole(text: str) -> str:
    """The text with surrogate pairs joined, and halves that stand alone replaced by U+FFFD."""
    if not _HALF.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class Halves:
    """First halves of surrogate pairs, by run, that wait for the next piece of text of their run."""

    def __init__(self) -> None:
        self._held: dict[str | None, str] = {}

    def __bool__(self) -> bool:
        return bool(self._held)

    def take(self, run: str | None, text: str) -> str:
        """The next piece of a run's text, with the half that waited for it and without the half that must wait."""
        text = self._held.pop(run, "") + text
        if "\ud800" <= text[-1:] <= "\udbff":
            self._held[run] = text[-1]
            text = text[:-1]
        return whole(text)

    def rest(self, run: str | None) -> str:
        """The run ended: what still waits for its other half, as U+FFFD; usually nothing."""
        return whole(self._held.pop(run, ""))


def _decode(text: str) -> JsonValue:
    try:
        return _DECODER.decode(text)
    except RecursionError:
        raise ProtocolError(_TOO_DEEP) from None
    except ValueError as error:
        raise ProtocolError(f"not JSON: {excerpt(str(error))}") from None


def _mended(value: JsonValue) -> JsonValue:
    """The same value with every string whole. Through JSON and back: no recursion of ours over a stranger's nesting."""
    try:
        return _decode(whole(json.dumps(value, ensure_ascii=False)))
    except RecursionError:
        raise ProtocolError(_TOO_DEEP) from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON value")


_DECODER = json.JSONDecoder(parse_constant=_refuse)


def _kind(value: JsonValue) -> str:
    names = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")
