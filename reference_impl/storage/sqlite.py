"""Sessions in one SQLite file. Durable means: on the disk, also through a power cut (WAL, synchronous=FULL).

One thread owns the connection. It takes everything that is waiting, writes it in one transaction, and acknowledges all
of it at once (group commit), so the rate does not depend on how long the disk takes to sync. The file is locked for one
server at a time; who is alive is therefore known to that server alone and not written down.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeAlias

from .base import Batch, Stored, StoreError
from .following import Feeds, Rest
from .local import Beats
from .sqlite_file import File

_LARGEST_BATCH = 1_024  # calls a transaction

_Job: TypeAlias = "tuple[Callable[..., Any], tuple[Any, ...], asyncio.Future[Any]]"  # a method of File, and its call
_Outcome: TypeAlias = "tuple[asyncio.Future[Any], Any, Exception | None]"

logger = logging.getLogger(__name__)


class SqliteStore:
    """storage.base.Store in the file at `path`, made when there is none."""

    shared = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._feeds = Feeds()
        self._beats = Beats()

    async def open(self) -> None:
        """Open or make the file. Raises StoreError, also when another server has it open."""
        self._loop = asyncio.get_running_loop()
        opened: asyncio.Future[None] = self._loop.create_future()
        self._thread = threading.Thread(target=self._serve, args=(opened,), name="sqlite-store", daemon=True)
        self._thread.start()
        try:
            await opened
        except StoreError:
            self._thread = None
            raise

    async def load(self, session: str) -> Stored:
        """Everything of a session."""
        stored: Stored = await self._call(File.load, session)
        return stored

    async def append(self, session: str, epoch: str, first: int, bodies: Sequence[bytes]) -> None:
        """Add events; on the disk when this returns. Raises Conflict or StoreError."""
        try:
            await self._call(File.append, session, epoch, first, bodies)
        except asyncio.CancelledError:
            self._feeds.look(session)  # it is written all the same, before the look
            raise
        self._feeds.tell(session, epoch, first, bodies)

    async def follow(self, session: str, epoch: str, after: int) -> AsyncGenerator[Batch, None]:
        """Events as they are appended. Raises Trimmed, Conflict or StoreError."""

        async def read(after: int) -> Rest:
            rest: Rest = await self._call(File.read, session, epoch, after)
            return rest

        async with aclosing(self._feeds.follow(session, epoch, after, read)) as batches:
            async for batch in batches:
                yield batch

    async def trim(self, session: str, epoch: str, upto: int, snapshot: bytes) -> None:
        """Forget events. Raises Conflict or StoreError."""
        await self._call(File.trim, session, epoch, upto, snapshot)

    async def delete(self, session: str, epoch: str) -> None:
        """Forget a session. Raises Conflict or StoreError."""
        await self._call(File.delete, session, epoch)
        self._feeds.look(session)

    async def beat(self, holder: str, ttl_s: float) -> None:
        """Remember the holder for that long, as long as this server lives."""
        self._check()
        self._beats.beat(holder, ttl_s)

    async def alive(self, holders: Iterable[str]) -> frozenset[str]:
        """Those that are remembered."""
        self._check()
        return self._beats.alive(holders)

    async def close(self) -> None:
        """Write what is waiting and close the file."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._jobs.put(None)
            await asyncio.to_thread(thread.join)
        self._feeds.close()

    def _check(self) -> None:
        if self._thread is None:
            raise StoreError(f"{self._path} is not open")

    async def _call(self, work: Callable[..., Any], *arguments: Any) -> Any:
        self._check()
        assert self._loop is not None
        done: asyncio.Future[Any] = self._loop.create_future()
        self._jobs.put((work, arguments, done))
        return await done

    def _serve(self, opened: asyncio.Future[None]) -> None:
        """The thread: open, then batch after batch until told to end."""
        try:
            file = File(self._path)
        except (sqlite3.Error, StoreError) as problem:
            self._tell([(opened, None, StoreError(f"cannot open {self._path}: {problem}"))])
            return
        self._tell([(opened, None, None)])
        more = True
        while more:
            jobs, more = self._take()
            self._tell(_carry_out(file, jobs))
        file.close()

    def _take(self) -> tuple[list[_Job], bool]:
        """Wait for a job, then take all that wait; False when the last one was taken."""
        jobs: list[_Job] = []
        job = self._jobs.get()
        with suppress(Empty):
            while job is not None:
                jobs.append(job)
                if len(jobs) == _LARGEST_BATCH:
                    return jobs, True
                job = self._jobs.get_nowait()
            return jobs, False
        return jobs, True

    def _tell(self, outcomes: list[_Outcome]) -> None:
        """Hand the outcomes to the event loop, all in one call."""
        with suppress(RuntimeError):  # the loop was closed under us: nobody is left to tell
            assert self._loop is not None
            self._loop.call_soon_threadsafe(_settle, outcomes)


def _carry_out(file: File, jobs: list[_Job]) -> list[_Outcome]:
    """Do the jobs in one transaction. A Conflict fails its own job; anything else fails, and undoes, all of them."""
    try:
        with file.transaction():
            return [_attempt(file, job) for job in jobs]
    except Exception as problem:
        logger.exception("a transaction of %d calls failed", len(jobs))
        failure = f"{type(problem).__name__}: {problem}"
        return [(done, None, StoreError(failure)) for _, _, done in jobs]


def _attempt(file: File, job: _Job) -> _Outcome:
    work, arguments, done = job
    try:
        return done, work(file, *arguments), None
    except StoreError as problem:
        return done, None, problem


def _settle(outcomes: list[_Outcome]) -> None:
    for future, result, problem in outcomes:
        if future.done():  # whoever asked has gone
            continue
        if problem is None:
            future.set_result(result)
        else:
            future.set_exception(problem)
