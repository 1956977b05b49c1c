"""A piece of a subscription, taken apart into its frames again: what most mutants meddle with.

The server never does this; it only joins frames (session/frames.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from ..session.event import Data, dumps
from ..session.frames import Form, sse_event, ws_text
from ..session.log import Log
from ..session.subscription import Subscription

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
    def kind(self) -> str:
        """Of an event; empty for any other message."""
        return str(self.message.get("kind", ""))

    @property
    def is_text(self) -> bool:
        """Is it a piece of an answer?"""
        return self.kind == "text"

    @property
    def ends_history(self) -> bool:
        """Is it what says that everything from here on is live?"""
        return self.message.get("type") == "caught-up"


class RewrittenSubscription(Subscription):
    """A subscription whose frames are changed on their way out. resumed: it did not begin at the start of the log."""

    def __init__(self, log: Log, form: Form, after: int) -> None:
        super().__init__(log, form, after)
        self.resumed = after > 0

    def take(self, limit_bytes: int) -> bytes:
        """The next piece, as `rewrite` leaves it; one that comes out empty is no end: there may be more."""
        while piece := super().take(limit_bytes):
            if kept := b"".join(frame.raw for frame in self.rewrite(list(frames(self._form, piece)))):
                return kept
        return b""

    def rewrite(self, whole: list[Frame]) -> list[Frame]:
        """What to send in place of these frames."""
        return whole

    def said(self, frame: Frame, text: str) -> Frame:
        """The same piece of an answer, saying something else."""
        return event_frame(self._form, frame.message | {"data": frame.message["data"] | {"text": text}})


def event_frame(form: Form, event: Data, *, ascii_only: bool = False) -> Frame:
    """An event's message as a frame. ascii_only: escaped, so that it can hold what UTF-8 cannot say."""
    body = json.dumps(event).encode() if ascii_only else dumps(event)
    return Frame(
        sse_event(event["kind"], body, f"{event['epoch']}:{event['offset']}") if form == "sse" else ws_text(body), event
    )


def event_at(log: Log, form: Form, offset: int) -> Frame | None:
    """The event at an offset, if it is there."""
    if not log.trimmed < offset <= log.head:
        return None
    piece, _ = log.read(form, offset - 1, offset, 1)
    return next(frames(form, piece))


def frames(form: Form, piece: bytes) -> Iterator[Frame]:
    """Every frame of a piece, in order."""
    measure = _ws_size if form == "ws" else _sse_size
    while piece:
        size = measure(piece)
        raw, piece = piece[:size], piece[size:]
        start = _ws_head(raw) if form == "ws" else raw.index(b"{")  # a length may look like a brace
        yield Frame(raw, json.loads(raw[start : raw.rindex(b"}") + 1]))


def _ws_head(piece: bytes) -> int:
    """Bytes before the payload: RFC 6455 section 5.2, as frames.ws_text writes it."""
    return {126: 4, 127: 10}.get(piece[1], 2)


def _ws_size(piece: bytes) -> int:
    head = _ws_head(piece)
    return head + (piece[1] if head == 2 else int.from_bytes(piece[2:head], "big"))


def _sse_size(piece: bytes) -> int:
    """RFC 9112 section 7.1, as frames.sse_chunk writes it."""
    line = piece.index(b"\r\n")
    return line + 2 + int(piece[:line], 16) + 2
