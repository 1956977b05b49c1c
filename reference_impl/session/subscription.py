"""A device's place in the log: history first, then live, without a seam, because both are the same log."""

from __future__ import annotations

from .event import dumps
from .frames import Form, sse_event, ws_text
from .log import Log


class Subscription:
    """Reads a log from `after` on. Says once where history ends (`caught-up`): at the head when it was made."""

    def __init__(self, log: Log, form: Form, after: int) -> None:
        self.position = after
        self._log = log
        self._form = form
        self._history: int | None = log.head

    def take(self, limit_bytes: int) -> bytes:
        """The next piece to write; empty when the device has everything there is.

        A piece is at most about `limit_bytes` long, or one event. Raises log.Expired when the device fell too far back.
        """
        piece = b""
        upto = self._log.head if self._history is None else self._history
        if self.position < upto:
            piece, self.position = self._log.read(self._form, self.position, upto, limit_bytes)
        if self.position == self._history:
            self._history = None
            return piece + self._caught_up()
        return piece

    def _caught_up(self) -> bytes:
        cursor = self._log.cursor(self.position)
        message = dumps({"type": "caught-up", "cursor": cursor})
        return sse_event("caught-up", message, cursor) if self._form == "sse" else ws_text(message)
