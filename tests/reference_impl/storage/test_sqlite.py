from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from reference_impl.storage import sqlite
from reference_impl.storage.base import StoreError
from reference_impl.storage.sqlite import SqliteStore


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


@pytest.fixture
def other_file(tmp_path: Path) -> Path:
    path = tmp_path / "letter.txt"
    path.write_bytes(b"not a database, but long enough to be looked at" * 100)
    return path


async def test_a_file_that_is_no_database_is_refused(other_file: Path) -> None:
    with pytest.raises(StoreError, match="not a database"):
        await SqliteStore(other_file).open()


async def test_a_file_of_another_version_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="version 99"):
        await SqliteStore(path).open()


async def test_waiting_calls_are_committed_together(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    carry_out = sqlite._carry_out

    def counted(file: sqlite._File, jobs: list[sqlite._Job]) -> list[sqlite._Outcome]:
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

        def full(self: sqlite._File, session: str, epoch: str, first: int, bodies: tuple[bytes, ...]) -> None:
            write(self, session, epoch, first, bodies)
            raise sqlite3.OperationalError("database or disk is full")

        write = sqlite._File.append
        with monkeypatch.context() as patch:
            patch.setattr(sqlite._File, "append", full)
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
