"""All sessions of a server: each is read from storage when it is first named, and lives from then on."""

from __future__ import annotations

import asyncio

from .agents.base import Agent
from .errors import Unavailable
from .live import LiveSession
from .session.event import decode
from .session.log import Log, framed
from .session.state import SessionState
from .settings import Settings
from .storage.base import Store, Stored, StoreError


class Hub:
    """Finds or loads sessions; they know nothing of each other."""

    def __init__(self, store: Store, agent: Agent, settings: Settings) -> None:
        self.settings = settings
        self._store = store
        self._agent = agent
        self._sessions: dict[str, LiveSession] = {}
        self._loading: dict[str, asyncio.Task[LiveSession]] = {}
        self._closed = False

    async def open(self) -> None:
        """Get ready. Raises StoreError."""
        await self._store.open()

    async def session(self, name: str) -> LiveSession:
        """The session of that name; it exists as soon as it is named. Raises Unavailable."""
        if self._closed:
            raise Unavailable("the server is going away")
        live = self._sessions.get(name)
        if live is not None:
            return live
        if name not in self._loading:
            task = asyncio.create_task(self._load(name))
            task.add_done_callback(lambda _: self._loading.pop(name, None))
            self._loading[name] = task
        return await asyncio.shield(self._loading[name])

    async def close(self) -> None:
        """End every session in good order, then the storage."""
        self._closed = True
        await asyncio.gather(*self._loading.values(), return_exceptions=True)
        await asyncio.gather(*(live.close() for live in self._sessions.values()))
        await self._store.close()

    async def _load(self, name: str) -> LiveSession:
        try:
            stored = await self._store.load(name)
        except StoreError as failure:
            raise Unavailable(f"the session cannot be read: {failure}") from failure
        state, log = await asyncio.to_thread(rebuild, stored, self.settings.retain_events)
        live = LiveSession(
            name,
            state,
            log,
            store=self._store,
            agent=self._agent,
            settings=self.settings,
            gone=lambda: self._forget(name),
        )
        await live.recover()
        self._sessions[name] = live
        return live

    def _forget(self, name: str) -> None:
        self._sessions.pop(name, None)


def rebuild(stored: Stored, retain: int | None) -> tuple[SessionState, Log]:
    """Fold what was stored into the session it was."""
    state, log = SessionState(), Log(stored.epoch, retain)
    for offset, body in enumerate(stored.bodies, start=1):
        event = decode(body)
        state.apply(event)
        log.append(framed(event.kind, body, stored.epoch, offset))
    return state, log
