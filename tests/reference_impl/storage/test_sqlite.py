from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from reference_impl.storage import sqlite, sqlite_file
from reference_impl.storage.base import Stored, StoreError, first_epoch
from reference_impl.storage.sqlite import SqliteStore

VERSION_1 = (
    "CREATE TABLE store (id TEXT NOT NULL)",
    "CREATE TABLE sessions (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, epoch TEXT NOT NULL)",
    "CREATE TABLE events (session INTEGER, offset INTEGER, body BLOB NOT NULL, PRIMARY KEY (session, offset))"
    " WITHOUT ROWID",
    "INSERT INTO store VALUES ('an id')",
    "INSERT INTO sessions VALUES (1, 'old', 'e1')",
    "INSERT INTO events VALUES (1, 1, x'6f6e65'), (1, 2, x'74776f')",
    "PRAGMA user_version = 1",
)


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(path)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sessions.db"


async def test_everything_is_there_after_reopening(path: Path) -> None:
    async with opened(path) as store:
        empty = (await store.load("empty")).epoch
        epoch = (await store.load("s")).epoch
        await store.append("s", epoch, 1, (b"one", b"two"))
    async with opened(path) as store:
        stored = await store.load("s")
        assert (stored.epoch, stored.bodies) == (epoch, (b"one", b"two"))
        assert (await store.load("empty")).epoch == empty
        await store.append("s", epoch, 3, (b"three",))


