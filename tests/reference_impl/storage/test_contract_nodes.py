"""What storage/base.py asks of backends that many servers write to at once."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from reference_impl.storage.base import Conflict, Store

from .listening import append, following

Nodes = tuple[Store, Store]


async def test_all_nodes_know_the_same(nodes: Nodes) -> None:
    one, other = nodes
    assert await one.load("s") == await other.load("s")
    epoch = await append(one, "s", 1, b"1", b"2")
    await other.append("s", epoch, 3, (b"3",))
    await one.trim("s", epoch, 1, b"first")
    assert await one.load("s") == await other.load("s")
    await one.beat("a", 60)
    assert await other.alive(("a", "b")) == {"a"}
    await other.delete("s", epoch)
    assert await one.load("s") == await other.load("s")
    assert (await one.load("s")).epoch != epoch


async def test_a_follower_elsewhere_learns_of_everything(nodes: Nodes) -> None:
    one, other = nodes
    epoch = await append(one, "s", 1, b"1")
    async with following(other, "s", epoch) as follower:
        await follower.has(1)
        await one.append("s", epoch, 2, (b"x" * 400_000, b"y" * 900_000))  # more than is told
        await follower.has(3)
        await one.trim("s", epoch, 2, b"two")
        await other.append("s", epoch, 4, (b"4",))
        assert await follower.has(4) == (b"1", b"x" * 400_000, b"y" * 900_000, b"4")
        await one.delete("s", epoch)
        assert isinstance(await follower.ended(), Conflict)


@pytest.mark.parametrize("seed", range(4))
async def test_of_many_writers_exactly_one_writes_each_event(nodes: Nodes, seed: int) -> None:
    """Six writers on two nodes, each with a follower to catch up by; now and then somebody trims."""
    random = Random(seed)
    epoch = (await nodes[0].load("s")).epoch
    written: dict[int, bytes] = {}

    async def write(number: int) -> None:
        store, rng = nodes[number % 2], Random(random.random())
        async with following(store, "s", epoch) as seen:
            for n in range(20):
                bodies = tuple(b"%d.%d.%d" % (number, n, part) for part in range(rng.randint(1, 3)))
                while True:
                    first = len(seen.bodies) + 1
                    try:
                        await store.append("s", epoch, first, bodies)
                    except Conflict:
                        await seen.has(first)
                        continue
                    break
                for offset, body in enumerate(bodies, start=first):
                    assert offset not in written
                    written[offset] = body
                await seen.has(first)
                if rng.random() < 0.1:
                    await store.trim("s", epoch, max(0, first - 100), b"%d" % first)

    await asyncio.gather(*map(write, range(6)))
    assert sorted(written) == list(range(1, len(written) + 1))
    ended = [await store.load("s") for store in nodes]
    assert ended[0] == ended[1]
    assert ended[0].head == len(written)
    assert list(ended[0].bodies) == [written[offset] for offset in range(ended[0].first, ended[0].head + 1)]


async def test_whoever_reads_while_it_is_trimmed_misses_nothing(nodes: Nodes) -> None:
    one, other = nodes
    epoch = (await one.load("s")).epoch
    for n in range(1, 301):
        await one.append("s", epoch, n, (b"%d" % n,))

    async def trim() -> None:
        for upto in range(10, 300, 10):
            await one.trim("s", epoch, upto, b"%d" % upto)

    trimming = asyncio.create_task(trim())
    while not trimming.done():
        stored = await other.load("s")
        assert stored.snapshot == (b"%d" % (stored.first - 1) if stored.first > 1 else b"")
        assert tuple(stored.bodies) == tuple(b"%d" % n for n in range(stored.first, 301))
    await trimming
