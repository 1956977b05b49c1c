"""A stretch of a stream as Server-Sent Events (PROTOCOL.md section 5.8): after each `data` event a `control` event."""

from __future__ import annotations

import json
from base64 import b64encode

from .content import Kind, array


def data_event(kind: Kind, content: bytes) -> bytes:
    """The `data` event for a stretch of content that is not empty."""
    match kind:
        case Kind.JSON:
            payload = array(content)  # one line, see content.py
        case Kind.TEXT:
            payload = _lines(content)
        case Kind.BINARY:
            payload = b64encode(content)
    return b"event: data\ndata:" + payload + b"\n\n"


def control_event(offset: str, cursor: int, *, up_to_date: bool, closed: bool) -> bytes:
    """The `control` event: where the reader is now, and whether that is the tail, or the end."""
    told: dict[str, object] = {"streamNextOffset": offset}
    if not closed:
        told["streamCursor"] = str(cursor)
    if up_to_date:
        told["upToDate"] = True
    if closed:
        told["streamClosed"] = True
    return b"event: control\ndata:" + json.dumps(told, separators=(",", ":")).encode() + b"\n\n"


def _lines(content: bytes) -> bytes:
    """Each line as a field of its own, whatever ends it, so that nothing in the text can pose as an event. A line that
    begins with a space gets another one, because the first is not part of the value (WHATWG HTML section 9.2.6)."""
    lines = b"\n" + content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return lines.replace(b"\n ", b"\n  ").replace(b"\n", b"\ndata:")[len(b"\ndata:") :]
