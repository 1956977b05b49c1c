"""All sessions of a server: each is read from storage when it is named, and stays in memory while it is used."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import Counter, OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from .access.limits import spread_ms
from .agents.base import Agent
from .errors import Full, Unavailable
from .live import LiveSession
from .observe.metrics import Metrics
from .parts import Parts
from .pulse import Pulse
from .rebuild import rebuild
from .session.run import IllegalMove
from .session.snapshot import UnreadableSnapshot
from .settings import Settings
from .storage.base import Store, StoreError
from .workers.pool import Pool

_AGAIN_S = 0.5  # between two tries to read a session again
_LOOKED_AT = 4  # sessions considered for forgetting whenever one is loaded
_LOOKED_AT_FULL = 64  # … and when there are as many as there may be

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Place:
    """A session in memory, and when it was last named (event loop time, seconds)."""

    live: LiveSession
    named_at: float


class Hub:
    """Finds, loads and forgets sessions; they know nothing of each other."""

    def __init__(
        self,
        store: Store,
        agent: Agent,
        settings: Settings,
        parts: Parts | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self.settings = settings
        self._metrics = metrics
        self.parts = parts or Parts()
        self._store = store
        self._agent = agent
        self._places: OrderedDict[str, _Place] = OrderedDict()  # the longest unnamed first
        self._loading: dict[str, asyncio.Task[LiveSession]] = {}
        self._healing: set[asyncio.Task[None]] = set()
        self._closed = False
        lease_s = settings.lease_s if settings.agents == "workers" else None
        sessions = lambda: tuple(place.live for place in self._places.values())  # noqa: E731
        self._pulse = Pulse(store, settings.alive_s, sessions, lease_s)
        self.pool = Pool(store, settings, self.session, self._pulse.look_after) if lease_s is not None else None

    async def open(self) -> None:
        """Get ready. Raises StoreError."""
        await self._store.open()
        await self._pulse.start()
        if self.pool is not None:
            await self.pool.open()

    async def session(self, name: str) -> LiveSession:
        """The session of that name; it exists as soon as it is named. Raises Unavailable or Full."""
        if self._closed:
            raise Unavailable("the server is going away")
        if name in self._places:
            return self._touch(name)
        if name not in self._loading:
            self._make_room()
            task = asyncio.create_task(self._load(name))
            task.add_done_callback(lambda _: self._loading.pop(name, None))
            self._loading[name] = task
        return await asyncio.shield(self._loading[name])

    def census(self) -> tuple[int, Mapping[str, int]]:
        """How many sessions are in memory, and their runs that have not ended, by state."""
        runs: Counter[str] = Counter()
        for place in self._places.values():
            runs.update(place.live.runs_in_hand)
        return len(self._places), runs

    async def close(self) -> None:
        """End every session in good order, then the storage."""
        self._closed = True
        for task in self._healing:
            task.cancel()
        if self.pool is not None:
            await self.pool.close()
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
        try:
            state, log = await asyncio.to_thread(rebuild, stored, self.settings.retain_events, self.parts.log)
        except (IllegalMove, UnreadableSnapshot, ValueError, KeyError) as problem:
            logger.error("session %s: what is stored contradicts itself: %r", name, problem)
            raise Unavailable("what is stored of the session contradicts itself") from problem
        live = self.parts.session(
            name,
            state,
            log,
            store=self._store,
            agent=self._agent,
            settings=self.settings,
            holder=self._pulse.holder,
            gone=lambda: self._lost(live),
            pool=self.pool,
            metrics=self._metrics,
        )
        try:
            await live.open()
            mine = {self._pulse.holder}  # a copy that was given up: this one has no agents yet
            await live.recover(await self._pulse.dead(live.holders) | mine)
        except BaseException as failure:
            await live.give_up()  # a copy that nobody can find must not go on
            if isinstance(failure, StoreError):
                raise Unavailable(f"the session cannot be recovered: {failure}") from failure
            raise
        self._places[name] = _Place(live, asyncio.get_running_loop().time())
        return live

    def _lost(self, live: LiveSession) -> None:
        """The storage failed this copy of a session: read it again as soon as that works. Others cannot end what our
        agents had in hand, because they see that this server lives."""
        place = self._places.get(live.name)
        if place is not None and place.live is live:
            self._forget(live.name)
        task = asyncio.create_task(self._heal(live.name))
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
        self._look_at(_LOOKED_AT, asyncio.get_running_loop().time() - self.settings.idle_s)

    def _make_room(self) -> None:
        """For one session more, in the place of one that nobody uses if need be. Raises Full."""
        if len(self._places) + len(self._loading) < self.settings.sessions:
            return
        held = len(self._places)
        self._look_at(_LOOKED_AT_FULL, math.inf, enough=1)
        if len(self._places) == held:
            raise Full("this server holds as many sessions as it may", spread_ms(1.0))

    def _look_at(self, count: int, long_ago: float, enough: int = _LOOKED_AT_FULL) -> None:
        """Forget up to `enough` of the sessions that were not named since long ago and are idle."""
        for name, place in tuple(islice(self._places.items(), count)):
            if place.named_at > long_ago or not enough:
                return
            if place.live.idle:
                place.live.retire()
                self._forget(name)
                enough -= 1
            else:
                self._touch(name)
