"""That the proxy passes everything on, and when."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import ClientResponse

from reference_impl.antipatterns import buffered_path
from reference_impl.antipatterns import chat as shared
from reference_impl.antipatterns.buffered_path import HOLD_BYTES, HOLD_S, Batch, build_app

from .support import all_events, asking, client_of, counted, deltas, first_events

_EVENT = b"data: " + b"x" * 92 + b"\n\n"


async def _lumps(response: ClientResponse) -> list[bytes]:
    return [chunk async for chunk, _ in response.content.iter_chunks()]


def test_a_batch_is_ready_when_there_is_enough_of_it() -> None:
    batch = Batch()
    for _ in range(HOLD_BYTES // len(_EVENT)):
        batch.take(_EVENT, 0.0)
    assert not batch.ready(0.0)
    batch.take(_EVENT, 0.0)
    assert batch.ready(0.0)
    assert batch.release() == _EVENT * (HOLD_BYTES // len(_EVENT) + 1)
    assert not batch.ready(HOLD_S * 9)


def test_a_batch_is_ready_when_its_first_event_is_old_enough() -> None:
    batch = Batch()
    batch.take(_EVENT, 1.0)
    batch.take(_EVENT, 2.0)
    assert batch.due == 1.0 + HOLD_S
    assert not batch.ready(0.9 + HOLD_S)
    assert batch.ready(1.0 + HOLD_S)


def test_comments_are_dropped_and_events_are_passed_on_whole() -> None:
    batch = Batch()
    for byte in b"data: 1\n\n: ping\n\ndata: 2\n\ndata: 3":
        batch.take(bytes([byte]), 0.0)
    assert batch.release() == b"data: 1\n\ndata: 2\n\n"
    batch.take(b"\n\n", 0.0)
    assert batch.release() == b"data: 3\n\n"


def test_a_comment_alone_is_nothing_to_wait_for() -> None:
    batch = Batch()
    batch.take(b": ping\n\n", 0.0)
    assert batch.due is None


async def test_a_short_answer_comes_in_one_lump_at_its_end() -> None:
    async with client_of(build_app) as client, client.post("/api/chat", json=asking("[items=20 pace_ms=5]")) as got:
        assert got.headers["x-vercel-ai-ui-message-stream"] == "v1"
        assert got.content_type == "text/event-stream"
        assert len(await _lumps(got)) == 1


async def test_a_long_answer_comes_in_lumps_and_nothing_is_missing() -> None:
    async with client_of(build_app) as client, client.post("/api/chat", json=asking("[items=200 pace_ms=1]")) as got:
        lumps = await _lumps(got)
    assert 2 <= len(lumps) <= 200 * 80 // HOLD_BYTES + 1
    assert all(len(lump) >= HOLD_BYTES for lump in lumps[:-1])
    assert b"".join(lumps).endswith(b"data: [DONE]\n\n")
    assert b"".join(lumps).count(b'"text-delta"') == 200


async def test_what_is_old_enough_is_passed_on_though_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffered_path, "HOLD_S", 0.05)
    async with (
        client_of(build_app) as client,
        client.post("/api/chat", json=asking("[items=5 silent_at=2 silent_ms=60000]")) as got,
        asyncio.timeout(2),
    ):
        assert deltas(await first_events(got, 2, "text-delta")) == counted(2)


async def test_no_heartbeat_gets_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "HEARTBEAT_S", 0.01)
    async with client_of(build_app) as client, client.post("/api/chat", json=asking("[items=3 first_ms=200]")) as got:
        raw = await got.read()
    assert b": ping" not in raw
    assert raw.count(b'"text-delta"') == 3


async def test_the_rest_of_the_chat_works_through_it() -> None:
    async with client_of(build_app) as client:
        got = await client.post("/api/chat", json=asking("[items=2000 pace_ms=2]"))
        await first_events(got, 3, "text-delta")
        got.close()
        async with client.get("/api/chat/c1/stream") as resumed:
            seen: list[Any] = await first_events(resumed, 3, "text-delta")
            async with client.post("/api/chat/c1/stop") as stopped:
                assert (stopped.status, await stopped.json()) == (200, {"success": True})
            rest = await all_events(resumed)
        async with client.get("/api/chat/c1") as read:
            answer = (await read.json())["messages"][1]["parts"][0]["text"]
        async with client.get("/api/chat/c1/stream") as nothing:
            assert nothing.status == 204
    assert rest[-2:] == [{"type": "abort"}, "[DONE]"]
    assert deltas(seen) + deltas(rest) == answer
