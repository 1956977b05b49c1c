from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from reference_impl.storage.memory import MemoryStore
from reference_impl.workers import worklog
from reference_impl.workers.base import Place
from reference_impl.workers.worklog import WorkLog

from ..devices import eventually


class Node:
    """What one server knows of the runs that wait."""

    def __init__(self, store: MemoryStore) -> None:
        self.waiting: list[Place] = []
        self.log = WorkLog(store, self._waits, self._over)

    def _waits(self, place: Place) -> None:
        if place not in self.waiting:
            self.waiting.append(place)

    def _over(self, place: Place) -> None:
        self.waiting.remove(place)


@asynccontextmanager
async def nodes(store: MemoryStore, count: int = 3) -> AsyncIterator[list[Node]]:
    made = [Node(store) for _ in range(count)]
    for node in made:
        node.log.open()
    try:
        yield made
    finally:
        await asyncio.gather(*(node.log.close() for node in made))


async def test_what_is_posted_on_one_is_known_on_all_until_it_is_struck_on_any() -> None:
    async with nodes(MemoryStore()) as (one, two, three):
        one.log.post(("s", "r_1"))
        two.log.post(("s", "r_2"))  # at the same time
        await eventually(lambda: all(sorted(n.waiting) == [("s", "r_1"), ("s", "r_2")] for n in (one, two, three)))
        three.log.strike(("s", "r_1"))
        await eventually(lambda: all(node.waiting == [("s", "r_2")] for node in (one, two, three)))


async def test_one_that_comes_late_knows_too() -> None:
    store = MemoryStore()
    async with nodes(store, 1) as (early,):
        early.log.post(("s", "r"))
        await eventually(lambda: early.waiting == [("s", "r")])
        async with nodes(store, 1) as (late,):
            await eventually(lambda: late.waiting == [("s", "r")])


async def test_what_is_posted_again_or_struck_unknown_is_written_once_or_never() -> None:
    store = MemoryStore()
    async with nodes(store) as (one, two, _):
        one.log.strike(("s", "never"))
        for node in (one, two, one, two):
            node.log.post(("s", "r"))
            await eventually(lambda: one.waiting == two.waiting == [("s", "r")])
        assert len((await store.load(worklog.NAME)).bodies) == 1


async def test_it_does_not_grow_for_ever_and_nothing_that_waits_is_trimmed_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worklog, "_LONGEST", 20)
    store = MemoryStore()
    async with nodes(store, 2) as (one, two):
        two.log.post(("s", "old"))
        for number in range(100):
            place = ("s", f"r_{number}")
            one.log.post(place)
            await eventually(lambda: place in two.waiting)  # noqa: B023 - awaited here
            two.log.strike(place)
            await eventually(lambda: place not in one.waiting)  # noqa: B023 - awaited here
        stored = await store.load(worklog.NAME)
        assert len(stored.bodies) <= 40
        assert stored.head == 201
        assert one.waiting == two.waiting == [("s", "old")]
        async with nodes(store, 1) as (late,):
            await eventually(lambda: late.waiting == [("s", "old")])
