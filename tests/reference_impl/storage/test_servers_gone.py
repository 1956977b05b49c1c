"""Storage servers that are not there, go away, or come back, asked of every backend that needs one."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from reference_impl.storage import nats_link, redis_channels
from reference_impl.storage.base import Conflict, Store, StoreError
from reference_impl.storage.named import named

from .. import servers
from .conftest import SHARED
from .listening import Follower, append, following

pytestmark = pytest.mark.sockets

SOON_S = 5.0


@pytest.fixture(params=SHARED)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(kind: str, tmp_path: Path) -> Iterator[servers.Server]:
    start = servers.redis if kind == "redis" else servers.nats
    with start(tmp_path) as started:
        yield started


@pytest.fixture
def place(kind: str, server: servers.Server) -> Callable[[], Store]:
    return lambda: named(f"{kind}://127.0.0.1:{server.port}")


async def test_a_server_that_is_not_there_is_named_in_one_line(kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    await cannot_open(f"{kind}://127.0.0.1:{port}")


async def test_a_server_that_says_nothing_is_named_in_one_line(kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        await cannot_open(f"{kind}://127.0.0.1:{silent.getsockname()[1]}")


async def test_a_server_of_another_kind_is_named_in_one_line(kind: str) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n" * 3)
        await reader.read()
        writer.close()

    other = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with other:
        await cannot_open(f"{kind}://127.0.0.1:{other.sockets[0].getsockname()[1]}")


async def cannot_open(address: str) -> None:
    store = named(address)
    begun = time.monotonic()
    with pytest.raises(StoreError) as problem:
        await store.open()
    assert time.monotonic() - begun < SOON_S
    assert "\n" not in str(problem.value)
    assert str(problem.value).startswith("cannot use the")
    await store.close()


async def test_a_server_that_is_gone_is_an_error_soon_and_back_in_use_when_it_is_back(
    server: servers.Server, place: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nats_link, "_PATIENCE_S", 1.0)
    monkeypatch.setattr(redis_channels, "_PATIENCE_S", 1.0)
    store = place()
    await store.open()
    epoch = await append(store, "s", 1, b"1")
    server.kill()
    begun = time.monotonic()
    calls = (
        store.append("s", epoch, 2, (b"2",)),
        store.load("s"),
        store.beat("a", 1),
        anext(store.follow("other", "epoch", 0)),
    )
    for outcome in await asyncio.gather(*calls, return_exceptions=True):
        assert isinstance(outcome, StoreError)
        assert not isinstance(outcome, Conflict)
    assert time.monotonic() - begun < SOON_S
    server.start()
    stored = await store.load("s")
    assert stored.bodies[0] == b"1"
    await store.append("s", epoch, stored.head + 1, (b"next",))
    assert (await store.load("s")).bodies[-1] == b"next"
    await store.close()


async def test_closing_does_not_wait_for_a_server_that_is_gone(
    server: servers.Server, place: Callable[[], Store]
) -> None:
    store = place()
    await store.open()
    epoch = await append(store, "s", 1, b"1")
    async with following(store, "s", epoch) as follower:
        await follower.has(1)
        server.kill()
        begun = time.monotonic()
        await store.close()
        assert time.monotonic() - begun < SOON_S
        assert isinstance(await follower.ended(), StoreError)


async def test_killed_under_appends_nothing_acknowledged_is_lost_and_followers_go_on(
    server: servers.Server, place: Callable[[], Store]
) -> None:
    one, other = place(), place()
    await one.open()
    await other.open()
    names = [f"s{n}" for n in range(8)]
    async with AsyncExitStack() as stack:
        followers = {}
        for name in names:
            epoch = (await one.load(name)).epoch
            followers[name] = await stack.enter_async_context(following(other, name, epoch))
        over = asyncio.Event()
        writers = [asyncio.create_task(write_until(over, one, name)) for name in names]
        for _ in range(3):
            await asyncio.sleep(0.2)
            server.kill()
            await asyncio.sleep(0.1)
            server.start()
        await asyncio.sleep(0.3)
        over.set()
        counts = await asyncio.gather(*writers)
        assert min(counts) > 10
        for name, count in zip(names, counts, strict=True):
            await nothing_is_lost(other, followers[name], name, count)
    await one.close()
    await other.close()


async def write_until(over: asyncio.Event, store: Store, name: str) -> int:
    """Append numbers, and after a failure go on from what the storage has, until told; the last one acknowledged."""
    stored = await store.load(name)
    epoch, acknowledged = stored.epoch, 0
    while not over.is_set():
        try:
            await store.append(name, epoch, acknowledged + 1, (b"%d" % (acknowledged + 1),))
            acknowledged += 1
        except StoreError:
            acknowledged = await recovered(store, name, acknowledged)
    return acknowledged


async def recovered(store: Store, name: str, acknowledged: int) -> int:
    async with asyncio.timeout(2 * SOON_S):
        while True:
            try:
                head = (await store.load(name)).head
            except StoreError:
                await asyncio.sleep(0.02)
                continue
            assert head >= acknowledged
            return head


async def nothing_is_lost(store: Store, follower: Follower, name: str, count: int) -> None:
    expected = tuple(b"%d" % n for n in range(1, count + 1))
    assert tuple((await store.load(name)).bodies) == expected
    assert await follower.has(count) == expected
