"""Sessions in one SQLite file. Durable means: on the disk, also through a power cut (WAL, synchronous=FULL).

One thread owns the connection. It takes everything that is waiting, writes it in one transaction, and acknowledges all
of it at once (group commit), so the rate does not depend on how long the disk takes to sync. The file is locked for one
server at a time.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeAlias

from .base import Conflict, Stored, StoreError, first_epoch

_VERSION = 1  # of the schema, kept in PRAGMA user_version
_SCHEMA = (
    "CREATE TABLE store (id TEXT NOT NULL)",
    "CREATE TABLE sessions (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, epoch TEXT NOT NULL)",
    "CREATE TABLE events (session INTEGER, offset INTEGER, body BLOB NOT NULL, PRIMARY KEY (session, offset))"
    " WITHOUT ROWID",
)
_HEAD = "SELECT number, epoch, (SELECT max(offset) FROM events WHERE session = number) FROM sessions WHERE name = ?"
_LARGEST_BATCH = 1_024  # calls a transaction

_Work: TypeAlias = "Callable[[_File], Any]"
_Outcome: TypeAlias = "tuple[asyncio.Future[Any], Any, StoreError | None]"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Job:
    """One call, waiting for the thread."""

    work: _Work
    done: asyncio.Future[Any]


class SqliteStore:
    """storage.base.Store in the file at `path`, made when there is none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def open(self) -> None:
        """Open or make the file. Raises StoreError, also when another server has it open."""
        self._loop = asyncio.get_running_loop()
        opened: asyncio.Future[None] = self._loop.create_future()
        self._thread = threading.Thread(target=self._serve, args=(opened,), name="sqlite-store", daemon=True)
        self._thread.start()
        await opened

    async def load(self, session: str) -> Stored:
        """Everything of a session."""
        stored: Stored = await self._call(lambda file: file.load(session))
        return stored

    async def append(self, session: str, epoch: str, first: int, bodies: Sequence[bytes]) -> None:
        """Add events; on the disk when this returns. Raises Conflict or StoreError."""
        await self._call(lambda file: file.append(session, epoch, first, bodies))

    async def close(self) -> None:
        """Write what is waiting and close the file."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._jobs.put(None)
            await asyncio.to_thread(thread.join)

    async def _call(self, work: _Work) -> Any:
        if self._thread is None or self._loop is None:
            raise StoreError(f"{self._path} is not open")
        job = _Job(work, self._loop.create_future())
        self._jobs.put(job)
        return await job.done

    def _serve(self, opened: asyncio.Future[None]) -> None:
        """The thread: open, then batch after batch until told to end."""
        try:
            file = _File(self._path)
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
        try:
            while job is not None:
                jobs.append(job)
                if len(jobs) == _LARGEST_BATCH:
                    return jobs, True
                job = self._jobs.get_nowait()
        except Empty:
            return jobs, True
        return jobs, False

    def _tell(self, outcomes: list[_Outcome]) -> None:
        """Hand the outcomes to the event loop, all in one call."""
        with suppress(RuntimeError):  # the loop was closed under us: nobody is left to tell
            assert self._loop is not None
            self._loop.call_soon_threadsafe(_settle, outcomes)


def _carry_out(file: _File, jobs: list[_Job]) -> list[_Outcome]:
    """Do the jobs in one transaction. A Conflict fails its own job; anything else fails, and undoes, all of them."""
    try:
        with file.transaction():
            return [(job.done, *_attempt(file, job)) for job in jobs]
    except Exception as problem:
        logger.exception("a transaction of %d calls failed", len(jobs))
        return [(job.done, None, StoreError(f"{type(problem).__name__}: {problem}")) for job in jobs]


def _attempt(file: _File, job: _Job) -> tuple[Any, Conflict | None]:
    try:
        return job.work(file), None
    except Conflict as problem:
        return None, problem


def _settle(outcomes: list[_Outcome]) -> None:
    for future, result, problem in outcomes:
        if future.done():  # whoever asked has gone
            continue
        if problem is None:
            future.set_result(result)
        else:
            future.set_exception(problem)


class _File:
    """The open database; used by the one thread only."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, timeout=1.0)
        self._heads: dict[
            str, tuple[int, str, int]
        ] = {}  # name → number, epoch, last offset; only of what is committed
        try:
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._make()
            self._store_id = str(self._db.execute("SELECT id FROM store").fetchone()[0])
        except BaseException:
            self._db.close()
            raise

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            self._heads.clear()
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def load(self, session: str) -> Stored:
        """Read a session."""
        number, epoch, _ = self._head(session)
        rows = self._db.execute("SELECT body FROM events WHERE session = ? ORDER BY offset", (number,))
        return Stored(epoch, tuple(body for (body,) in rows))

    def append(self, session: str, epoch: str, first: int, bodies: Sequence[bytes]) -> None:
        """Write events. Raises Conflict before anything is written."""
        number, known, head = self._head(session)
        if (epoch, first) != (known, head + 1):
            raise Conflict(f"session {session}: {epoch}:{first} cannot follow {known}:{head}")
        if head == 0:
            number = self._register(session, epoch)
        rows = ((number, offset, body) for offset, body in enumerate(bodies, start=first))
        self._db.executemany("INSERT INTO events (session, offset, body) VALUES (?, ?, ?)", rows)
        self._heads[session] = (number, epoch, head + len(bodies))

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _head(self, session: str) -> tuple[int, str, int]:
        if session not in self._heads:
            found = self._db.execute(_HEAD, (session,)).fetchone()
            if found is None:
                return -1, first_epoch(self._store_id, session), 0
            self._heads[session] = found
        return self._heads[session]

    def _register(self, session: str, epoch: str) -> int:
        added = self._db.execute("INSERT INTO sessions (name, epoch) VALUES (?, ?)", (session, epoch))
        return int(added.lastrowid or 0)

    def _make(self) -> None:
        self._db.execute("BEGIN EXCLUSIVE")  # takes the lock that is kept until the file is closed
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            for statement in _SCHEMA:
                self._db.execute(statement)
            self._db.execute("INSERT INTO store (id) VALUES (?)", (secrets.token_hex(8),))
            self._db.execute(f"PRAGMA user_version = {_VERSION}")
        elif version != _VERSION:
            raise StoreError(f"its schema is version {version}, this server's is {_VERSION}")
        self._db.execute("COMMIT")
