"""The door: how many streams are open, and whether new ones are let in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import Full, Refused
from .limits import spread_ms

_BACK_S = 1.0  # after this long it is worth to try again, here or at another server


class Door:
    """most: streams at a time."""

    def __init__(self, most: int) -> None:
        self.streams = 0
        self.draining = False
        self._most = most

    @contextmanager
    def stream(self) -> Iterator[None]:
        """A stream is open while the context lasts. Raises Refused (draining) or Full."""
        if self.draining:
            raise draining()
        if self.streams >= self._most:
            raise Full("this server holds as many streams as it may", spread_ms(_BACK_S))
        self.streams += 1
        try:
            yield
        finally:
            self.streams -= 1

    async def drain(self, wait_s: float) -> None:
        """Let no new streams in; return when whoever sends devices here has had the time to find out."""
        self.draining = True
        await asyncio.sleep(wait_s)


def draining() -> Refused:
    """The server goes away; another one, or the next one at this place, will do."""
    return Refused("draining", "the server is going away", 503, spread_ms(_BACK_S))
