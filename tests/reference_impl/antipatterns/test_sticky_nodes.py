"""What works on the node that a connection is dealt to, and what the next one knows of it."""

from __future__ import annotations

from functools import partial

from aiohttp import ClientSession

from reference_impl.antipatterns.serve import serving
from reference_impl.antipatterns.sticky_nodes import NODES, build_app

from .support import all_events, asking, client_of, counted, deltas, first_events

_CHAT = "/api/chat/c1"


async def _statuses(client: ClientSession, path: str, times: int = NODES) -> list[int]:
    """What so many requests in a row are answered with."""
    found = []
    for _ in range(times):
        async with client.get(path) as answer:
            found.append(answer.status)
            await answer.content.readany()
    return found


async def test_connections_are_dealt_out_in_turn_and_only_one_node_knows_the_chat() -> None:
    async with client_of(build_app) as client:
        async with client.post(_CHAT, json=asking("[items=5]")) as got:
            assert deltas(await all_events(got)) == counted(5)
        assert await _statuses(client, _CHAT, 2 * NODES) == [404, 404, 200] * 2


async def test_a_reconnect_lands_on_a_node_that_has_never_heard_of_the_run() -> None:
    async with client_of(build_app) as client:
        got = await client.post(_CHAT, json=asking("[items=200 pace_ms=5]"))
        await first_events(got, 3, "text-delta")
        got.close()
        assert await _statuses(client, f"{_CHAT}/stream") == [204, 204, 200]


async def test_a_stop_that_lands_elsewhere_stops_nothing() -> None:
    async with client_of(build_app) as client, client.post(_CHAT, json=asking("[items=60 pace_ms=5]")) as got:
        await first_events(got, 3, "text-delta")
        async with client.post(f"{_CHAT}/stop") as answer:
            assert answer.status == 404
        assert (await all_events(got))[-2] == {"type": "finish"}


async def test_a_prompt_that_lands_elsewhere_begins_a_second_conversation() -> None:
    async with client_of(build_app) as client:
        for message in ("u1", "u2"):
            async with client.post(_CHAT, json=asking("[items=1]", message=message)) as got:
                await all_events(got)
        histories = [await (await client.get(_CHAT)).json() for _ in range(NODES)][1:]
    assert [history["messages"][0]["id"] for history in histories] == ["u1", "u2"]


async def test_a_connection_stays_with_its_node() -> None:
    async with serving(build_app()) as url, ClientSession(url) as client:  # keeps its connection alive
        async with client.post(_CHAT, json=asking("[items=2]")) as got:
            await all_events(got)
        assert await _statuses(client, _CHAT) == [200] * NODES


async def test_every_chat_has_turns_of_its_own() -> None:
    async with client_of(build_app) as client:
        for chat in ("a", "b", "a", "b"):
            async with client.post(f"/api/chat/{chat}", json=asking("[items=1]", chat=chat)) as got:
                await all_events(got)
        found = {chat: await _statuses(client, f"/api/chat/{chat}") for chat in "ab"}
    assert found == {"a": [404, 200, 200], "b": [404, 200, 200]}


async def test_on_one_node_nothing_is_wrong() -> None:
    async with client_of(partial(build_app, nodes=1)) as client:
        got = await client.post(_CHAT, json=asking("[items=60 pace_ms=5]"))
        await first_events(got, 3, "text-delta")
        got.close()
        async with client.get(f"{_CHAT}/stream") as resumed:
            assert deltas(await all_events(resumed)) == counted(60)
        assert await _statuses(client, _CHAT) == [200] * NODES
