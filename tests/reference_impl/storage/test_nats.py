from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from nats.errors import TimeoutError as NoAnswer

from reference_impl.storage import nats_link
from reference_impl.storage.base import Conflict, StoreError
from reference_impl.storage.nats import NatsStore
from reference_impl.storage.nats_log import SubjectLog

from .. import servers
from .listening import append, eventually, following

pytestmark = pytest.mark.sockets


@pytest.fixture
async def store(nats_url: str) -> AsyncIterator[NatsStore]:
    store = NatsStore(nats_url, f"t{secrets.token_hex(4)}")
    await store.open()
    yield store
    await store.close()


async def ask(store: NatsStore, what: str, request: dict[str, Any]) -> dict[str, Any]:
    return await store._link._ask(what, request)


async def subjects(store: NatsStore) -> dict[str, int]:
    """How many messages each subject of the store has."""
    info = await ask(store, f"STREAM.INFO.{store._stream}", {"subjects_filter": ">"})
    return {subject.partition(".")[2]: count for subject, count in info["state"]["subjects"].items()}


def losing_answers(monkeypatch: pytest.MonkeyPatch, store: NatsStore, to: str, count: int) -> None:
    """The next answers to messages of that subject never come."""
    request = store._link._client.request
    lost = 0

    async def lossy(subject: str, *rest: Any, **named: Any) -> Any:
        nonlocal lost
        answer = await request(subject, *rest, **named)
        if subject.endswith(to) and lost < count:
            lost += 1
            raise NoAnswer
        return answer

    monkeypatch.setattr(store._link._client, "request", lossy)


