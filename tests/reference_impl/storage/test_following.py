"""Feeds on a storage that tells them of some appends, of some twice, in any order, and of some not at all."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_impl.storage import following
from reference_impl.storage.base import StoreError
from reference_impl.storage.following import Feeds, Rest, Unreachable

LENGTH = 40
TOLD = st.lists(st.tuples(st.integers(1, LENGTH), st.integers(1, 5), st.sampled_from(["e", "old"])), max_size=60)


@given(TOLD, st.integers(0, LENGTH), st.integers(1, LENGTH))
def test_everything_is_seen_once_and_in_order_whatever_is_told(
    told: list[tuple[int, int, str]], after: int, page: int
) -> None:
    assert asyncio.run(seen(told, after, page)) == list(range(after + 1, LENGTH + 1))


async def seen(told: list[tuple[int, int, str]], after: int, page: int) -> list[int]:
    feeds, found, head = Feeds(), list[int](), after

    async def read(start: int) -> Rest:
        await asyncio.sleep(0)
        return bodies(start + 1, min(head, start + page)), head

    async def follow() -> None:
        async with aclosing(feeds.follow("s", "e", after, read)) as batches:
            async for first, batch in batches:
                assert first == after + len(found) + 1
                found.extend(map(int, batch))
                if len(found) >= LENGTH - after:
                    return

    following = asyncio.create_task(follow())
    for first, count, epoch in told:
        last = min(first + count - 1, LENGTH)
        head = max(head, last)
        feeds.tell("s", epoch, first, bodies(first, last) if epoch == "e" else bodies(100, 100 + last - first))
        for _ in range(first % 3):
            await asyncio.sleep(0)
    head = LENGTH
    feeds.look("s")  # whoever tells says so when it may have missed something
    if after < LENGTH:
        await asyncio.wait_for(following, 10)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    assert feeds.sessions == ()
    return found


def bodies(first: int, last: int) -> tuple[bytes, ...]:
    return tuple(b"%d" % n for n in range(first, last + 1))


async def test_what_is_told_is_not_read() -> None:
    feeds, reads, looked = Feeds(), list[int](), asyncio.Event()

    async def read(after: int) -> Rest:
        reads.append(after)
        looked.set()
        return (), after

    async with aclosing(feeds.follow("s", "e", 0, read)) as batches:
        coming = asyncio.create_task(anext(batches))
        await looked.wait()
        feeds.tell("s", "e", 1, (b"1", b"2"))
        assert await coming == (1, (b"1", b"2"))
        feeds.tell("s", "e", 2, (b"2", b"3"))
        assert await anext(batches) == (3, (b"3",))
    assert reads == [0]


async def test_memory_for_a_follower_that_does_not_ask_has_a_bound() -> None:
    feeds, stored = Feeds(), list[bytes]()

    async def read(after: int) -> Rest:
        return tuple(stored[after:]), len(stored)

    async with aclosing(feeds.follow("s", "e", 0, read)) as batches:
        stored.append(b"1")
        await anext(batches)
        for n in range(2, 2_000):
            stored.append(b"%d" % n)
            feeds.tell("s", "e", n, (stored[-1],))
        (feed,) = feeds._feeds["s"]
        assert len(feed._told) <= following._LONGEST
        first, batch = await anext(batches)
        while first + len(batch) < 2_000:
            first, batch = await anext(batches)
        assert batch[-1] == b"1999"


async def test_a_storage_that_is_gone_for_a_moment_ends_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_AGAIN_S", 0.01)
    reads = 0

    async def read(after: int) -> Rest:
        nonlocal reads
        reads += 1
        if reads < 5:
            raise Unreachable("gone")
        return (b"1",), 1

    async with aclosing(Feeds().follow("s", "e", 0, read)) as batches:
        assert await anext(batches) == (1, (b"1",))


async def test_a_storage_that_stays_gone_ends_its_followers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_AGAIN_S", 0.01)
    monkeypatch.setattr(following, "_PATIENCE_S", 0.05)

    async def read(after: int) -> Rest:
        raise Unreachable("gone")

    with pytest.raises(StoreError, match="gone"):
        await anext(Feeds().follow("s", "e", 0, read))
