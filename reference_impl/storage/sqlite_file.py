"""The SQLite file behind storage/sqlite.py: its schema, and what is done to it. Used by one thread only."""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from .base import Conflict, Stored, StoreError, Trimmed, first_epoch

VERSION = 2  # of the schema, kept in PRAGMA user_version
_MAKE = (
    "CREATE TABLE store (id TEXT NOT NULL)",
    "CREATE TABLE sessions (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, epoch TEXT NOT NULL,"
    " first INTEGER NOT NULL DEFAULT 1, snapshot BLOB NOT NULL DEFAULT x'')",
    "CREATE TABLE events (session INTEGER, offset INTEGER, body BLOB NOT NULL, PRIMARY KEY (session, offset))"
    " WITHOUT ROWID",
)
_FROM_1 = (
    "ALTER TABLE sessions ADD COLUMN first INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE sessions ADD COLUMN snapshot BLOB NOT NULL DEFAULT x''",
)
_FIND = (
    "SELECT number, epoch, first, coalesce((SELECT max(offset) FROM events WHERE session = number), first - 1)"
    " FROM sessions WHERE name = ?"
)
_BUSY_S = 1.0  # how long another process may keep the file
_CHECK_S = 1.5  # how long a file is looked at for damage when it is opened
_KNOWN = 65_536  # sessions whose heads are kept in memory


class _Session(NamedTuple):
    """number: its key in the file, 0 as long as it has no row there."""

    number: int
    epoch: str
    first: int
    head: int


class File:
    """The open database. Raises StoreError or sqlite3.Error; a Conflict is raised before anything is changed."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_S)
        self._known: dict[str, _Session] = {}  # by name
        self._rows: list[tuple[int, int, bytes]] = []  # events of this transaction that are not in the file yet
        try:
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            with self.transaction("BEGIN EXCLUSIVE"):  # takes the lock that is kept until the file is closed
                self._prepare()
                self._store_id = str(self._db.execute("SELECT id FROM store").fetchone()[0])
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
        except BaseException:
            self._db.close()
            raise

    @contextmanager
    def transaction(self, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
        """All of it or nothing."""
        if len(self._known) > _KNOWN:
            self._known.clear()
        self._db.execute(begin)
        try:
            yield
            self._write()
            self._db.execute("COMMIT")
        except BaseException:
            self._known.clear()
            self._rows.clear()
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def load(self, session: str) -> Stored:
        """Everything of a session."""
        found = self._find(session)
        row = self._db.execute("SELECT snapshot FROM sessions WHERE number = ?", (found.number,)).fetchone()
        return Stored(found.epoch, self._bodies(found, 0), found.first, row[0] if row else b"")

    def read(self, session: str, epoch: str, after: int) -> tuple[Sequence[bytes], int]:
        """The events after an offset, and the head. Raises Conflict or Trimmed."""
        found = self._find(session)
        if found.epoch != epoch:
            raise Conflict(f"session {session}: {epoch} is gone")
        if after < found.first - 1:
            raise Trimmed(f"session {session}: events from {after + 1} were trimmed")
        return self._bodies(found, after), found.head

    def append(self, session: str, epoch: str, first: int, bodies: Sequence[bytes]) -> None:
        """Write events. Raises Conflict."""
        found = self._known.get(session) or self._find(session)
        if first != found.head + 1 or epoch != found.epoch:
            raise Conflict(f"session {session}: {epoch}:{first} cannot follow {found.epoch}:{found.head}")
        number = found.number or self._register(session, epoch)
        self._rows.extend((number, offset, body) for offset, body in enumerate(bodies, start=first))
        self._known[session] = _Session(number, epoch, found.first, found.head + len(bodies))

    def trim(self, session: str, epoch: str, upto: int, snapshot: bytes) -> None:
        """Put the snapshot in place of the events. Raises Conflict."""
        found = self._find(session)
        if epoch != found.epoch or upto > found.head:
            raise Conflict(f"session {session}: {epoch}:{upto} is not in {found.epoch}:{found.head}")
        if upto < found.first:
            return
        self._write()
        self._db.execute("DELETE FROM events WHERE session = ? AND offset <= ?", (found.number, upto))
        row = (upto + 1, snapshot, found.number)
        self._db.execute("UPDATE sessions SET first = ?, snapshot = ? WHERE number = ?", row)
        self._known[session] = found._replace(first=upto + 1)

    def delete(self, session: str, epoch: str) -> None:
        """Empty the session and give its name another epoch. Raises Conflict."""
        found = self._find(session)
        if epoch != found.epoch:
            raise Conflict(f"session {session}: {epoch} is gone")
        number = found.number or self._register(session, epoch)
        self._write()
        self._db.execute("DELETE FROM events WHERE session = ?", (number,))
        following = secrets.token_hex(5)
        self._db.execute(
            "UPDATE sessions SET epoch = ?, first = 1, snapshot = x'' WHERE number = ?", (following, number)
        )
        self._known[session] = _Session(number, following, 1, 0)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _find(self, session: str) -> _Session:
        if session not in self._known:
            row = self._db.execute(_FIND, (session,)).fetchone()
            if row is None:
                return _Session(0, first_epoch(self._store_id, session), 1, 0)
            self._known[session] = _Session(*row)
        return self._known[session]

    def _bodies(self, found: _Session, after: int) -> tuple[bytes, ...]:
        self._write()
        query = "SELECT body FROM events WHERE session = ? AND offset > ? ORDER BY offset"
        return tuple(body for (body,) in self._db.execute(query, (found.number, after)))

    def _register(self, session: str, epoch: str) -> int:
        added = self._db.execute("INSERT INTO sessions (name, epoch) VALUES (?, ?)", (session, epoch))
        return int(added.lastrowid or 0)

    def _write(self) -> None:
        """Put the waiting events into the file, all in one call: half the cost of one call for each append."""
        if self._rows:
            self._db.executemany("INSERT INTO events (session, offset, body) VALUES (?, ?, ?)", self._rows)
            self._rows.clear()

    def _prepare(self) -> None:
        """Make an empty file ours, an older one current; leave any other as it is. Raises StoreError."""
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version == 0 and self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise StoreError("it is the database of another program")
        if version not in range(VERSION + 1):
            raise StoreError(f"its schema is version {version}, this server's is {VERSION}")
        if version:
            self._inspect()
        if version == VERSION:
            return
        for statement in _FROM_1 if version else _MAKE:
            self._db.execute(statement)
        if not version:
            self._db.execute("INSERT INTO store (id) VALUES (?)", (secrets.token_hex(8),))
        self._db.execute(f"PRAGMA user_version = {VERSION}")

    def _inspect(self) -> None:
        """Look for damage, for a limited time: what is not found now is found when it is read. Raises StoreError."""
        until = time.monotonic() + _CHECK_S
        self._db.set_progress_handler(lambda: time.monotonic() > until, 10_000)
        try:
            answer = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.OperationalError as problem:
            if problem.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            return
        finally:
            self._db.set_progress_handler(None, 0)
        if answer != "ok":
            raise StoreError(f"it is damaged: {answer.splitlines()[-1]}")
