"""All sessions of a server: each is read from storage when it is named, and stays in memory while it is used."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from .agents.base import Agent
from .errors import Unavailable
from .live import LiveSession
from .parts import Parts
from .pulse import Pulse
from .rebuild import rebuild
from .settings import Settings
from .storage.base import Store, StoreError

_AGAIN_S = 0.5  # between two tries to read a session again
_LOOKED_AT = 4  # sessions considered for forgetting whenever one is loaded


@dataclass(slots=True)
class _Place:
    """A session in memory, and when it was last named (event loop time, seconds)."""

    live: LiveSession
    named_at: float


class Hub:
    """Finds, loads and forgets sessions; they know nothing of each other."""

    def __init__(self, store: Store, agent: Agent, settings: Settings, parts: Parts | None = None) -> None:
        self.settings = settings
        self.parts = parts or Parts()
        self._store = store
        self._agent = agent
        self._places: OrderedDict[str, _Place] = OrderedDict()  # the longest unnamed first
        self._loading: dict[str, asyncio.Task[LiveSession]] = {}
        self._healing: set[asyncio.Task[None]] = set()
        self._closed = False
        self._pulse = Pulse(store, settings.alive_s, lambda: tuple(place.live for place in self._places.values()))

    async def open(self) -> None:
        """Get ready. Raises StoreError."""
        await self._store.open()
        await self._pulse.start()

    async def session(self, name: str) -> LiveSession:
        """The session of that name; it exists as soon as it is named. Raises Unavailable."""
        if self._closed:
            raise Unavailable("the server is going away")
        if name in self._places:
            return self._touch(name)
        if name not in self._loading:
            task = asyncio.create_task(self._load(name))
            task.add_done_callback(lambda _: self._loading.pop(name, None))
            self._loading[name] = task
        return await asyncio.shield(self._loading[name])

    async def close(self) -> None:
        """End every session in good order, then the storage."""
        self._closed = True
        for task in self._healing:
            task.cancel()
        await asyncio.gather(*self._loading.values(), return_exceptions=True)
        await asyncio.gather(*(place.live.close() for place in self._places.values()))
        await self._pulse.stop()
        await self._store.close()

    def _touch(self, name: str) -> LiveSession:
        place = self._places[name]
        place.named_at = asyncio.get_running_loop().time()
        self._places.move_to_end(name)
        return place.live

    async def _load(self, name: str) -> LiveSession:
        self._forget_idle()
        try:
            stored = await self._store.load(name)
        except StoreError as failure:
            raise Unavailable(f"the session cannot be read: {failure}") from failure
        state, log = await asyncio.to_thread(rebuild, stored, self.settings.retain_events, self.parts.log)
        live = self.parts.session(
            name,
            state,
            log,
            store=self._store,
            agent=self._agent,
            settings=self.settings,
            holder=self._pulse.holder,
            gone=lambda: self._lost(name),
        )
        await live.open()
        mine = {self._pulse.holder}  # a copy that was given up: this one has no agents yet
        await live.recover(await self._pulse.dead(live.holders) | mine)
        self._places[name] = _Place(live, asyncio.get_running_loop().time())
        return live

    def _lost(self, name: str) -> None:
        """The storage failed this copy of a session: read it again as soon as that works. Others cannot end what our
        agents had in hand, because they see that this server lives."""
        self._forget(name)
        task = asyncio.create_task(self._heal(name))
        self._healing.add(task)
        task.add_done_callback(self._healing.discard)

    async def _heal(self, name: str) -> None:
        while not self._closed:
            await asyncio.sleep(_AGAIN_S)
            with suppress(Unavailable, StoreError):
                await self.session(name)
                return

    def _forget(self, name: str) -> None:
        self._places.pop(name, None)

    def _forget_idle(self) -> None:
        """Let go of sessions that nobody has used for long: a few each time one comes, so that memory has a bound."""
        long_ago = asyncio.get_running_loop().time() - self.settings.idle_s
        for name, place in tuple(islice(self._places.items(), _LOOKED_AT)):
            if place.named_at > long_ago:
                return
            if place.live.idle:
                place.live.retire()
                self._forget(name)
            else:
                self._touch(name)
