"""The workers connected to this server, and the runs that wait for one.

A run is offered to one worker after the other until one wants it; then it is claimed for that worker, which any server
may win (session/decide.py, `claim`). A worker says what it wants before the claim is written, so that wherever it
reconnects to, it can name all that it may hold: no run can be given to somebody who does not know.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import Unavailable
from ..settings import Settings
from ..storage.base import Store, StoreError
from .base import Place, Wire
from .worklog import WorkLog

if TYPE_CHECKING:
    from ..live import LiveSession
    from .desk import Desk

_OFFER_S = 1.0  # how long a worker may think about an offer
_AGAIN_S = 0.5  # before a session that could not be read is tried again

logger = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Worker:
    """A connected worker. offered: what it has not answered yet; held: what it runs, or is about to."""

    id: str
    wire: Wire
    slots: int
    heard_at: float  # event loop time, seconds
    offered: dict[Place, asyncio.TimerHandle] = field(default_factory=dict)
    held: set[Place] = field(default_factory=set)

    @property
    def free(self) -> int:
        """How many more runs it can take."""
        return self.slots - len(self.offered) - len(self.held)


class Pool:
    """find: the session of a name. lost: called when a worker said goodbye, so that what it left behind is looked after
    at once."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        find: Callable[[str], Awaitable[LiveSession]],
        lost: Callable[[], Awaitable[None]],
    ) -> None:
        self.settings = settings
        self._store = store
        self._find = find
        self._lost = lost
        self._log = WorkLog(store, self.offer, self.withdraw) if store.shared else None
        self._workers: dict[str, Worker] = {}
        self._waiting: dict[Place, None] = {}  # the longest waiting first
        self._claiming: set[Place] = set()
        self._timers: set[asyncio.TimerHandle] = set()
        self._closed = False

    async def open(self) -> None:
        """Get ready."""
        if self._log is not None:
            self._log.open()

    async def close(self) -> None:
        """Offer nothing more, and send the workers elsewhere."""
        self._closed = True
        if self._log is not None:
            await self._log.close()
        for worker in tuple(self._workers.values()):
            worker.wire.leave()

    # -- what sessions say -----------------------------------------------------------------------------------------

    def offer(self, place: Place) -> None:
        """The run waits for a worker."""
        if place not in self._claiming and not any(place in worker.offered for worker in self._workers.values()):
            self._waiting.setdefault(place)
            self._match()

    def withdraw(self, place: Place) -> None:
        """The run waits no more."""
        self._waiting.pop(place, None)
        for worker in self._workers.values():
            self._unoffer(worker, place)
        if self._log is not None:
            self._log.strike(place)

    def spread(self, places: Iterable[Place]) -> None:
        """Let other servers know of those of these runs that nobody here is free for."""
        if self._log is not None:
            for place in places:
                if place in self._waiting:
                    self._log.post(place)

    # -- what workers say ------------------------------------------------------------------------------------------

    async def join(self, id_: str, wire: Wire, held: Iterable[Place]) -> Worker:
        """A worker is there; it is offered nothing before it is given slots. An older connection of it is over. Raises
        StoreError."""
        before = self._workers.get(id_)
        if before is not None:
            self._drop(before)
            before.wire.leave()
        await self._store.beat(id_, self.settings.lease_s)
        self._workers[id_] = worker = Worker(id_, wire, 0, asyncio.get_running_loop().time(), held=set(held))
        return worker

    def resize(self, worker: Worker, slots: int) -> None:
        """The worker can have so many runs at a time."""
        worker.slots = slots
        self._match()

    async def beat(self, worker: Worker) -> None:
        """The worker lives. Raises StoreError."""
        await self._store.beat(worker.id, self.settings.lease_s)
        worker.heard_at = asyncio.get_running_loop().time()
        self._match()

    async def part(self, worker: Worker, *, for_good: bool) -> None:
        """A connection is over. What the worker holds stays its own until its lease is over, unless it left for good:
        it may come back, here or elsewhere."""
        current = self._workers.get(worker.id) is worker
        self._drop(worker)
        if not current:
            return  # it is here again already
        with suppress(StoreError):
            await self._store.beat(worker.id, 0 if for_good else self.settings.lease_s)
            if for_good:
                await self._lost()

    async def claim(self, worker: Worker, place: Place) -> Desk | None:
        """Make a run the worker's, when that is durable; the desk to take it from. None: it is not to have."""
        self._unoffer(worker, place)
        self._waiting.pop(place, None)
        worker.held.add(place)
        self._claiming.add(place)
        session, run = place
        try:
            desk = (await self._find(session)).desk
            if desk is not None and await desk.claim(run, worker.id, lambda: place in worker.held):
                return desk
        except Unavailable as problem:
            logger.warning("run %s of session %s: %s", run, session, problem)
            self._later(_AGAIN_S, lambda: self.offer(place))
        finally:
            self._claiming.discard(place)
        if self._log is not None:
            self._log.strike(place)
        self.release(worker, place)
        return None

    def release(self, worker: Worker, place: Place) -> None:
        """The run is over for this worker."""
        worker.held.discard(place)
        self._match()

    # -- inside ----------------------------------------------------------------------------------------------------

    def _match(self) -> None:
        """Offer what waits to those who are free, the freest first."""
        while self._waiting and not self._closed:
            worker = self._freest()
            if worker is None:
                return
            place = next(iter(self._waiting))
            del self._waiting[place]
            self._ask(worker, place)

    def _ask(self, worker: Worker, place: Place) -> None:
        worker.offered[place] = self._later(_OFFER_S, lambda: self._revoke(worker, place))
        worker.wire.send({"type": "offer", "session": place[0], "run": place[1]})

    def _freest(self) -> Worker | None:
        fresh = asyncio.get_running_loop().time() - self.settings.lease_s
        free = [worker for worker in self._workers.values() if worker.free > 0 and worker.heard_at >= fresh]
        return max(free, key=lambda worker: worker.free, default=None)

    def _revoke(self, worker: Worker, place: Place) -> None:
        """The worker does not answer: somebody else may."""
        if place in worker.offered:
            worker.heard_at = 0.0  # until it beats again
            self._unoffer(worker, place)
            self._again(place)

    def _drop(self, worker: Worker) -> None:
        if self._workers.get(worker.id) is worker:
            del self._workers[worker.id]
        places = tuple(worker.offered)
        worker.slots = 0
        worker.held.clear()
        for place in places:
            self._unoffer(worker, place)
            self._again(place)

    def _again(self, place: Place) -> None:
        self.offer(place)
        self.spread((place,))

    def _unoffer(self, worker: Worker, place: Place) -> None:
        timer = worker.offered.pop(place, None)
        if timer is not None:
            timer.cancel()
            self._timers.discard(timer)

    def _later(self, delay_s: float, call: Callable[[], None]) -> asyncio.TimerHandle:
        def due() -> None:
            self._timers.discard(timer)
            if not self._closed:
                call()

        timer = asyncio.get_running_loop().call_later(delay_s, due)
        self._timers.add(timer)
        return timer
