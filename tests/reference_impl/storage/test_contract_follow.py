"""What storage/base.py asks of `follow`, asked of every backend."""

from __future__ import annotations

import asyncio
import statistics
import time
from contextlib import AsyncExitStack

import pytest

from reference_impl.storage.base import Conflict, Store, StoreError, Trimmed

from .listening import append, following

WAKE_S = 0.05


async def test_what_is_there_comes_first_and_then_what_is_appended(store: Store) -> None:
    epoch = await append(store, "s", 1, b"1", b"2", b"3")
    async with following(store, "s", epoch, 1) as follower:
        assert await follower.has(2) == (b"2", b"3")
        await store.append("s", epoch, 4, (b"4", b"5"))
        assert await follower.has(4) == (b"2", b"3", b"4", b"5")


async def test_several_followers_see_everything_once_and_in_order(store: Store) -> None:
    epoch = (await store.load("s")).epoch
    expected = tuple(b"%d" % n for n in range(1, 301))
    async with AsyncExitStack() as stack:
        followers = []
        for n in range(1, 301):
            if n % 50 == 1:
                followers.append(await stack.enter_async_context(following(store, "s", epoch, n // 100)))
            await store.append("s", epoch, n, (b"%d" % n,))
        for place, follower in enumerate(followers):
            after = (place * 50 + 1) // 100
            assert await follower.has(300 - after) == expected[after:]


async def test_followers_of_other_sessions_see_nothing(store: Store) -> None:
    epochs = {name: (await store.load(name)).epoch for name in ("a", "b")}
    async with following(store, "a", epochs["a"]) as a, following(store, "b", epochs["b"]) as b:
        await append(store, "b", 1, b"of b")
        assert await b.has(1) == (b"of b",)
        await append(store, "a", 1, b"of a")
        assert await a.has(1) == (b"of a",)
        assert b.bodies == [b"of b"]


async def test_a_follower_wakes_soon(store: Store) -> None:
    await wakes_soon(store, store)


async def test_a_follower_on_another_node_wakes_soon(nodes: tuple[Store, Store]) -> None:
    await wakes_soon(*nodes)


async def wakes_soon(writer: Store, reader: Store) -> None:
    epoch = (await writer.load("s")).epoch
    async with following(reader, "s", epoch) as follower:
        late = []
        for n in range(1, 10):
            await asyncio.sleep(0.01)
            await writer.append("s", epoch, n, (b"x",))
            done = time.monotonic()
            await follower.has(n)
            late.append(follower.at[-1] - done)
        assert statistics.median(late) < WAKE_S


async def test_a_follower_that_takes_its_time_misses_nothing(store: Store) -> None:
    epoch = (await store.load("s")).epoch
    batches = store.follow("s", epoch, 0)
    await store.append("s", epoch, 1, (b"1",))
    seen = list((await anext(batches))[1])
    for n in range(2, 601):
        await store.append("s", epoch, n, (b"%d" % n,))
    while len(seen) < 600:
        first, bodies = await anext(batches)
        assert first == len(seen) + 1
        seen += bodies
    assert seen == [b"%d" % n for n in range(1, 601)]
    await batches.aclose()


async def test_what_a_caller_gave_up_on_is_told_if_it_was_written(store: Store) -> None:
    epoch = (await store.load("s")).epoch
    async with following(store, "s", epoch) as follower:
        await store.append("s", epoch, 1, (b"1",))
        await follower.has(1)
        task = asyncio.create_task(store.append("s", epoch, 2, (b"2",)))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        head = (await store.load("s")).head
        assert len(await follower.has(head)) == head


async def test_trimmed_events_cannot_be_followed(store: Store) -> None:
    epoch = await append(store, "s", 1, b"1", b"2", b"3")
    await store.trim("s", epoch, 2, b"two")
    async with following(store, "s", epoch, 1) as late, following(store, "s", epoch, 2) as other:
        assert isinstance(await late.ended(), Trimmed)
        assert await other.has(1) == (b"3",)


async def test_trimming_does_not_disturb_who_is_beyond_it(store: Store) -> None:
    epoch = await append(store, "s", 1, b"1", b"2", b"3")
    async with following(store, "s", epoch) as follower:
        await follower.has(3)
        await store.trim("s", epoch, 3, b"three")
        await store.append("s", epoch, 4, (b"4",))
        assert await follower.has(4) == (b"1", b"2", b"3", b"4")


async def test_followers_of_a_deleted_session_end(store: Store) -> None:
    epoch = await append(store, "s", 1, b"1")
    async with following(store, "s", epoch) as follower:
        await follower.has(1)
        await store.delete("s", epoch)
        assert isinstance(await follower.ended(), Conflict)
    async with following(store, "s", epoch) as late, following(store, "s", "other") as wrong:
        assert isinstance(await late.ended(), Conflict)
        assert isinstance(await wrong.ended(), Conflict)


async def test_followers_end_when_the_store_closes(store: Store) -> None:
    epoch = await append(store, "s", 1, b"1")
    async with following(store, "s", epoch) as follower:
        await follower.has(1)
        await store.close()
        assert isinstance(await follower.ended(), StoreError)


@pytest.mark.parametrize("count", [100])
async def test_many_sessions_are_followed_at_once(store: Store, count: int) -> None:
    names = [f"s{n}" for n in range(count)]
    epochs = [stored.epoch for stored in await asyncio.gather(*map(store.load, names))]
    async with AsyncExitStack() as stack:
        followers = [
            await stack.enter_async_context(following(store, *pair)) for pair in zip(names, epochs, strict=True)
        ]
        for n in range(1, 4):
            pairs = zip(names, epochs, strict=True)
            await asyncio.gather(*(store.append(name, epoch, n, (name.encode(),)) for name, epoch in pairs))
        for name, follower in zip(names, followers, strict=True):
            assert await follower.has(3) == (name.encode(),) * 3
