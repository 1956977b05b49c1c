"""What background responses do well (everything but stopping), and that an accepted cancel changes nothing."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest
from aiohttp import ClientSession

from reference_impl.antipatterns.resumable_no_stop import build_app

from .support import all_events, client_of, counted, first_events, of

_DELTA = "response.output_text.delta"


def _body(prompt: Any) -> dict[str, Any]:
    return {"input": prompt, "background": True, "stream": True}


def _text(seen: list[Any]) -> str:
    return "".join(event["delta"] for event in seen if event["type"] == _DELTA)


async def _object(client: ClientSession, response: str) -> Any:
    async with client.get(f"/v1/responses/{response}") as answer:
        assert answer.status == 200
        return await answer.json()


async def _tail(client: ClientSession, response: str, after: int) -> list[Any]:
    params = {"stream": "true", "starting_after": str(after)}
    async with client.get(f"/v1/responses/{response}", params=params) as got:
        assert (got.status, got.content_type) == (200, "text/event-stream")
        return await all_events(got)


async def test_an_undisturbed_answer_has_the_shape_of_the_api() -> None:
    async with client_of(build_app) as client, client.post("/v1/responses", json=_body("[items=20 pace_ms=1]")) as got:
        seen = await all_events(got)
    head = ["response.created", "response.in_progress", "response.output_item.added"]
    assert [e["type"] for e in seen] == [*head, *[_DELTA] * 20, "response.output_text.done", "response.completed"]
    assert [e["sequence_number"] for e in seen] == list(range(len(seen)))
    assert seen[0]["response"]["status"] == "in_progress"
    assert _text(seen) == seen[-2]["text"] == counted(20)
    assert seen[-1]["response"]["status"] == "completed"
    assert seen[-1]["response"]["id"] == seen[0]["response"]["id"]
    assert seen[-1]["response"]["output"][0]["content"] == [{"type": "output_text", "text": counted(20)}]


async def test_every_event_is_named_on_the_wire() -> None:
    async with client_of(build_app) as client, client.post("/v1/responses", json=_body("[items=2]")) as got:
        frames = (await got.text()).strip().split("\n\n")
    assert frames[0].startswith('event: response.created\ndata: {"type":"response.created","sequence_number":0,')
    assert frames[3].startswith(f'event: {_DELTA}\ndata: {{"type":"{_DELTA}","sequence_number":3,')


async def test_messages_are_an_input_too() -> None:
    messages = [{"role": "user", "content": [{"type": "input_text", "text": "[items=2]"}]}]
    async with client_of(build_app) as client, client.post("/v1/responses", json=_body(messages)) as got:
        assert _text(await all_events(got)) == counted(2)


async def test_a_drop_costs_nothing_and_resume_is_exact_at_every_point() -> None:
    async with client_of(build_app) as client:
        got = await client.post("/v1/responses", json=_body("[items=40 pace_ms=5]"))
        before = await first_events(got, 5, _DELTA)
        got.close()
        response = before[0]["response"]["id"]
        live = await _tail(client, response, before[-1]["sequence_number"])
        whole = before + live
        assert _text(whole) == counted(40)
        assert [event["sequence_number"] for event in whole] == list(range(len(whole)))
        for after in range(len(whole)):
            assert await _tail(client, response, after) == whole[after + 1 :]
        async with client.get(f"/v1/responses/{response}?stream=true") as got:
            assert await all_events(got) == whole


async def test_without_stream_it_is_an_object_at_any_time() -> None:
    async with client_of(build_app) as client:
        async with client.post("/v1/responses", json=_body("[items=4 pace_ms=20]") | {"stream": False}) as answer:
            started = await answer.json()
        assert (started["status"], started["output"]) == ("in_progress", [])
        await _tail(client, started["id"], 0)
        ended = await _object(client, started["id"])
    assert ended["status"] == "completed"
    assert (ended["output"][0]["type"], ended["output"][0]["role"]) == ("message", "assistant")
    assert ended["output"][0]["content"][0]["text"] == counted(4)


async def test_cancel_is_accepted_and_the_run_goes_on_to_its_end() -> None:
    async with client_of(build_app) as client, client.post("/v1/responses", json=_body("[items=60 pace_ms=5]")) as got:
        before = await first_events(got, 5, _DELTA)
        response = before[0]["response"]["id"]
        for _ in range(2):
            async with client.post(f"/v1/responses/{response}/cancel") as answer:
                assert answer.status == 200
                accepted = await answer.json()
            assert (accepted["id"], accepted["status"]) == (response, "in_progress")
        rest = await all_events(got)
        assert _text(before + rest) == counted(60)
        assert rest[-1]["type"] == "response.completed"
        assert (await _object(client, response))["status"] == "completed"


async def test_cancel_after_the_end_says_that_it_is_over() -> None:
    async with client_of(build_app) as client:
        async with client.post("/v1/responses", json=_body("[items=1]")) as got:
            response = (await all_events(got))[0]["response"]["id"]
        async with client.post(f"/v1/responses/{response}/cancel") as answer:
            assert (answer.status, (await answer.json())["status"]) == (200, "completed")


async def test_the_same_key_attaches_to_the_same_response() -> None:
    async with client_of(build_app) as client:
        headers = {"Idempotency-Key": "k1"}
        first = await client.post("/v1/responses", json=_body("[items=40 pace_ms=5]"), headers=headers)
        await first_events(first, 3, _DELTA)
        first.close()
        async with client.post("/v1/responses", json=_body("[items=40 pace_ms=5]"), headers=headers) as again:
            seen = await all_events(again)
        async with client.post("/v1/responses", json=_body("[items=1]"), headers={"Idempotency-Key": "k2"}) as other:
            another = await all_events(other)
    assert _text(seen) == counted(40)
    assert (seen[0]["type"], seen[0]["sequence_number"]) == ("response.created", 0)
    assert another[0]["response"]["id"] != seen[0]["response"]["id"]


async def test_the_same_key_at_the_same_time_makes_one_response() -> None:
    async with client_of(build_app) as client:

        async def send() -> str:
            headers = {"Idempotency-Key": "k"}
            async with client.post("/v1/responses", json=_body("[items=5]"), headers=headers) as got:
                return str((await all_events(got))[0]["response"]["id"])

        assert len(set(await asyncio.gather(*(send() for _ in range(5))))) == 1


async def test_a_failing_agent_is_told() -> None:
    async with client_of(build_app) as client:
        async with client.post("/v1/responses", json=_body("[items=9 fail_at=3]")) as got:
            seen = await all_events(got)
        stored = await _object(client, seen[0]["response"]["id"])
    assert (seen[-1]["type"], stored["status"]) == ("response.failed", "failed")
    assert "after word 3" in stored["error"]["message"]
    assert of(seen, _DELTA) == 3
    assert stored["output"][0]["content"][0]["text"] == counted(3)


@pytest.mark.parametrize("after", ["-1", "x", "1.0", "", "99999", "9" * 5_000, "²"])
async def test_cursors_that_no_event_had_are_refused(after: str) -> None:
    async with client_of(build_app) as client:
        async with client.post("/v1/responses", json=_body("[items=1]")) as got:
            response = (await all_events(got))[0]["response"]["id"]
        params = {"stream": "true", "starting_after": after}
        async with client.get(f"/v1/responses/{response}", params=params) as answer:
            assert (answer.status, answer.content_type) == (400, "application/json")


async def test_unknown_responses_are_not_found() -> None:
    async with client_of(build_app) as client:
        for method, path in (("GET", ""), ("GET", "?stream=true&starting_after=3"), ("POST", "/cancel")):
            url = f"/v1/responses/resp_none{path}"
            async with client.request(method, url) as answer:
                assert (answer.status, answer.content_type) == (404, "application/json")


async def test_the_oldest_ended_are_forgotten_with_their_keys() -> None:
    async with client_of(partial(build_app, limit=2)) as client:

        async def run(key: str, prompt: str = "[items=1]") -> str:
            headers = {"Idempotency-Key": key}
            async with client.post("/v1/responses", json=_body(prompt), headers=headers) as got:
                return str((await first_events(got, 1, "response.created"))[0]["response"]["id"])

        async def done(response: str) -> str:
            await _tail(client, response, 0)
            return response

        running = await run("running", "[items=2000 pace_ms=5]")
        old = await done(await run("a"))
        new = await done(await run("b"))
        found = {name: (await client.get(f"/v1/responses/{name}")).status for name in (running, old, new)}
        assert found == {running: 200, old: 404, new: 200}
        assert await run("b") == new
        assert await run("a") != old
