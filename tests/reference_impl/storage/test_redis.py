from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.crc import key_slot

from reference_impl.storage import redis_calls
from reference_impl.storage.redis import RedisStore

from .. import servers
from .listening import append, eventually, following

pytestmark = pytest.mark.sockets


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
async def store(redis_url: str, request: pytest.FixtureRequest) -> AsyncIterator[RedisStore]:
    store = RedisStore(redis_url, f"{request.node.name}:")
    await store.open()
    yield store
    await store.close()


async def test_a_weaker_promise_is_named(
    redis_url: str, client: Redis, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def said(url: str) -> str:
        caplog.clear()
        store = RedisStore(url)
        await store.open()
        await store.close()
        return caplog.text

    assert await said(redis_url) == ""
    await client.config_set("appendfsync", "everysec")
    assert "appendfsync everysec: a power cut loses" in await said(redis_url)
    await client.config_set("appendfsync", "always")
    with servers.redis(tmp_path, "--appendonly", "no") as forgetful:
        assert "appendonly no: what it acknowledges is lost" in await said(f"redis://127.0.0.1:{forgetful.port}")
    with servers.redis(tmp_path, "--rename-command", "CONFIG", "") as managed:
        assert "does not say what it promises" in await said(f"redis://127.0.0.1:{managed.port}")


async def test_a_follower_that_waits_asks_for_nothing(store: RedisStore, client: Redis) -> None:
    epoch = await append(store, "s", 1, b"1")
    async with following(store, "s", epoch) as follower:
        await follower.has(1)
        before = (await client.info("stats"))["total_commands_processed"]
        await asyncio.sleep(0.5)
        after = (await client.info("stats"))["total_commands_processed"]
        assert after - before == 1  # to be asked this


async def test_calls_that_wait_share_a_round_trip(store: RedisStore, monkeypatch: pytest.MonkeyPatch) -> None:
    epochs = [(await store.load(f"s{n}")).epoch for n in range(200)]
    sizes: list[int] = []
    round_trip = redis_calls.Calls._round_trip

    async def counted(self: redis_calls.Calls, commands: list[tuple[str | bytes | int, ...]]) -> list[object]:
        sizes.append(len(commands))
        return await round_trip(self, commands)

    monkeypatch.setattr(redis_calls.Calls, "_round_trip", counted)
    await asyncio.gather(*(store.append(f"s{n}", epoch, 1, (b"x",)) for n, epoch in enumerate(epochs)))
    assert sum(sizes) == 200
    assert len(sizes) <= 2


async def test_scripts_that_were_forgotten_are_given_again(store: RedisStore, client: Redis) -> None:
    epoch = (await store.load("s")).epoch
    await client.script_flush()
    await asyncio.gather(*(store.append("s", epoch, n, (b"x",)) for n in range(1, 11)))
    assert (await store.load("s")).head == 10


async def test_followers_survive_a_lost_subscription(store: RedisStore, client: Redis) -> None:
    epoch = await append(store, "s", 1, b"1")
    async with following(store, "s", epoch) as follower:
        await follower.has(1)
        await client.client_kill_filter(_type="pubsub")
        await store.append("s", epoch, 2, (b"2",))
        assert await follower.has(2) == (b"1", b"2")
        async with following(store, "t", (await store.load("t")).epoch) as another:
            await append(store, "t", 1, b"of t")
            assert await another.has(1) == (b"of t",)


async def test_nobody_stays_subscribed_to_what_is_not_followed(store: RedisStore, client: Redis) -> None:
    epoch = await append(store, "s", 1, b"1")
    async with following(store, "s", epoch) as one, following(store, "s", epoch) as other:
        await one.has(1)
        await other.has(1)
        assert len(await client.pubsub_channels(store._channel("s"))) == 1

    async def unsubscribed() -> bool:
        return await client.pubsub_channels(store._channel("s")) == []

    await eventually(unsubscribed)


@pytest.mark.parametrize("name", ["s", "", "}{", "{a}{b}", "a.b"])
def test_all_keys_of_a_session_share_a_slot(name: str) -> None:
    store = RedisStore("redis://127.0.0.1:1")
    keys = (*store._keys(name), store._channel(name))
    assert len({key_slot(key.encode()) for key in keys}) == 1
    assert len(set(keys)) == 3


async def test_deleted_and_trimmed_sessions_leave_little(store: RedisStore, client: Redis) -> None:
    epoch = await append(store, "s", 1, *[b"x" * 1000] * 100)
    await store.trim("s", epoch, 100, b"all")
    keys = await client.keys(f"{store._prefix}{{s}}:*")
    assert len(keys) == 2
    assert sum([await client.memory_usage(key) or 0 for key in keys]) < 2_000
    await store.delete("s", epoch)
    assert len(await client.keys(f"{store._prefix}{{s}}:*")) == 1
