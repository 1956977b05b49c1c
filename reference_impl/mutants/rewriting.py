"""A subscription that looks at every frame before it is written: what mutants that say something else are made of."""

from __future__ import annotations

from ..session.event import Event
from ..session.frames import Form
from ..session.log import Log, entry
from ..session.subscription import Subscription
from .pieces import Frame, frames


class RewritingSubscription(Subscription):
    """late: it was opened without a cursor, when something had been said. live: history is over."""

    def __init__(self, log: Log, form: Form, after: int) -> None:
        super().__init__(log, form, after)
        self.late = after == log.trimmed and log.head > after
        self.live = False

    def take(self, limit_bytes: int) -> bytes:
        """The next piece of which anything is left: an empty one would mean that there is nothing more to come."""
        while piece := super().take(limit_bytes):
            kept = b"".join(self._seen(frame) for frame in frames(self._form, piece))
            if kept:
                return kept
        return b""

    def rewritten(self, frame: Frame) -> bytes:
        """What is written instead of an event."""
        return frame.raw

    def event(self, frame: Frame, **data: object) -> bytes:
        """An event at the place of another one, with some of its data changed."""
        told = frame.message
        made = entry(Event(told["kind"], frame.run, {**told["data"], **data}), told["epoch"], told["offset"])
        return made.sse if self._form == "sse" else made.ws

    def _seen(self, frame: Frame) -> bytes:
        if frame.message.get("type") == "caught-up":
            self.live = True
            return frame.raw
        return self.rewritten(frame)
