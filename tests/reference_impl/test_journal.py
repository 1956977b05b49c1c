from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from reference_impl.errors import Unavailable
from reference_impl.journal import Journal
from reference_impl.session.event import Event
from reference_impl.session.log import Log
from reference_impl.storage.memory import MemoryStore

WORD = Event("text", "r_1", {"text": "word "})


class Counting(MemoryStore):
    """Remembers the size of each batch."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []

    async def append(self, session: str, epoch: str, first: int, bodies: Sequence[bytes]) -> None:
        await super().append(session, epoch, first, bodies)
        self.batches.append(len(bodies))


async def journal(store: MemoryStore, gather_s: float = 0.0) -> Journal:
    log = Log((await store.load("s")).epoch)
    return Journal("s", log, store, gather_s=gather_s, publish=lambda: None, broken=lambda: None)


async def test_what_is_appended_together_is_stored_together() -> None:
    store = Counting()
    writing = await journal(store)
    writing.append([WORD] * 3)
    await writing.durable(writing.append([WORD] * 2))
    assert store.batches == [5]
    assert (writing.head, writing.log.head) == (5, 5)


async def test_after_a_pause_an_event_is_written_at_once_and_in_a_busy_session_events_share_a_write() -> None:
    store = Counting()
    writing = await journal(store, gather_s=0.05)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await writing.durable(writing.append([WORD]))
    assert loop.time() - began < 0.03
    for _ in range(5):
        writing.append([WORD])
        await asyncio.sleep(0.001)
    assert store.batches == [1]
    await writing.durable(writing.head)
    assert store.batches == [1, 5]
    assert 0.04 <= loop.time() - began < 0.1


async def test_a_large_batch_does_not_wait() -> None:
    store = Counting()
    writing = await journal(store, gather_s=30)
    await writing.durable(writing.append([WORD]))
    writing.append([WORD])
    await asyncio.sleep(0)
    await asyncio.wait_for(writing.durable(writing.append([WORD] * 300)), 1)
    assert store.batches == [1, 301]


async def test_a_bug_in_a_listener_is_not_taken_for_success() -> None:
    broken = asyncio.Event()

    def publish() -> None:
        raise ZeroDivisionError

    store = MemoryStore()
    log = Log((await store.load("s")).epoch)
    writing = Journal("s", log, store, gather_s=0, publish=publish, broken=broken.set)
    with pytest.raises(Unavailable):
        await writing.durable(writing.append([WORD]))
    assert broken.is_set()
    with pytest.raises(Unavailable):
        writing.append([WORD])
