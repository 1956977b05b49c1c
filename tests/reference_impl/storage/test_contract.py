"""What storage/base.py asks of every backend, asked of every backend."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Protocol

import pytest

from reference_impl.storage.base import Conflict, Store, StoreError
from reference_impl.storage.memory import MemoryStore
from reference_impl.storage.sqlite import SqliteStore


class Backend(Protocol):
    """Makes a store; the same place each time it is asked within one test."""

    def __call__(self) -> Store: ...


BACKENDS: dict[str, Callable[[Path], Backend]] = {
    "memory": lambda _: MemoryStore,
    "sqlite": lambda path: lambda: SqliteStore(path / "sessions.db"),
}


@pytest.fixture(params=BACKENDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    opened = BACKENDS[request.param](tmp_path)()
    await opened.open()
    yield opened
    await opened.close()


async def append(store: Store, session: str, first: int, *bodies: bytes) -> None:
    await store.append(session, (await store.load(session)).epoch, first, bodies)


async def test_what_was_appended_is_what_is_loaded(store: Store) -> None:
    bodies = ("é漢🙂".encode(), b"", b"\x00\xff", b"x" * 100_000)
    await append(store, "s", 1, *bodies[:1])
    await append(store, "s", 2, *bodies[1:])
    assert (await store.load("s")).bodies == bodies


async def test_a_session_nobody_wrote_to_is_empty_and_keeps_its_epoch(store: Store) -> None:
    fresh = await store.load("s")
    assert (await store.load("s")) == fresh
    assert fresh.bodies == ()
    assert fresh.epoch
    assert fresh.epoch.isalnum()
    await append(store, "s", 1, b"one")
    assert (await store.load("s")).epoch == fresh.epoch


async def test_sessions_are_apart(store: Store) -> None:
    await append(store, "a", 1, b"of a")
    await append(store, "b", 1, b"of b")
    assert (await store.load("a")).bodies == (b"of a",)
    assert (await store.load("a")).epoch != (await store.load("b")).epoch


@pytest.mark.parametrize("first", [0, 1, 2, 4, 5])
async def test_an_offset_that_is_not_the_next_one_conflicts_and_changes_nothing(store: Store, first: int) -> None:
    await append(store, "s", 1, b"one", b"two")
    with pytest.raises(Conflict):
        await append(store, "s", first, b"wrong", b"wrong")
    await append(store, "s", 3, b"three")
    assert (await store.load("s")).bodies == (b"one", b"two", b"three")


async def test_another_epoch_conflicts(store: Store) -> None:
    with pytest.raises(Conflict):
        await store.append("s", "other", 1, (b"one",))
    await append(store, "s", 1, b"one")
    with pytest.raises(Conflict):
        await store.append("s", "other", 2, (b"two",))
    assert (await store.load("s")).bodies == (b"one",)


async def test_a_conflict_in_one_session_fails_no_other(store: Store) -> None:
    epochs = {name: (await store.load(name)).epoch for name in ("a", "b", "c")}
    done = await asyncio.gather(
        store.append("a", epochs["a"], 1, (b"of a",)),
        store.append("b", epochs["b"], 7, (b"of b",)),
        store.append("c", epochs["c"], 1, (b"of c",)),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in done] == [type(None), Conflict, type(None)]
    assert [len((await store.load(name)).bodies) for name in epochs] == [1, 0, 1]


async def test_overlapping_appends_of_one_session_keep_the_order_of_the_calls(store: Store) -> None:
    epoch = (await store.load("s")).epoch
    await asyncio.gather(*(store.append("s", epoch, n, (b"%d" % n,)) for n in range(1, 201)))
    assert (await store.load("s")).bodies == tuple(b"%d" % n for n in range(1, 201))


async def test_two_writers_cannot_both_write_the_next_event(store: Store) -> None:
    epoch = (await store.load("s")).epoch
    outcomes = await asyncio.gather(
        *(store.append("s", epoch, 1, (b"writer %d" % n,)) for n in range(8)), return_exceptions=True
    )
    assert sum(outcome is None for outcome in outcomes) == 1
    assert len((await store.load("s")).bodies) == 1


async def test_a_caller_that_gives_up_does_no_harm(store: Store) -> None:
    epoch = (await store.load("s")).epoch
    task = asyncio.create_task(store.append("s", epoch, 1, (b"one",)))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (await store.load("s")).bodies in ((), (b"one",))
    await append(store, "t", 1, b"still here")


async def test_after_closing_everything_is_refused(store: Store) -> None:
    epoch = (await store.load("s")).epoch
    await store.close()
    with pytest.raises(StoreError):
        await store.append("s", epoch, 1, (b"one",))
    with pytest.raises(StoreError):
        await store.load("s")
    await store.close()  # twice is once
