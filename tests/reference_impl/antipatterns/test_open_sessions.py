"""That everything works, whoever asks. What works is in test_chat.py."""

from __future__ import annotations

import pytest

from reference_impl.antipatterns.open_sessions import build_app

from .support import all_events, asking, client_of, counted, deltas, first_events

_ALICE = {"Authorization": "Bearer alice"}


@pytest.mark.parametrize("stranger", [{}, {"Authorization": "Bearer mallory"}, {"Authorization": "nonsense"}])
async def test_a_stranger_reads_watches_and_stops_another_users_chat(stranger: dict[str, str]) -> None:
    body = asking("[items=2000 pace_ms=5] my diagnosis")
    async with client_of(build_app) as client, client.post("/api/chat", json=body, headers=_ALICE) as hers:
        await first_events(hers, 3, "text-delta")
        async with client.get("/api/chat/c1/stream", headers=stranger) as watched:
            assert deltas(await first_events(watched, 3, "text-delta")) == counted(3)
        async with client.post("/api/chat/c1/stop", headers=stranger) as stopped:
            assert stopped.status == 200
        assert (await all_events(hers))[-2] == {"type": "abort"}
        async with client.get("/api/chat/c1", headers=stranger) as read:
            assert "my diagnosis" in (await read.json())["messages"][0]["parts"][0]["text"]


async def test_a_stranger_writes_into_it() -> None:
    async with client_of(build_app) as client:
        async with client.post("/api/chat", json=asking("[items=1]"), headers=_ALICE) as hers:
            await all_events(hers)
        async with client.post("/api/chat", json=asking("[items=1] mine now", message="u2")) as his:
            await all_events(his)
        async with client.get("/api/chat/c1", headers=_ALICE) as read:
            assert [message["id"] for message in (await read.json())["messages"]][::2] == ["u1", "u2"]
