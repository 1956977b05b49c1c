"""How long a message says that it is, in bytes that hold nothing but one."""

from __future__ import annotations

_WHOLE_TEXT = 0x81  # a WebSocket's text message in one frame (RFC 6455, 5.2)
_SHORT = 126  # from this size on, its size stands elsewhere


def reframed(whole: bytes, other: bytes) -> bytes | None:
    """`other`, in which the beginning of `whole` was kept, with its own length there: a short WebSocket frame, or a
    chunk of HTTP/1.1 (RFC 9112, 7.1). None when the one is framed otherwise, or the other takes a longer beginning."""
    size = len(other) - 2
    if whole[0] == _WHOLE_TEXT:
        return bytes((_WHOLE_TEXT, size)) + other[2:] if whole[1] == len(whole) - 2 and size < _SHORT else None
    line, _, _ = whole.partition(b"\r\n")
    lead = len(line) + 4  # and two line ends
    if line != b"%x" % (len(whole) - lead):
        return None
    own = b"%x" % (len(other) - lead)
    return own + other[len(line) :] if len(own) == len(line) else None
