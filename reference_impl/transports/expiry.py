"""A stream and the token it was opened with: told before it expires, and ended when it has. No run ends by it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..access.gate import Pass
from ..session.event import Data
from .stream import Ending, Stream

_LOOK_S = 86_400.0  # at least once a day: timers are bad at years


class Expiry:
    """Of one stream. tell: frames a message for it."""

    def __init__(self, allowed: Pass, stream: Stream, tell: Callable[[Data], bytes]) -> None:
        self._allowed = allowed
        self._stream = stream
        self._tell = tell
        self._warned = False
        self._due: asyncio.TimerHandle | None = None

    def watch(self) -> None:
        """Look after the token from now on; call it again when the token is another one."""
        self._warned = False
        self._look()

    def cancel(self) -> None:
        """The stream is over."""
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _look(self) -> None:
        self.cancel()
        left_s = self._allowed.left_s
        if left_s <= 0:
            self._stream.write(self._tell({"type": "token-expired"}))
            self._stream.end(Ending.EXPIRED)
            return
        if not self._warned and left_s <= self._allowed.warn_s:
            self._warned = True
            self._stream.write(self._tell({"type": "token-expiring", "in_ms": round(left_s * 1_000)}))
        next_s = left_s if self._warned else left_s - self._allowed.warn_s
        self._due = asyncio.get_running_loop().call_later(min(next_s, _LOOK_S), self._look)
