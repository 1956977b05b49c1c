"""What a session does when its agents or its storage misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress

import pytest

from reference_impl.agents.base import AgentFailure, Turn
from reference_impl.agents.scripted import ScriptedAgent
from reference_impl.errors import Refused, Unavailable
from reference_impl.hub import Hub
from reference_impl.live import LiveSession
from reference_impl.session.event import Event
from reference_impl.session.producer import Fenced
from reference_impl.session.run import State
from reference_impl.settings import Settings
from reference_impl.storage.base import Stored, StoreError
from reference_impl.storage.memory import MemoryStore


class Told:
    """A listener that only remembers that it was told."""

    def __init__(self) -> None:
        self.woken = asyncio.Event()
        self.left = False

    def wake(self) -> None:
        self.woken.set()

    def leave(self) -> None:
        self.left = True


class Custom:
    """An agent made of a function."""

    def __init__(self, answer: Callable[[str], AsyncGenerator[str, None]]) -> None:
        self._answer = answer

    def answer(self, turn: Turn) -> AsyncGenerator[str, None]:
        return self._answer(turn.prompt)

    def check(self, prompt: str) -> None:
        pass


async def until(session: LiveSession, seen: Callable[[dict[str, str]], bool]) -> dict[str, str]:
    """Wait for the states of the runs."""
    listener = Told()
    session.attach(listener)
    while True:
        states = {run["run"]: run["state"] for run in session.summary()["runs"]}
        if seen(states):
            session.detach(listener)
            return states
        listener.woken.clear()
        await asyncio.wait_for(listener.woken.wait(), 5)


def all_ended(states: dict[str, str]) -> bool:
    return bool(states) and all(State(state).ended for state in states.values())


async def test_an_agent_that_does_not_listen_loses_its_voice() -> None:
    released = asyncio.Event()
    said = 0

    async def deaf(_: str) -> AsyncGenerator[str, None]:
        nonlocal said
        while not released.is_set():
            with suppress(asyncio.CancelledError):
                await asyncio.wait_for(released.wait(), 60)
        said += 1
        yield "I was not listening"

    hub = Hub(MemoryStore(), Custom(deaf), Settings(grace_s=0.05))
    session = await hub.session("s")
    for key in ("a", "b"):  # and the next one does not wait for it
        await session.prompt(key, "x")
        await asyncio.sleep(0.01)
        await session.stop(None, key, "phone")
        assert set((await until(session, all_ended)).values()) == {"stopped"}
    released.set()
    await asyncio.sleep(0.01)
    assert said == 2
    assert [message["text"] for message in session.transcript()["messages"]] == ["x", "", "x", ""]
    await hub.close()


async def test_an_agent_that_breaks_down_fails_its_run_and_says_nothing_of_its_insides(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(prompt: str) -> AsyncGenerator[str, None]:
        yield "so far "
        raise AgentFailure("the model is overloaded") if prompt == "overloaded" else KeyError("secret")

    hub = Hub(MemoryStore(), Custom(broken), Settings())
    session = await hub.session("s")
    await session.prompt("a", "bug")
    await session.prompt("b", "overloaded")
    states = await until(session, lambda states: len(states) == 2 and all_ended(states))
    assert list(states.values()) == ["failed", "failed"]
    everything, _ = session.log.read("ws", 0, session.log.head, 1 << 20)
    assert b'"error":"the agent broke down"' in everything
    assert b'"error":"the model is overloaded"' in everything
    assert b"secret" not in everything
    assert everything.count(b"so far") == 2
    assert "KeyError" in caplog.text
    await hub.close()


async def test_nobody_writes_to_a_run_that_was_stopped() -> None:
    async def patient(_: str) -> AsyncGenerator[str, None]:
        await asyncio.sleep(60)
        yield "never"

    hub = Hub(MemoryStore(), Custom(patient), Settings())
    session = await hub.session("s")
    run_id = (await session.prompt("k", "x")).run
    await asyncio.sleep(0)
    turn = session._turns._turns[run_id or ""]
    await session._turns.produce(turn, Event("text", run_id, {"text": "in time "}))
    await session.stop(run_id, None, "phone")
    with pytest.raises(Fenced):
        await session._turns.produce(turn, Event("text", run_id, {"text": "too late "}))
    await until(session, all_ended)
    assert session.transcript()["messages"][1]["text"] == "in time "
    await hub.close()


class Failing(MemoryStore):
    """A store whose disk is full whenever it is told so."""

    def __init__(self) -> None:
        super().__init__()
        self.full = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def append(self, session: str, epoch: str, first: int, bodies: Sequence[bytes]) -> None:
        await self.gate.wait()
        if self.full:
            raise StoreError("the disk is full")
        await super().append(session, epoch, first, bodies)

    async def load(self, session: str) -> Stored:
        if self.full:
            raise StoreError("the disk is full")
        return await super().load(session)


async def test_when_the_storage_fails_nothing_is_acknowledged_and_the_session_starts_over_from_what_is_stored() -> None:
    store = Failing()
    hub = Hub(store, ScriptedAgent(), Settings())
    session = await hub.session("s")
    listener = Told()
    session.attach(listener)
    await session.prompt("a", "[items=1000 pace_ms=5]")
    store.full = True
    with pytest.raises(Unavailable, match="disk is full"):
        await session.prompt("b", "x")
    with pytest.raises(Unavailable):
        await session.prompt("c", "x")
    assert listener.left
    late = Told()
    session.attach(late)  # a device that was on its way
    assert late.left
    with pytest.raises(Unavailable):
        await hub.session("s")
    store.full = False
    again = await hub.session("s")
    assert again is not session
    assert again.log.epoch == session.log.epoch
    states = await until(again, all_ended)
    assert list(states.values()) == ["failed"]  # and b, never acknowledged, never happened
    assert (await again.prompt("b", "[items=1 pace_ms=0]")).known is False
    await hub.close()


async def test_nobody_is_told_before_it_is_durable() -> None:
    store = Failing()
    hub = Hub(store, ScriptedAgent(), Settings())
    session = await hub.session("s")
    listener = Told()
    session.attach(listener)
    store.gate.clear()
    asking = [
        asyncio.create_task(coroutine)
        for coroutine in (
            session.prompt("a", "[items=3 pace_ms=0]"),
            session.prompt("a", "[items=3 pace_ms=0]"),  # its repetition
            session.stop(None, "a", "phone"),
            session.stop(None, "unborn", "phone"),
        )
    ]
    await asyncio.sleep(0.05)
    assert not any(task.done() for task in asking)
    assert not listener.woken.is_set()
    assert session.log.head == 0
    store.gate.set()
    await asyncio.gather(*asking)
    assert listener.woken.is_set()
    await hub.close()


async def test_a_slow_disk_bounds_what_an_agent_can_be_ahead() -> None:
    store = Failing()
    hub = Hub(store, ScriptedAgent(), Settings())
    session = await hub.session("s")
    await session.prompt("a", "[items=5000 pace_ms=0]")
    store.gate.clear()
    await asyncio.sleep(0.05)
    before = session._journal._waiting
    await asyncio.sleep(0.05)
    assert before == session._journal._waiting < 1_000
    store.gate.set()
    await until(session, all_ended)
    assert session.log.head == 5_003
    await hub.close()


async def test_many_at_once_load_a_session_once() -> None:
    hub = Hub(MemoryStore(), ScriptedAgent(), Settings())
    found = await asyncio.gather(*(hub.session("s") for _ in range(20)))
    assert len(set(map(id, found))) == 1
    await hub.close()


class Outliving(MemoryStore):
    """A store that a second server can be started on."""

    async def close(self) -> None:
        pass


async def test_a_second_server_ends_what_ran_and_starts_what_was_queued_and_the_first_finds_out() -> None:
    store = Outliving()
    first = await Hub(store, ScriptedAgent(), Settings()).session("s")
    await first.prompt("a", "[items=9999 pace_ms=20]")
    await first.prompt("b", "[items=2 pace_ms=0]")
    stored = await store.load("s")
    second = Hub(store, ScriptedAgent(), Settings())
    session = await second.session("s")
    assert list((await until(session, all_ended)).values()) == ["failed", "completed"]
    assert (await store.load("s")).bodies[: len(stored.bodies)] == stored.bodies
    with pytest.raises(Unavailable, match="cannot follow"):
        await first.prompt("c", "[items=1]")
    await second.close()


async def test_closing_ends_what_runs_and_keeps_what_is_queued() -> None:
    store = Outliving()
    hub = Hub(store, ScriptedAgent(), Settings())
    session = await hub.session("s")
    listener = Told()
    session.attach(listener)
    await session.prompt("a", "[items=9999 pace_ms=20]")
    await session.prompt("b", "[items=2 pace_ms=0]")
    await hub.close()
    assert listener.left
    assert b'"error":"server restarted"' in (await store.load("s")).bodies[-1]
    again = Hub(store, ScriptedAgent(), Settings())
    assert list((await until(await again.session("s"), all_ended)).values()) == ["failed", "completed"]
    await again.close()


async def test_a_bad_prompt_leaves_no_trace() -> None:
    hub = Hub(MemoryStore(), ScriptedAgent(), Settings())
    session = await hub.session("s")
    with pytest.raises(Refused, match="items=0") as refused:
        await session.prompt("k", "[items=0]")
    assert (refused.value.code, refused.value.status) == ("bad-script", 400)
    assert session.log.head == 0
    assert (await session.prompt("k", "[items=1 pace_ms=0]")).known is False
    await hub.close()
    with pytest.raises(Unavailable):
        await hub.session("s")
