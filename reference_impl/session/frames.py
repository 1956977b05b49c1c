"""The bytes around a message, as they go onto a socket.

A Server-Sent Event is framed as one HTTP/1.1 chunk (RFC 9112 section 7.1) and a WebSocket message as one unmasked text
frame (RFC 6455 section 5.2), so that any run of frames can be joined and written as it is.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

Form: TypeAlias = Literal["sse", "ws"]


def sse_chunk(text: bytes) -> bytes:
    """A piece of an event stream as one HTTP chunk."""
    return b"%x\r\n%b\r\n" % (len(text), text)


def sse_event(name: str, data: bytes, cursor: str | None = None) -> bytes:
    """One event of an event stream, as one HTTP chunk. data: a single line."""
    place = f"id: {cursor}\n" if cursor is not None else ""
    return sse_chunk(b"%bevent: %b\ndata: %b\n\n" % (place.encode(), name.encode(), data))


def ws_text(payload: bytes) -> bytes:
    """One unmasked, final text frame."""
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload
