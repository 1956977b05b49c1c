"""What the chats that several antipatterns share do well. The rest of it is in test_cancel_on_disconnect.py."""

from __future__ import annotations

import asyncio

import pytest

from reference_impl.agents.script import parse_script
from reference_impl.antipatterns import chat as shared
from reference_impl.antipatterns.chat import Ask, Chat
from reference_impl.antipatterns.common import KEEP
from reference_impl.antipatterns.open_sessions import build_app

from .support import Spy, all_events, asking, client_of, counted, deltas, events, first_events, until

_LONG = "[items=2000 pace_ms=5]"


async def test_a_run_outlives_the_connection_that_asked() -> None:
    async with client_of(build_app) as client:
        got = await client.post("/api/chat", json=asking("[items=60 pace_ms=5]"))
        await first_events(got, 3, "text-delta")
        got.close()
        async with client.get("/api/chat/c1/stream") as resumed:
            assert deltas(await all_events(resumed)) == counted(60)


async def test_what_ended_while_nobody_watched_is_in_history(monkeypatch: pytest.MonkeyPatch) -> None:
    spy = Spy()
    monkeypatch.setattr(shared, "generate", spy)
    async with client_of(build_app) as client:
        got = await client.post("/api/chat", json=asking("[items=30 pace_ms=2]"))
        await first_events(got, 3, "text-delta")
        got.close()
        await until(lambda: spy.ended)
        async with client.get("/api/chat/c1/stream") as resumed:
            assert resumed.status == 204
        async with client.get("/api/chat/c1") as read:
            assert (await read.json())["messages"][1]["parts"] == [{"type": "text", "text": counted(30)}]


@pytest.mark.parametrize("over", [False, True], ids=["while it is answered", "after the end"])
async def test_a_repeated_message_is_the_same_prompt(over: bool) -> None:
    async with client_of(build_app) as client:
        body = asking("[items=30 pace_ms=2]")
        async with client.post("/api/chat", json=body) as first:
            seen = await all_events(first) if over else await first_events(first, 3, "text-delta")
            async with client.post("/api/chat", json=body) as again:
                repeated = await all_events(again)
        assert repeated[: len(seen)] == seen
        assert deltas(repeated) == counted(30)
        async with client.get("/api/chat/c1") as read:
            assert [message["role"] for message in (await read.json())["messages"]] == ["user", "assistant"]


async def test_a_silent_stream_has_a_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "HEARTBEAT_S", 0.01)
    async with client_of(build_app) as client, client.post("/api/chat", json=asking("[items=1 first_ms=60000]")) as got:
        async with asyncio.timeout(2):
            assert await got.content.readuntil(b": ping\n\n")


async def test_a_server_that_stops_ends_its_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    spy = Spy()
    monkeypatch.setattr(shared, "generate", spy)
    async with client_of(build_app) as client:
        got = await client.post("/api/chat", json=asking(_LONG))
        async for _ in events(got):
            if spy.said:
                break
        got.close()
    await until(lambda: spy.ended)
    assert len(spy.said) < 500


async def test_a_chat_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = Chat("c")
    for number in range(KEEP):
        chat.start(Ask("c", str(number), "", parse_script("[items=1]"))).abort()
    assert len(chat.messages) == KEEP
    assert chat.messages[0]["id"] != "0"
    assert list(chat.answers) == [str(number) for number in range(KEEP - 10, KEEP)]
