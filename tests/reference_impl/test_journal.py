from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

import pytest

from reference_impl.errors import Unavailable
from reference_impl.journal import Journal
from reference_impl.session.event import Event
from reference_impl.session.log import Log
from reference_impl.session.state import SessionState
from reference_impl.storage.memory import MemoryStore

from .devices import eventually

USER = Event("user", "r_1", {"id": "u_1", "text": "hello", "key": "k"})
START = Event("run-start", "r_1")
WORD = Event("text", "r_1", {"text": "word "})


class Counting(MemoryStore):
    """Remembers the size of each batch."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []

    async def append(self, session: str, epoch: str, first: int, bodies: Sequence[bytes]) -> None:
        await super().append(session, epoch, first, bodies)
        self.batches.append(len(bodies))


class Writing:
    """A journal over a store, and what it told."""

    def __init__(self, store: MemoryStore, epoch: str, gather_s: float = 0.0) -> None:
        self.store = store
        self.log = Log(epoch)
        self.state = SessionState()
        self.kept: Callable[[Event], bool] = lambda _: True
        self.broken = asyncio.Event()
        self.journal = Journal(
            "s",
            self.state,
            self.log,
            store,
            gather_s=gather_s,
            applied=self.applied,
            kept=lambda event: self.kept(event),  # noqa: PLW0108 - tests change it
            broken=self.broken.set,
        )

    def applied(self, events: Sequence[Event]) -> None:
        """Nothing follows from anything."""

    async def follow(self) -> None:
        """Take in what others write, for as long as the test lasts."""
        async for first, bodies in self.store.follow("s", self.log.epoch, 0):
            self.journal.learn(first, bodies)


async def writing(store: MemoryStore, gather_s: float = 0.0) -> Writing:
    made = Writing(store, (await store.load("s")).epoch, gather_s)
    assert await made.journal.commit([USER, START])
    return made


async def test_what_is_appended_together_is_stored_together() -> None:
    store = Counting()
    session = await writing(store)
    for _ in range(3):
        session.journal.write(WORD)
    assert await session.journal.commit([WORD, WORD])
    assert store.batches == [2, 5]
    assert (session.journal.busy, session.log.head) == (False, 7)


async def test_after_a_pause_text_is_written_at_once_and_in_a_busy_session_it_shares_a_write() -> None:
    store = Counting()
    session = await writing(store, gather_s=0.05)
    await asyncio.sleep(0.06)
    loop = asyncio.get_running_loop()
    began = loop.time()
    session.journal.write(WORD)
    await session.journal.settled()
    assert loop.time() - began < 0.03
    for _ in range(5):
        session.journal.write(WORD)
        await asyncio.sleep(0.001)
    assert store.batches == [2, 1]
    await session.journal.settled()
    assert store.batches == [2, 1, 5]
    assert 0.04 <= loop.time() - began < 0.15


async def test_a_decision_and_a_large_batch_do_not_wait() -> None:
    store = Counting()
    session = await writing(store, gather_s=30)
    session.journal.write(WORD)
    await asyncio.sleep(0)
    assert await asyncio.wait_for(session.journal.commit([WORD]), 1)
    for _ in range(300):
        session.journal.write(WORD)
    await asyncio.wait_for(session.journal.room(), 1)
    assert store.batches == [2, 2, 300]


async def test_a_bug_in_a_listener_is_not_taken_for_success() -> None:
    store = MemoryStore()
    session = await writing(store)

    def fails(events: Sequence[Event]) -> None:
        raise ZeroDivisionError

    session.journal._applied = fails
    with pytest.raises(Unavailable):
        await session.journal.commit([WORD])
    assert session.broken.is_set()
    with pytest.raises(Unavailable):
        session.journal.write(WORD)


async def test_on_storage_of_one_server_a_conflict_ends_this_copy() -> None:
    store = MemoryStore()
    session = await writing(store)
    await store.append("s", session.log.epoch, 3, [b"of somebody else"])
    with pytest.raises(Unavailable, match="cannot follow"):
        await session.journal.commit([WORD])
    assert session.broken.is_set()


class Shared(MemoryStore):
    """Storage of two servers, which live in one process here."""

    shared = True


async def test_who_was_second_hears_the_first_says_its_text_again_and_decides_anew() -> None:
    store = Shared()
    one = await writing(store)
    other = Writing(store, one.log.epoch)
    following = [asyncio.create_task(each.follow()) for each in (one, other)]
    await eventually(lambda: other.log.head == 2)
    wrote = one.journal.commit([Event("text", "r_1", {"text": "first "})])
    other.journal.write(WORD)
    stopped = other.journal.commit([Event("stop", "r_1", {"by": "x"})])
    assert sorted(await asyncio.gather(wrote, stopped)) == [False, True]
    await other.journal.settled()
    assert not other.journal.busy
    await eventually(lambda: one.log.head == 4)
    assert one.state.runs["r_1"].text == other.state.runs["r_1"].text
    assert sorted(one.state.runs["r_1"].text) == ["first ", "word "]
    assert one.log.read("ws", 0, 4, 1 << 20) == other.log.read("ws", 0, 4, 1 << 20)
    for task in following:
        task.cancel()


async def test_text_of_a_run_that_somebody_else_ended_is_dropped() -> None:
    store = Shared()
    one = await writing(store)
    other = Writing(store, one.log.epoch)
    other.kept = lambda event: not other.state.runs["r_1"].state.ended
    following = [asyncio.create_task(each.follow()) for each in (one, other)]
    await eventually(lambda: other.log.head == 2)
    other.journal.write(WORD)
    ended = Event("run-end", "r_1", {"reason": "failed"})
    await asyncio.gather(one.journal.commit([ended]), other.journal.settled())
    await eventually(lambda: one.log.head == other.log.head and not other.journal.busy)
    kinds = [kind for kind in ("text", "run-end") if kind.encode() in one.log.read("ws", 0, one.log.head, 1 << 20)[0]]
    assert kinds in (["run-end"], ["text", "run-end"])  # whoever was first
    assert one.state.runs["r_1"].state.ended
    for task in following:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_decision_whose_maker_gave_up_waiting_makes_the_next_one_think_again() -> None:
    store = Counting()
    session = await writing(store)
    ended = [Event("run-end", "r_1", {"reason": "completed"})]
    given_up = asyncio.create_task(session.journal.commit(ended))
    again = asyncio.create_task(session.journal.commit([Event("run-end", "r_1", {"reason": "stopped"})]))
    await asyncio.sleep(0)
    given_up.cancel()
    assert await again is False  # it was made before the first one was known to be appended
    assert (session.log.head, session.state.runs["r_1"].state) == (3, "completed")
    assert not session.broken.is_set()
