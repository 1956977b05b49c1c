"""The bytes that every client is sent: one answer in the durable session protocol (docs/protocol.md), framed once.

They are what the reference implementation sends, header for header and key for key.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import lru_cache

EPOCH = "0123456789"
RUN = "r_0123456789ab"
FORMAT = "tok-{:04d}"
FIRST_WORD = 3  # the offset of word 1: the prompt and the start of the run come before it

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _CLOSE, _PING = 0x81, 0x88, 0x89

PING = bytes((_PING, 0))
CLOSE = bytes((_CLOSE, 2)) + (1000).to_bytes(2, "big")  # normal closure (RFC 6455, 7.4.1)


def framed(text: str) -> bytes:
    """An unmasked text frame, as a server sends it (RFC 6455, 5.2)."""
    payload = text.encode()
    size = len(payload)
    head = bytes((_TEXT, size)) if size < 126 else bytes((_TEXT, 126)) + size.to_bytes(2, "big")
    return head + payload


@lru_cache
def subscribed(id: str) -> bytes:
    """The answer to a subscription: nothing was said so far."""
    reply = {"type": "reply", "id": id, "ok": True, "recovered": True, "epoch": EPOCH, "head": 0}
    return framed(_json(reply)) + framed(_json({"type": "caught-up", "cursor": f"{EPOCH}:0"}))


def word(number: int) -> bytes:
    """The frame of word `number`, from 1."""
    return framed(_event(FIRST_WORD - 1 + number, "text", {"text": FORMAT.format(number) + " "}))


def begun(id: str, key: str) -> bytes:
    """What comes before the first word: the prompt, the start of its run, the answer to the prompt."""
    user = _event(1, "user", {"id": f"u_{RUN}", "text": "count", "key": key})
    reply = {"type": "reply", "id": id, "ok": True, "run": RUN, "duplicate": False}
    return framed(user) + framed(_event(2, "run-start", {})) + framed(_json(reply))


def ended(words: int) -> bytes:
    """What comes after the last."""
    return framed(_event(FIRST_WORD + words, "run-end", {"reason": "completed"}))


def accepted(key: str) -> bytes:
    """The answer to a WebSocket handshake with this Sec-WebSocket-Key."""
    accept = base64.b64encode(hashlib.sha1(key.encode() + _GUID, usedforsecurity=False).digest()).decode()
    lines = ("HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: upgrade")
    made = ("Date: Fri, 20 Nov 2026 12:00:00 GMT", "Server: Python/3.11 aiohttp/3.14.5")
    return "\r\n".join((*lines, f"Sec-WebSocket-Accept: {accept}", *made, "", "")).encode()


def _event(offset: int, kind: str, data: dict[str, str]) -> str:
    return _json({"type": "event", "epoch": EPOCH, "offset": offset, "kind": kind, "run": RUN, "data": data})


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
