"""What can be resumed while somebody writes it, and that nothing of it is left a moment after."""

from __future__ import annotations

from reference_impl.antipatterns.producer_held_resume import build_app

from .support import all_events, asking, client_of, counted, deltas, first_events


async def test_a_drop_in_the_middle_is_healed_without_a_word_missing() -> None:
    async with client_of(build_app) as client:
        got = await client.post("/api/chat", json=asking("[items=60 pace_ms=5]"))
        await first_events(got, 10, "text-delta")
        got.close()
        async with client.get("/api/chat/c1/stream") as resumed:
            assert deltas(await all_events(resumed)) == counted(60)


async def test_after_the_end_there_is_an_empty_success_and_no_history() -> None:
    async with client_of(build_app) as client:
        async with client.post("/api/chat", json=asking("[items=5]")) as got:
            assert deltas(await all_events(got)) == counted(5)
        async with client.get("/api/chat/c1/stream") as resumed:
            assert (resumed.status, await resumed.read()) == (204, b"")
        async with client.get("/api/chat/c1") as read:
            assert read.status == 404


async def test_whoever_is_reading_at_the_end_gets_all_of_it() -> None:
    async with client_of(build_app) as client, client.post("/api/chat", json=asking("[items=60 pace_ms=5]")) as got:
        await first_events(got, 10, "text-delta")
        async with client.get("/api/chat/c1/stream") as viewer:
            assert (await all_events(viewer))[-2:] == [{"type": "finish"}, "[DONE]"]


async def test_a_repeated_message_is_the_same_prompt_only_until_the_end() -> None:
    async with client_of(build_app) as client:
        body = asking("[items=40 pace_ms=5]")
        async with client.post("/api/chat", json=body) as first:
            (start,) = await first_events(first, 1, "start")
            async with client.post("/api/chat", json=body) as again:
                assert (await all_events(again))[0] == start
        async with client.post("/api/chat", json=body) as late:
            assert (await all_events(late))[0] != start


async def test_stop_works() -> None:
    async with client_of(build_app) as client, client.post("/api/chat", json=asking("[items=2000 pace_ms=5]")) as got:
        await first_events(got, 3, "text-delta")
        async with client.post("/api/chat/c1/stop") as stopped:
            assert stopped.status == 200
        assert (await all_events(got))[-2:] == [{"type": "abort"}, "[DONE]"]
