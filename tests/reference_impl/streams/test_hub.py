from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from reference_impl.errors import Refused, Unavailable
from reference_impl.session.producer import Stamp
from reference_impl.storage.base import StoreError
from reference_impl.storage.memory import MemoryStore
from reference_impl.storage.sqlite import SqliteStore
from reference_impl.streams.decide import Append, Outcome, Wanted
from reference_impl.streams.hub import Streams, stored_name
from reference_impl.streams.live import LiveStream, now_ms
from reference_impl.streams.record import Forked, encode

from ..devices import eventually

PLAIN = Wanted("text/plain", None, None, False)


class SharedStore(MemoryStore):
    """A memory that several servers use."""

    shared = True


class BrokenStore(MemoryStore):
    """A memory that forgets how to write."""

    broken = False

    async def append(self, session: str, epoch: str, first: int, bodies: Sequence[bytes]) -> None:
        if self.broken:
            raise StoreError("the disk is full")
        await super().append(session, epoch, first, bodies)


@asynccontextmanager
async def hubs(store: MemoryStore, count: int = 1) -> AsyncIterator[list[Streams]]:
    found = [Streams(store) for _ in range(count)]
    yield found
    for each in found:
        await each.close()


async def append(live: LiveStream, body: bytes, stamp: Stamp | None = None, *, closing: bool = False) -> Outcome:
    wanted = Append(body, "text/plain", closing, stamp, None)
    return await live.submit(lambda state: wanted.decide(state, now_ms()))


async def made(streams: Streams, path: str, source: str | None = None, ttl_s: int | None = None) -> LiveStream:
    wanted = Wanted("text/plain", ttl_s, None, False, None if source is None else stored_name(source))
    return (await streams.create(path, wanted, b""))[0]


def content(live: LiveStream) -> bytes:
    return live.log.read(0, live.log.tail)


async def test_what_waits_for_the_disk_is_not_shown_yet_and_shares_one_write() -> None:
    async with hubs(MemoryStore()) as (streams,):
        live = await made(streams, "s")
        tasks = [asyncio.create_task(append(live, b"%d" % number)) for number in range(20)]
        await asyncio.sleep(0)
        assert (live.state.tail, live.log.tail) == (30, 0)
        offsets = [(await task).offset for task in tasks]
        assert offsets == sorted(offsets)
        assert content(live) == b"".join(b"%d" % number for number in range(20))


async def test_a_restart_changes_nothing(tmp_path: Path) -> None:
    stamp = Stamp("p", 0, 0)
    before = []
    for start in range(2):
        store = SqliteStore(tmp_path / "s.db")
        await store.open()
        streams = Streams(store)
        if not start:
            live = await made(streams, "s")
            await append(live, b"one", stamp)
            fork = await made(streams, "f", "s")
            await append(live, b"two", closing=True)
            await append(fork, b"else")
        live, fork = await streams.find("s"), await streams.find("f")
        before.append((live.state.offset, content(live), live.log.closed, fork.state.offset, content(fork)))
        assert before[0][1:3] == (b"onetwo", True)
        assert before[0][4] == b"oneelse"
        with pytest.raises(Refused):
            await append(live, b"late", stamp)
        await streams.close()
        await store.close()
    assert before[0] == before[1]


async def test_two_servers_write_one_stream_and_neither_loses_or_repeats() -> None:
    async with hubs(SharedStore(), 2) as (one, other):
        lives = [await made(one, "s"), await made(other, "s")]
        stamps = [Stamp("p", 0, number) for number in range(40)]
        for stamp in stamps:
            mark = b"<%d>" % stamp.sequence
            found = await asyncio.gather(*(append(live, mark, stamp) for live in lives))  # a retry at another server
            assert sorted(each.known for each in found) == [False, True]
        await asyncio.gather(*(append(live, b"x") for live in lives for _ in range(10)))
        await eventually(
            lambda: content(lives[0]) == content(lives[1]) and len(content(lives[0])) == lives[0].state.tail
        )
        written = content(lives[0])
        assert written == b"".join(b"<%d>" % number for number in range(40)) + b"x" * 20


async def test_a_stream_that_is_deleted_or_closed_elsewhere_is_so_here() -> None:
    async with hubs(SharedStore(), 2) as (one, other):
        here, there = await made(one, "s"), await made(other, "s")
        await append(there, b"end", closing=True)
        await eventually(lambda: here.log.closed)
        with pytest.raises(Refused):
            await append(here, b"more")
        await other.delete(there)
        await eventually(lambda: here.over)
        with pytest.raises(Refused):
            await one.find("s")


async def test_of_two_that_create_at_once_one_has_made_it() -> None:
    async with hubs(SharedStore(), 2) as (one, other):
        found = await asyncio.gather(one.create("s", PLAIN, b"a"), other.create("s", PLAIN, b"b"))
        assert sorted(created for _, created in found) == [False, True]
        assert found[0][0].epoch == found[1][0].epoch


async def test_a_storage_that_fails_is_said_and_the_stream_is_read_again() -> None:
    store = BrokenStore()
    async with hubs(store) as (streams,):
        live = await made(streams, "s")
        store.broken = True
        with pytest.raises(Unavailable):
            await append(live, b"lost")
        assert live.over
        store.broken = False
        again = await streams.find("s")
        await append(again, b"kept")
        assert content(again) == b"kept"


async def test_a_source_lives_as_long_as_its_forks() -> None:
    store = MemoryStore()
    async with hubs(store) as (streams,):
        source = await made(streams, "s")
        await append(source, b"base")
        first, second = await made(streams, "f", "s"), await made(streams, "g", "f")
        await streams.delete(source)
        await streams.delete(first)
        for path in ("s", "f"):
            with pytest.raises(Refused) as refused:
                await streams.find(path)
            assert refused.value.status == 410
        assert content(second) == b"base"
        await streams.delete(second)
        for path in ("s", "f", "g"):
            assert (await store.load(stored_name(path))).bodies == ()


async def test_a_fork_that_was_never_created_does_not_keep_its_source() -> None:
    store = MemoryStore()
    async with hubs(store) as (streams,):
        source = await made(streams, "s")
        leftover = Forked(stored_name("f"), "e", now_ms() - 60_000)
        await store.append(stored_name("s"), source.epoch, 2, [encode(leftover)])
        source.retire()  # as after a crash
        source = await streams.find("s")
        assert source.state.forks
        await streams.delete(source)
        assert (await store.load(stored_name("s"))).bodies == ()


async def test_a_stream_nobody_uses_ends_but_its_readers_keep_it() -> None:
    class Patient:
        def wake(self) -> None: ...
        def leave(self) -> None: ...

    store = MemoryStore()
    async with hubs(store) as (streams,):
        idle, read = await made(streams, "idle", ttl_s=1), await made(streams, "read", ttl_s=1)
        read.attach(Patient())
        await eventually(lambda: idle.over)
        await asyncio.sleep(0.6)
        assert not read.over
        assert await streams.find("read") is read
        with pytest.raises(Refused):
            await streams.find("idle")


async def test_a_name_costs_nothing() -> None:
    store = MemoryStore()
    async with hubs(store) as (streams,):
        for number in range(50):
            with pytest.raises(Refused):
                await streams.find(f"no-{number}")
        assert not streams._places
