"""A piece of a subscription, taken apart into its frames again: what most mutants meddle with.

The server never does this; it only joins frames (session/frames.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from ..session.event import Data
from ..session.frames import Form

TEXT = b'"kind":"text"'  # as it is written on the wire; inside a string its quotes would be escaped
END = b'"kind":"run-end"'


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as it is written, and the message in it."""

    raw: bytes
    message: Data

    @property
    def run(self) -> str | None:
        """The run of an event; None for any other message."""
        run: str | None = self.message.get("run")
        return run

    @property
    def is_text(self) -> bool:
        """Is it a piece of an answer?"""
        return self.message.get("kind") == "text"


def frames(form: Form, piece: bytes) -> Iterator[Frame]:
    """Every frame of a piece, in order."""
    measure = _ws_size if form == "ws" else _sse_size
    while piece:
        size = measure(piece)
        raw, piece = piece[:size], piece[size:]
        yield Frame(raw, json.loads(raw[raw.index(b"{") : raw.rindex(b"}") + 1]))


def _ws_size(piece: bytes) -> int:
    """RFC 6455 section 5.2, as frames.ws_text writes it."""
    if piece[1] < 126:
        return 2 + piece[1]
    if piece[1] == 126:
        return 4 + int.from_bytes(piece[2:4], "big")
    return 10 + int.from_bytes(piece[2:10], "big")


def _sse_size(piece: bytes) -> int:
    """RFC 9112 section 7.1, as frames.sse_chunk writes it."""
    line = piece.index(b"\r\n")
    return line + 2 + int(piece[:line], 16) + 2
