"""Building requests: the few lines that every adapter over HTTP needs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote

from ..event import JsonValue, Value
from .base import Call

JSON_TYPE = {"content-type": "application/json"}
STREAM_TYPE = {"accept": "text/event-stream"}
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # json.dumps would build one every time


def get(path: str) -> Call:
    """Fetch JSON."""
    return Call("GET", path, headers={"accept": "application/json"})


def get_stream(path: str, headers: Mapping[str, str] | None = None) -> Call:
    """Open an event stream."""
    return Call("GET", path, headers={**STREAM_TYPE, **(headers or {})}, stream=True)


def post(path: str, body: Value) -> Call:
    """Send a command."""
    return Call("POST", path, to_json(body).encode(), JSON_TYPE)


def post_stream(path: str, body: Value, headers: Mapping[str, str] | None = None) -> Call:
    """Send a command whose response is an event stream."""
    return Call("POST", path, to_json(body).encode(), {**JSON_TYPE, **STREAM_TYPE, **(headers or {})}, stream=True)


def to_json(value: JsonValue) -> str:
    """Compact JSON in plain UTF-8: never escaped, so that byte counts on the wire are those of the text."""
    return _ENCODE(value)


@lru_cache(maxsize=1 << 14)
def segment(text: str) -> str:
    """Text from anywhere as one path segment or query value."""
    return quote(text, safe="", errors="replace")
