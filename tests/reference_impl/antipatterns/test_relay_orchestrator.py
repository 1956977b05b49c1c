"""An orchestrator that passes everything on: nothing is lost by it, and nothing is on time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import ClientSession

from reference_impl.antipatterns import relay_orchestrator
from reference_impl.antipatterns.relay_orchestrator import build_app

from .support import all_events, client_of, counted, events, first_events

_DELTA = "response.output_text.delta"
_THINK_S = 0.3


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_orchestrator, "THINK_S", _THINK_S)


def _post(client: ClientSession, prompt: str) -> Any:
    return client.post("/v1/responses", json={"input": prompt, "background": True, "stream": True})


def _text(seen: list[Any]) -> str:
    return "".join(event["delta"] for event in seen if event["type"] == _DELTA)


async def test_the_answer_is_whole_and_comes_in_bursts() -> None:
    clock, came = asyncio.get_running_loop().time, []
    async with client_of(build_app) as client, _post(client, "[items=20 pace_ms=10 first_ms=0]") as got:
        seen = []
        async for event in events(got):
            seen.append(event)
            came += [clock()] if event["type"] == _DELTA else []
    assert _text(seen) == counted(20)
    assert seen[-1]["type"] == "response.completed"
    assert came[1] - came[0] > 0.9 * _THINK_S  # the second word was written 10 ms after the first
    assert came[-1] - came[1] < _THINK_S / 3


async def test_a_resume_is_exact() -> None:
    async with client_of(build_app) as client:
        got = await _post(client, "[items=30 pace_ms=5]")
        before = await first_events(got, 1, _DELTA)
        got.close()
        path, after = f"/v1/responses/{before[0]['response']['id']}", before[-1]["sequence_number"]
        async with client.get(path, params={"stream": "true", "starting_after": str(after)}) as rest:
            assert _text(before + await all_events(rest)) == counted(30)


async def test_a_cancel_waits_in_line_behind_the_words() -> None:
    clock = asyncio.get_running_loop().time
    async with client_of(build_app) as client, _post(client, "[items=200 pace_ms=10]") as got:
        before = await first_events(got, 1, _DELTA)
        asked = clock()
        async with client.post(f"/v1/responses/{before[0]['response']['id']}/cancel") as answer:
            assert (answer.status, (await answer.json())["status"]) == (200, "in_progress")
        rest = await all_events(got)
    assert clock() - asked > 0.8 * _THINK_S
    assert rest[-1]["type"] == "response.incomplete"
    assert rest[-1]["response"]["status"] == "cancelled"
    assert counted(200).startswith(_text(before + rest))


async def test_a_failure_is_passed_on_too() -> None:
    async with client_of(build_app) as client, _post(client, "[items=9 fail_at=3 pace_ms=0]") as got:
        seen = await all_events(got)
    assert (_text(seen), seen[-1]["type"]) == (counted(3), "response.failed")
    assert "after word 3" in seen[-1]["response"]["error"]["message"]
