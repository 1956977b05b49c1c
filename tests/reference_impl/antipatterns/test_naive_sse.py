"""What chat completions from a request handler do well, and that the answer dies with its connection."""

from __future__ import annotations

from typing import Any

import pytest

from reference_impl.antipatterns import naive_sse

from .support import Spy, all_events, client_of, counted, events, until

_PATH = "/v1/chat/completions"


def _body(prompt: str) -> dict[str, Any]:
    return {"model": "scripted", "stream": True, "messages": [{"role": "user", "content": prompt}]}


def _text(chunks: list[Any]) -> str:
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks if isinstance(chunk, dict) and "choices" in chunk]
    return "".join(delta.get("content", "") for delta in deltas)


async def test_an_undisturbed_stream_is_whole_and_ends_as_the_api_says() -> None:
    async with client_of(naive_sse.build_app) as client, client.post(_PATH, json=_body("[items=30 pace_ms=1]")) as got:
        assert (got.status, got.content_type) == (200, "text/event-stream")
        chunks = await all_events(got)
    assert _text(chunks) == counted(30)
    assert chunks[-1] == "[DONE]"
    assert chunks[-2]["choices"][0] == {"index": 0, "delta": {}, "finish_reason": "stop"}
    assert {chunk["object"] for chunk in chunks[:-1]} == {"chat.completion.chunk"}
    assert len({chunk["id"] for chunk in chunks[:-1]}) == 1


async def test_no_event_carries_a_cursor() -> None:
    async with client_of(naive_sse.build_app) as client, client.post(_PATH, json=_body("[items=3]")) as got:
        raw = await got.read()
    assert b"\nid:" not in raw
    assert b"event:" not in raw


async def test_a_failing_agent_is_told_and_not_called_done() -> None:
    async with client_of(naive_sse.build_app) as client, client.post(_PATH, json=_body("[items=9 fail_at=2]")) as got:
        chunks = await all_events(got)
    assert _text(chunks) == counted(2)
    assert "after word 2" in chunks[-1]["error"]["message"]


async def test_hanging_up_ends_the_generation(monkeypatch: pytest.MonkeyPatch) -> None:
    spy = Spy()
    monkeypatch.setattr(naive_sse, "generate", spy)
    async with client_of(naive_sse.build_app) as client:
        async with client.post(_PATH, json=_body("[items=500 pace_ms=5]")) as got:
            async for _ in events(got):
                if len(spy.said) >= 5:
                    break
        await until(lambda: spy.ended)
        assert 5 <= len(spy.said) < 100


async def test_there_is_nothing_to_come_back_to() -> None:
    async with client_of(naive_sse.build_app) as client:
        async with client.post(_PATH, json=_body("[items=2]")) as got:
            completion = (await all_events(got))[0]["id"]
        async with client.get(f"{_PATH}/{completion}") as answer:
            assert answer.status == 404


async def test_two_answers_run_beside_each_other() -> None:
    async with client_of(naive_sse.build_app) as client:
        body = _body("[items=20 pace_ms=1]")
        async with client.post(_PATH, json=body) as one, client.post(_PATH, json=body) as two:
            assert _text(await all_events(two)) == _text(await all_events(one)) == counted(20)


async def test_it_only_streams() -> None:
    body = _body("[items=2]") | {"stream": False}
    async with client_of(naive_sse.build_app) as client, client.post(_PATH, json=body) as answer:
        assert answer.status == 400
        assert "stream" in (await answer.json())["error"]["message"]
