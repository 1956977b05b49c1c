from __future__ import annotations

import json

from reference_impl.agents.scripted import ScriptedAgent
from reference_impl.hub import Hub
from reference_impl.live import LiveSession
from reference_impl.settings import Settings

from .devices import eventually
from .test_live import Outliving, all_ended, until


async def answered(session: LiveSession, *keys: str) -> None:
    for key in keys:
        await session.prompt(key, "[items=20 pace_ms=0]")
        await until(session, all_ended)


async def test_events_past_retention_are_trimmed_and_what_they_said_is_kept_over_a_restart() -> None:
    store = Outliving()
    hub = Hub(store, ScriptedAgent(), Settings(retain_events=10))
    session = await hub.session("s")
    await answered(session, "a", "b", "c")
    said = session.transcript()["messages"]
    while (stored := await store.load("s")).first == 1:
        await answered(session, "one more")
    assert stored.head - stored.first < 25
    await hub.close()
    again = Hub(store, ScriptedAgent(), Settings(retain_events=10))
    session = await again.session("s")
    assert session.transcript()["messages"][: len(said)] == said
    assert session.log.resume(session.log.cursor(1)).gap == "expired"
    assert session.log.resume(session.log.cursor(stored.first - 1)).recovered
    assert (await session.prompt("a", "x")).known  # an old prompt is still one that was accepted
    await answered(session, "d")
    assert [row["ending"] for row in session.transcript()["messages"]][-1] == "completed"
    await again.close()


async def test_answers_that_ended_long_ago_are_let_go_whole() -> None:
    store = Outliving()
    hub = Hub(store, ScriptedAgent(), Settings(retain_s=0.05))
    session = await hub.session("s")
    await answered(session, "a")
    ended = session.log.head
    await eventually(lambda: not session._journal.busy)
    now = session._retention._now
    session._retention._now = lambda: now() + 1
    await answered(session, "b")
    assert session.log.trimmed >= ended
    assert json.loads((await store.load("s")).snapshot or b"{}").get("version", 1) == 1
    assert len(session.transcript()["messages"]) == 4
    await hub.close()
