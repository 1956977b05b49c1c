"""How long a session offers its single events: past that, what they add up to is kept, and the events are let go.

Nothing that was said is lost by it: the transcript stays. A device whose cursor lies further back is told so by name
(`expired`) and gets all that is left.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from .session.log import Log
from .session.snapshot import dump
from .session.state import SessionState
from .settings import Settings
from .storage.base import Store, StoreError

logger = logging.getLogger(__name__)


class Retention:
    """Of one session. now: seconds since 1970."""

    def __init__(
        self,
        session: str,
        state: SessionState,
        log: Log,
        store: Store,
        settings: Settings,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._session = session
        self._state = state
        self._log = log
        self._store = store
        self._retain_s = settings.retain_s
        self._now = now
        self._kept_from = log.trimmed  # by the storage
        self._trimming: asyncio.Task[None] | None = None

    def look(self) -> None:
        """Let go of what is past its time. Call when events were appended and those who follow were woken."""
        if self._retain_s is not None:
            self._forget_old(self._retain_s)
        self._log.trim()
        if self._log.trimmed > self._kept_from and self._trimming is None:
            self._trimming = asyncio.create_task(self._trim())

    def _forget_old(self, retain_s: float) -> None:
        """Whole answers are let go together: up to the last ending that is too old."""
        oldest = (self._now() - retain_s) * 1e3
        while self._log.ends and self._log.ends[0][0] < oldest:
            self._log.forget(self._log.ends[0][1])

    async def _trim(self) -> None:
        try:
            while self._log.trimmed > self._kept_from:
                upto = self._log.trimmed
                await self._store.trim(self._session, self._log.epoch, upto, dump(self._state, self._log.head))
                self._kept_from = upto
        except StoreError as problem:  # tried again with the next events: until then there is only more than needed
            logger.warning("session %s: nothing was trimmed: %s", self._session, problem)
        finally:
            self._trimming = None