async def test_another_file_gives_other_epochs(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.db") as one, opened(tmp_path / "b.db") as other:
        assert (await one.load("s")).epoch != (await other.load("s")).epoch


async def test_a_second_server_cannot_open_the_file(path: Path) -> None:
    async with opened(path):
        with pytest.raises(StoreError, match="locked"):
            await SqliteStore(path).open()
    async with opened(path):
        pass


async def refused(path: Path, why: str) -> None:
    """Opening says in one line why not, soon, and leaves everything as it was."""
    before = files(path.parent)
    begun = time.monotonic()
    with pytest.raises(StoreError, match=why) as problem:
        await SqliteStore(path).open()
    assert time.monotonic() - begun < 5
    assert "\n" not in str(problem.value)
    assert str(path) in str(problem.value)
    assert files(path.parent) == before


def files(folder: Path) -> dict[Path, bytes]:
    return {entry: entry.read_bytes() for entry in folder.rglob("*") if entry.is_file()}


@pytest.fixture
def letter(path: Path) -> Path:
    path.write_bytes(b"not a database, but long enough to be looked at" * 100)
    return path


@pytest.fixture
def folder(path: Path) -> Path:
    path.mkdir()
    return path


def spoil(path: Path, damage: str) -> None:
    data = bytearray(path.read_bytes())
    if damage == "cut short":
        del data[len(data) // 2 :]
    else:
        start = 100 if damage == "first page" else len(data) // 4096 // 2 * 4096
        data[start : start + 500] = b"\xff" * 500
    path.write_bytes(data)


async def test_a_file_that_is_no_database_is_refused(letter: Path) -> None:
    await refused(letter, "not a database")


async def test_a_file_of_a_newer_version_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 3")
    await refused(path, "its schema is version 3, this server's is 2")


async def test_the_database_of_another_program_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE letters (text)")
    await refused(path, "another program")


async def test_a_folder_is_refused(folder: Path) -> None:
    await refused(folder, "unable to open")


async def test_a_place_that_is_not_there_is_refused(path: Path) -> None:
    await refused(path.parent / "missing" / "sessions.db", "unable to open")


async def test_a_file_that_another_program_has_locked_is_refused(path: Path) -> None:
    async with opened(path):
        pass
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode=DELETE")
        db.execute("BEGIN EXCLUSIVE")
        await refused(path, "locked")


@pytest.mark.parametrize("damage", ["first page", "other page", "cut short"])
async def test_a_damaged_file_is_refused(path: Path, damage: str) -> None:
    async with opened(path) as store:
        epoch = (await store.load("s")).epoch
        await store.append("s", epoch, 1, [b"x" * 1000] * 500)
    spoil(path, damage)
    await refused(path, "malformed|damaged")


async def test_a_file_of_version_1_is_taken_over(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        for statement in VERSION_1:
            db.execute(statement)
        db.commit()
    async with opened(path) as store:
        assert await store.load("old") == Stored("e1", (b"one", b"two"))
        await store.append("old", "e1", 3, (b"three",))
        await store.trim("old", "e1", 2, b"both")
    async with opened(path) as store:
        assert await store.load("old") == Stored("e1", (b"three",), 3, b"both")
        assert (await store.load("new")).epoch == first_epoch("an id", "new")


async def test_a_take_over_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        for statement in VERSION_1:
            db.execute(statement)
        db.execute("ALTER TABLE sessions ADD COLUMN snapshot BLOB")  # the second step fails, the first is undone
        db.commit()
    with pytest.raises(StoreError, match="duplicate column name"):
        await SqliteStore(path).open()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (1,)
        columns = [column for _, column, *_ in db.execute("PRAGMA table_info(sessions)")]
        assert columns == ["number", "name", "epoch", "snapshot"]


async def test_what_was_trimmed_and_deleted_stays_so(path: Path) -> None:
    async with opened(path) as store:
        epochs = {name: (await store.load(name)).epoch for name in ("trimmed", "deleted", "never")}
        for name in ("trimmed", "deleted"):
            await store.append(name, epochs[name], 1, (b"one", b"two"))
        await store.trim("trimmed", epochs["trimmed"], 2, b"both")
        await store.delete("deleted", epochs["deleted"])
        await store.delete("never", epochs["never"])
        before = [await store.load(name) for name in epochs]
    async with opened(path) as store:
        assert [await store.load(name) for name in epochs] == before
        assert before[0] == Stored(epochs["trimmed"], (), 3, b"both")
        await store.append("trimmed", epochs["trimmed"], 3, (b"three",))


async def test_waiting_calls_are_committed_together(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    carry_out = sqlite._carry_out

    def counted(file: sqlite_file.File, jobs: list[sqlite._Job]) -> list[sqlite._Outcome]:
        sizes.append(len(jobs))
        return carry_out(file, jobs)

    async with opened(path) as store:
        epochs = [(await store.load(f"s{n}")).epoch for n in range(200)]
        monkeypatch.setattr(sqlite, "_carry_out", counted)
        await asyncio.gather(*(store.append(f"s{n}", epoch, 1, (b"x",)) for n, epoch in enumerate(epochs)))
    assert sum(sizes) == 200
    assert len(sizes) < 100


async def test_a_failing_transaction_fails_all_its_calls_and_leaves_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(path) as store:
        epoch = (await store.load("s")).epoch
        await store.append("s", epoch, 1, (b"one",))

        def full(self: sqlite_file.File, session: str, epoch: str, first: int, bodies: tuple[bytes, ...]) -> None:
            write(self, session, epoch, first, bodies)
            raise sqlite3.OperationalError("database or disk is full")

        write = sqlite_file.File.append
        with monkeypatch.context() as patch:
            patch.setattr(sqlite_file.File, "append", full)
            with pytest.raises(StoreError, match="disk is full"):
                await store.append("s", epoch, 2, (b"two",))
        assert (await store.load("s")).bodies == (b"one",)
        await store.append("s", epoch, 2, (b"second two",))
        assert (await store.load("s")).bodies == (b"one", b"second two")
    assert "a transaction of 1 calls failed" in caplog.text


async def test_closing_writes_what_is_waiting(path: Path) -> None:
    async with opened(path) as store:
        epoch = (await store.load("s")).epoch
        writing = [asyncio.create_task(store.append("s", epoch, n, (b"x",))) for n in range(1, 51)]
        await asyncio.sleep(0)
    await asyncio.gather(*writing)
    async with opened(path) as store:
        assert len((await store.load("s")).bodies) == 50
