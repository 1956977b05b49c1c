from __future__ import annotations

from reference_impl.agents.scripted import ScriptedAgent
from reference_impl.hub import Hub
from reference_impl.settings import Settings
from reference_impl.storage.memory import MemoryStore

from .test_live import Told, all_ended, until


async def test_sessions_that_nobody_uses_are_forgotten_and_found_again() -> None:
    hub = Hub(MemoryStore(), ScriptedAgent(), Settings(idle_s=0))
    used = await hub.session("used")
    await used.prompt("k", "[items=3 pace_ms=0]")
    await until(used, all_ended)
    head = used.log.head
    for name in "abcdefgh":
        await hub.session(name)
    again = await hub.session("used")
    assert again is not used
    assert (again.log.epoch, again.log.head) == (used.log.epoch, head)
    assert (await again.prompt("k", "[items=3 pace_ms=0]")).known
    late = Told()
    used.attach(late)  # a device that found the session just before
    assert late.left
    assert len(hub._places) <= 2
    await hub.close()


async def test_sessions_in_use_are_kept() -> None:
    hub = Hub(MemoryStore(), ScriptedAgent(), Settings(idle_s=0))
    watched = await hub.session("watched")
    watched.attach(Told())
    running = await hub.session("running")
    await running.prompt("k", "[items=1000 pace_ms=20]")
    for name in "abcdefgh":
        await hub.session(name)
    assert await hub.session("watched") is watched
    assert await hub.session("running") is running
    await hub.close()
