"""What the resumable chat does well, and that losing the connection that asked aborts the run."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest
from aiohttp import ClientSession

from reference_impl.antipatterns import chat as shared
from reference_impl.antipatterns.cancel_on_disconnect import build_app

from .support import Spy, all_events, asking, client_of, counted, deltas, first_events, of, until

_LONG = "[items=2000 pace_ms=5]"


async def _history(client: ClientSession, chat: str = "c1") -> list[Any]:
    async with client.get(f"/api/chat/{chat}") as answer:
        body = await answer.json()
    assert body["id"] == chat
    messages: list[Any] = body["messages"]
    return messages


def _said(message: Any) -> str:
    return "".join(part["text"] for part in message["parts"])


async def test_an_undisturbed_answer_has_the_shape_of_the_protocol() -> None:
    async with client_of(build_app) as client, client.post("/api/chat", json=asking("[items=20 pace_ms=1]")) as got:
        assert got.headers["x-vercel-ai-ui-message-stream"] == "v1"
        assert got.content_type == "text/event-stream"
        seen = await all_events(got)
    kinds = [event if isinstance(event, str) else event["type"] for event in seen]
    middle = ["text-delta"] * 20
    assert kinds == ["start", "start-step", "text-start", *middle, "text-end", "finish-step", "finish", "[DONE]"]
    assert deltas(seen) == counted(20)
    assert seen[0]["messageId"]
    assert {event["id"] for event in seen[2:-3]} == {"text-1"}


async def test_history_holds_prompt_and_answer_under_the_streams_id() -> None:
    async with client_of(build_app) as client:
        async with client.post("/api/chat", json=asking("[items=5] please")) as got:
            seen = await all_events(got)
        user, answer = await _history(client)
    assert (user["id"], user["role"], _said(user)) == ("u1", "user", "[items=5] please")
    assert (answer["id"], answer["role"], _said(answer)) == (seen[0]["messageId"], "assistant", counted(5))


async def test_the_prompt_is_in_history_while_its_answer_is_being_written() -> None:
    async with client_of(build_app) as client, client.post("/api/chat", json=asking(_LONG)) as got:
        await first_events(got, 1, "text-delta")
        assert [message["role"] for message in await _history(client)] == ["user"]


async def test_a_single_message_is_a_prompt_too() -> None:
    async with client_of(build_app) as client:
        body = {"id": "c1", "message": {"id": "u1", "role": "user", "parts": [{"type": "text", "text": "[items=2]"}]}}
        async with client.post("/api/chat", json=body) as got:
            assert deltas(await all_events(got)) == counted(2)


async def test_a_viewer_gets_everything_from_the_start_and_then_live() -> None:
    async with client_of(build_app) as client, client.post("/api/chat", json=asking("[items=60 pace_ms=5]")) as got:
        await first_events(got, 10, "text-delta")
        async with client.get("/api/chat/c1/stream") as viewer:
            assert viewer.headers["x-vercel-ai-ui-message-stream"] == "v1"
            seen = await all_events(viewer)
    assert deltas(seen) == counted(60)
    assert seen[-2:] == [{"type": "finish"}, "[DONE]"]


async def test_viewers_may_leave() -> None:
    async with client_of(build_app) as client, client.post("/api/chat", json=asking("[items=60 pace_ms=5]")) as got:
        for _ in range(2):
            async with client.get("/api/chat/c1/stream") as viewer:
                await first_events(viewer, 3, "text-delta")
        seen = await all_events(got)
    assert deltas(seen) == counted(60)


async def test_hanging_up_the_connection_that_asked_aborts_the_run() -> None:
    async with client_of(build_app) as client:
        async with client.post("/api/chat", json=asking(_LONG)) as got:
            await first_events(got, 3, "text-delta")
            viewer = await client.get("/api/chat/c1/stream")
        async with asyncio.timeout(2):
            seen = await all_events(viewer)
        _, partial_answer = await _history(client)
    assert seen[-2:] == [{"type": "abort"}, "[DONE]"]
    assert 3 <= of(seen, "text-delta") < 500
    assert _said(partial_answer) == deltas(seen)


async def test_after_the_drop_there_is_nothing_to_resume() -> None:
    async with client_of(build_app) as client:
        got = await client.post("/api/chat", json=asking(_LONG))
        await first_events(got, 3, "text-delta")
        viewer = await client.get("/api/chat/c1/stream")
        got.close()
        await all_events(viewer)
        async with client.get("/api/chat/c1/stream") as answer:
            assert answer.status == 204


async def test_the_drop_is_noticed_at_a_fast_pace() -> None:
    """A write fails before anybody looks at the connection: that must abort the run as well."""
    async with client_of(build_app) as client:
        for chat in ("a", "b", "c"):
            got = await client.post("/api/chat", json=asking("[items=3000 pace_ms=1]", chat=chat))
            await first_events(got, 3, "text-delta")
            viewer = await client.get(f"/api/chat/{chat}/stream")
            got.close()
            async with asyncio.timeout(1):
                assert (await all_events(viewer))[-2]["type"] == "abort"


async def test_the_drop_is_noticed_while_the_agent_is_silent() -> None:
    async with client_of(build_app) as client:
        got = await client.post("/api/chat", json=asking("[items=9 silent_at=2 silent_ms=60000]"))
        await first_events(got, 2, "text-delta")
        viewer = await client.get("/api/chat/c1/stream")
        got.close()
        async with asyncio.timeout(1):
            seen = await all_events(viewer)
    assert seen[-2]["type"] == "abort"


async def test_a_drop_before_the_first_word_aborts_too() -> None:
    async with client_of(build_app) as client:
        got = await client.post("/api/chat", json=asking("[items=9 first_ms=60000]"))
        viewer = await client.get("/api/chat/c1/stream")
        got.close()
        async with asyncio.timeout(1):
            seen = await all_events(viewer)
        assert [message["role"] for message in await _history(client)] == ["user", "assistant"]
    assert seen[-2]["type"] == "abort"


async def test_stop_works_from_anywhere_twice_and_keeps_the_partial_answer() -> None:
    async with client_of(build_app) as client, client.post("/api/chat", json=asking(_LONG)) as got:
        await first_events(got, 3, "text-delta")
        for _ in range(2):
            async with client.post("/api/chat/c1/stop") as answer:
                assert (answer.status, await answer.json()) == (200, {"success": True})
        rest = await all_events(got)
        _, partial_answer = await _history(client)
    assert rest[-2:] == [{"type": "abort"}, "[DONE]"]
    assert _said(partial_answer) == counted(3) + deltas(rest)


async def test_the_work_ends_with_the_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    spy = Spy()
    monkeypatch.setattr(shared, "generate", spy)
    async with client_of(build_app) as client, client.post("/api/chat", json=asking(_LONG)) as got:
        await first_events(got, 3, "text-delta")
        await client.post("/api/chat/c1/stop")
        rest = await all_events(got)
        await until(lambda: spy.ended)
    assert "".join(spy.said) == counted(3) + deltas(rest)


async def test_the_next_prompt_just_works_after_a_stop() -> None:
    async with client_of(build_app) as client:
        async with client.post("/api/chat", json=asking(_LONG)) as got:
            await first_events(got, 1, "text-delta")
            await client.post("/api/chat/c1/stop")
        async with client.post("/api/chat", json=asking("[items=4]", message="u2")) as got:
            assert deltas(await all_events(got)) == counted(4)
        assert [message["role"] for message in await _history(client)] == ["user", "assistant"] * 2


async def test_a_prompt_during_a_run_is_refused_and_leaves_no_trace() -> None:
    async with client_of(build_app) as client, client.post("/api/chat", json=asking("[items=40 pace_ms=5]")) as got:
        await first_events(got, 1, "text-delta")
        async with client.post("/api/chat", json=asking("[items=1]", message="u2")) as second:
            assert second.status == 409
        assert [message["id"] for message in await _history(client)] == ["u1"]
        assert of(await all_events(got), "text-delta") == 39


async def test_a_failing_agent_is_told_and_its_words_are_kept() -> None:
    async with client_of(build_app) as client:
        async with client.post("/api/chat", json=asking("[items=9 fail_at=4]")) as got:
            seen = await all_events(got)
        _, answer = await _history(client)
    assert seen[-2]["type"] == "error"
    assert "after word 4" in seen[-2]["errorText"]
    assert _said(answer) == counted(4)


async def test_a_repeated_message_is_kept_once_and_answered_again() -> None:
    async with client_of(build_app) as client:
        for _ in range(2):
            async with client.post("/api/chat", json=asking("[items=2]")) as got:
                await all_events(got)
        assert [message["role"] for message in await _history(client)] == ["user", "assistant", "assistant"]


async def test_unknown_chats_and_bad_ids() -> None:
    async with client_of(build_app) as client:
        async with client.get("/api/chat/none/stream") as answer:
            assert answer.status == 204
        for method, path in (("GET", "/api/chat/none"), ("POST", "/api/chat/none/stop")):
            async with client.request(method, path) as answer:
                assert (answer.status, answer.content_type) == (404, "application/json")
        for chat in ("", "x" * 201, 7, None):
            async with client.post("/api/chat", json=asking("[items=1]") | {"id": chat}) as answer:
                assert answer.status == 400


async def test_the_oldest_idle_chats_are_forgotten_and_running_ones_are_not() -> None:
    async with (
        client_of(partial(build_app, limit=2)) as client,
        client.post("/api/chat", json=asking(_LONG, chat="running")) as running,
    ):
        await first_events(running, 1, "text-delta")
        for chat in ("a", "b", "c"):
            async with client.post("/api/chat", json=asking("[items=1]", chat=chat)) as got:
                await all_events(got)
        found = {chat: (await client.get(f"/api/chat/{chat}")).status for chat in ("running", "a", "b", "c")}
    assert found == {"running": 200, "a": 404, "b": 404, "c": 200}