@pytest.mark.parametrize("count", [1, 2])
async def test_an_append_whose_answer_is_lost_is_not_a_conflict_with_itself(
    store: NatsStore, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    epoch = await append(store, "s", 1, b"1")
    losing_answers(monkeypatch, store, ".s.s", count)
    await store.append("s", epoch, 2, (b"2",))
    await store.append("s", epoch, 3, (b"3",))
    assert (await store.load("s")).bodies == (b"1", b"2", b"3")


async def test_a_deletion_whose_answer_is_lost_is_done_once(store: NatsStore, monkeypatch: pytest.MonkeyPatch) -> None:
    epoch = await append(store, "s", 1, b"1")
    losing_answers(monkeypatch, store, ".s.s", 1)
    await store.delete("s", epoch)
    assert (await store.load("s")).bodies == ()
    assert await subjects(store) == {"id": 1, "s.s": 1}


async def test_a_conflict_is_a_conflict_also_when_answers_are_lost(
    store: NatsStore, nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = NatsStore(nats_url, store._stream)
    await other.open()
    epoch = await append(store, "s", 1, b"1")
    await other.append("s", epoch, 2, (b"theirs",))
    losing_answers(monkeypatch, store, ".s.s", 1)
    with pytest.raises(Conflict):
        await store.append("s", epoch, 2, (b"ours",))
    assert (await store.load("s")).bodies == (b"1", b"theirs")
    await other.close()


async def test_a_trim_that_dies_half_way_is_whole_and_the_next_one_clears_up(
    store: NatsStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    epoch = (await store.load("s")).epoch
    for n in range(1, 11):
        await store.append("s", epoch, n, (b"%d" % n,))

    async def die(*_: object) -> None:
        raise StoreError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr(SubjectLog, "purge", die)
        with pytest.raises(StoreError):
            await store.trim("s", epoch, 5, b"five")
    stored = await store.load("s")
    assert (stored.first, stored.snapshot, stored.head) == (6, b"five", 10)
    await store.trim("s", epoch, 8, b"eight")
    stored = await store.load("s")
    assert (stored.first, stored.snapshot, stored.bodies) == (9, b"eight", (b"9", b"10"))
    assert await subjects(store) == {"id": 1, "s.s": 3}  # two events and one snapshot


async def test_large_bodies_leave_nothing_behind(store: NatsStore) -> None:
    epoch = await append(store, "s", 1, b"a" * 3_000_000)
    assert (await store.load("s")).head == 1
    with pytest.raises(Conflict):
        await store.append("s", epoch, 1, (b"b" * 3_000_000,))
    assert sum(count for subject, count in (await subjects(store)).items() if subject.startswith("p.")) == 3
    await store.trim("s", epoch, 1, b"c" * 3_000_000)
    await store.append("s", epoch, 2, (b"d" * 3_000_000,))
    await store.trim("s", epoch, 2, b"small")
    assert await subjects(store) == {"id": 1, "s.s": 1}
    await store.append("s", epoch, 3, (b"e" * 3_000_000,))
    await store.delete("s", epoch)
    assert await subjects(store) == {"id": 1, "s.s": 1}


async def test_a_server_that_takes_small_messages_only_will_do(tmp_path: Path) -> None:
    with servers.nats(tmp_path, "max_payload: 16KB") as server:
        store = NatsStore(f"nats://127.0.0.1:{server.port}")
        await store.open()
        bodies = (b"a" * 100_000, b"b" * 10_000)
        epoch = await append(store, "s", 1, *bodies)
        async with following(store, "s", epoch) as follower:
            await store.append("s", epoch, 3, (b"c" * 50_000,))
            assert await follower.has(3) == (*bodies, b"c" * 50_000)
        await store.close()


async def test_a_follower_that_waits_asks_for_nothing(store: NatsStore, monkeypatch: pytest.MonkeyPatch) -> None:
    epoch = await append(store, "s", 1, b"1")
    async with following(store, "s", epoch) as follower:
        await follower.has(1)
        await asyncio.sleep(0.6)  # once, a cluster may not have known of it
        sent = store._link._client.stats["out_msgs"]
        await asyncio.sleep(0.5)
        assert store._link._client.stats["out_msgs"] == sent


async def test_nobody_stays_subscribed_to_what_is_not_followed(store: NatsStore) -> None:
    epoch = await append(store, "s", 1, b"1")
    before = len(store._link._client._subs)
    async with following(store, "s", epoch) as one, following(store, "s", epoch) as other:
        await one.has(1)
        await other.has(1)
        assert len(store._link._client._subs) == before + 1
    assert len(store._link._client._subs) == before


async def test_reading_leaves_no_consumer(store: NatsStore) -> None:
    epoch = (await store.load("s")).epoch
    for n in range(1, 11):
        await store.append("s", epoch, n, (b"x",))
    await asyncio.gather(*(store.load("s") for _ in range(5)))

    async def none_left() -> bool:
        state = (await ask(store, f"STREAM.INFO.{store._stream}", {}))["state"]
        return int(state["consumer_count"]) == 0

    await eventually(none_left)


async def test_a_server_that_greets_and_falls_silent_is_named_in_time() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'INFO {"version":"2.9.10","max_payload":1048576}\r\n')
        await reader.read()
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as silent:
        with pytest.raises(StoreError, match="does not answer"):
            async with asyncio.timeout(5):
                await NatsStore(f"nats://127.0.0.1:{silent.sockets[0].getsockname()[1]}").open()


async def test_without_jetstream_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nats_link, "_PATIENCE_S", 0.2)  # a server that has just started may need a moment for it
    with servers.nats(tmp_path, jetstream=False) as server, pytest.raises(StoreError, match="JetStream") as problem:
        async with asyncio.timeout(5):
            await NatsStore(f"nats://127.0.0.1:{server.port}").open()
    assert "\n" not in str(problem.value)


async def test_a_stream_that_cannot_do_it_is_refused(store: NatsStore, nats_url: str) -> None:
    name = f"t{secrets.token_hex(4)}"
    await ask(store, f"STREAM.CREATE.{name}", {"name": name, "subjects": [f"{name}.s.*"]})
    with pytest.raises(StoreError, match=f"cannot use the NATS stream {name}: its allow_rollup_hdrs"):
        await NatsStore(nats_url, name).open()


async def test_a_weaker_promise_is_named(store: NatsStore, nats_url: str, caplog: pytest.LogCaptureFixture) -> None:
    name = f"t{secrets.token_hex(4)}"
    config = {**(await ask(store, f"STREAM.INFO.{store._stream}", {}))["config"], "name": name, "storage": "memory"}
    config |= {"subjects": [f"{name}.id", f"{name}.s.*", f"{name}.p.>"], "discard": "old", "max_age": 10**12}
    config["republish"] = {"src": f"{name}.s.*", "dest": f"{name}.live.{{{{wildcard(1)}}}}"}
    await ask(store, f"STREAM.CREATE.{name}", config)
    weak = NatsStore(nats_url, name)
    await weak.open()
    await weak.close()
    for said in ("in memory", "discards old messages", "by their age"):
        assert said in caplog.text
