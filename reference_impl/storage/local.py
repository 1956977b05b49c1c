"""What backends of one process share: who waits for a session to change, and who was alive a moment ago."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class Watch:
    """Wakes those who follow a session."""

    def __init__(self) -> None:
        self._watchers: dict[str, set[asyncio.Event]] = {}

    @contextmanager
    def watching(self, session: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever the session has changed."""
        change = asyncio.Event()
        watchers = self._watchers.setdefault(session, set())
        watchers.add(change)
        try:
            yield change
        finally:
            watchers.discard(change)
            if not watchers:
                self._watchers.pop(session, None)

    def wake(self, session: str) -> None:
        """The session has changed."""
        for change in self._watchers.get(session, ()):
            change.set()

    def wake_all(self) -> None:
        """Something has changed for everyone."""
        for session in tuple(self._watchers):
            self.wake(session)


class Beats:
    """Holders and until when they count as alive."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def beat(self, holder: str, ttl_s: float) -> None:
        """It is alive for that long."""
        self._until[holder] = time.monotonic() + ttl_s

    def alive(self, holders: Iterable[str]) -> frozenset[str]:
        """Those whose time is not over; the others are forgotten."""
        now = time.monotonic()
        self._until = {holder: until for holder, until in self._until.items() if until > now}
        return frozenset(holder for holder in holders if holder in self._until)
