"""Several servers on one storage: any of them serves any session, and one that dies costs a run at most."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from reference_impl.agents.scripted import ScriptedAgent
from reference_impl.errors import Unavailable
from reference_impl.hub import Hub
from reference_impl.settings import Settings
from reference_impl.storage.memory import MemoryStore

from .devices import eventually
from .test_live import Told, all_ended, until

LONG = "[items=2000 pace_ms=2]"


class Shared(MemoryStore):
    """Storage of several servers, which live in one process here."""

    shared = True

    async def close(self) -> None:
        pass


@asynccontextmanager
async def two_nodes(**settings: object) -> AsyncIterator[tuple[Hub, Hub]]:
    store = Shared()
    nodes = Hub(store, ScriptedAgent(), Settings(**settings)), Hub(store, ScriptedAgent(), Settings(**settings))  # type: ignore[arg-type]
    for node in nodes:
        await node.open()
    yield nodes
    for node in nodes:
        await node.close()


def die(node: Hub) -> None:
    """As `kill -9` would: nothing is said to anyone."""
    node._closed = True
    if node._pulse._beating is not None:
        node._pulse._beating.cancel()
    for place in node._places.values():
        place.live._over = True
        if place.live._following is not None:
            place.live._following.cancel()
        for turn in place.live._turns._turns.values():
            if turn.task is not None:
                turn.task.cancel()
    node._places.clear()


async def test_what_an_agent_here_says_is_heard_there_at_once() -> None:
    async with two_nodes() as (here, there):
        mine, yours = await here.session("s"), await there.session("s")
        listener = Told()
        yours.attach(listener)
        await mine.prompt("k", "[items=50 pace_ms=0]")
        await until(yours, all_ended)
        await eventually(lambda: yours.log.head == mine.log.head)
        assert yours.transcript() == mine.transcript()
        assert yours.log.read("ws", 0, 53, 1 << 20) == mine.log.read("ws", 0, 53, 1 << 20)
        yours.detach(listener)


async def test_a_stop_there_reaches_the_agent_here() -> None:
    async with two_nodes() as (here, there):
        mine, yours = await here.session("s"), await there.session("s")
        run = (await mine.prompt("k", LONG)).run
        await eventually(lambda: run in yours._state.runs)
        await yours.stop(run, None, "phone")
        assert await until(mine, all_ended) == {run: "stopped"}
        assert await until(yours, all_ended) == {run: "stopped"}
        await eventually(lambda: not mine._turns.busy)


async def test_a_node_that_lags_behind_what_a_device_has_seen_catches_up_before_it_answers() -> None:
    async with two_nodes() as (here, there):
        mine, yours = await here.session("s"), await there.session("s")
        learn, held = yours._journal.learn, []
        yours._journal.learn = lambda first, bodies: held.append((first, bodies))  # type: ignore[method-assign]
        await mine.prompt("k", "[items=5 pace_ms=0]")
        await until(mine, all_ended)
        cursor = mine.log.cursor(mine.log.head)
        assert yours.log.resume(cursor).gap == "future"
        reaching = asyncio.create_task(yours.reach(cursor))
        await eventually(lambda: sum(len(bodies) for _, bodies in held) == mine.log.head)
        assert not reaching.done()
        for first, bodies in held:
            learn(first, bodies)
        await asyncio.wait_for(reaching, 1)
        assert yours.log.resume(cursor).recovered


async def test_a_cursor_from_the_real_future_is_waited_for_a_little_and_then_refused_by_name() -> None:
    async with two_nodes(behind_s=60.0) as (here, _):
        session = await here.session("s")
        cursor = session.log.cursor(99)
        await asyncio.wait_for(session.reach(cursor), 5)  # the storage does not have it: nobody can have been told
        assert session.log.resume(cursor).gap == "future"


async def test_a_copy_that_was_given_up_begins_nothing_more() -> None:
    async with two_nodes() as (here, _):
        given_up = await here.session("s")
        prompting = asyncio.create_task(given_up.prompt("k", "[items=3 pace_ms=0]"))
        await asyncio.sleep(0)  # the decision is on its way to the storage
        given_up._break()
        run = (await prompting).run or ""
        await eventually(lambda: given_up._state.runs[run].holder != "")
        assert not given_up._turns._turns
        again = await here.session("s")
        assert again is not given_up
        states = await until(again, all_ended)
        assert set(states) == {run}  # begun by the copy that took its place, or ended by it: once
        text = [row["text"] for row in again.transcript()["messages"] if row["role"] == "assistant"]
        assert text in (["tok-0001 tok-0002 tok-0003 "], [""])


async def test_a_prompt_that_is_sent_to_both_is_one_run() -> None:
    async with two_nodes() as (here, there):
        sessions = [await here.session("s"), await there.session("s")]
        for number in range(20):
            both = await asyncio.gather(*(each.prompt(f"k{number}", "[items=1 pace_ms=0]") for each in sessions))
            assert both[0].run == both[1].run
            assert sorted(each.known for each in both) == [False, True]
        states = await until(sessions[0], all_ended)
        assert list(states.values()) == ["completed"] * 20


async def test_both_write_at_once_and_nothing_is_lost_or_out_of_order() -> None:
    async with two_nodes(policy="parallel") as (here, there):
        sessions = [await here.session("s"), await there.session("s")]
        for number, each in enumerate(sessions * 3):
            await each.prompt(f"k{number}", '[items=300 pace_ms=0 format="w{}"]')
        states = await until(sessions[0], lambda states: len(states) == 6 and all_ended(states))
        assert set(states.values()) == {"completed"}
        for row in sessions[1].transcript()["messages"]:
            if row["role"] == "assistant":
                assert row["text"] == "".join(f"w{number} " for number in range(1, 301))


async def test_a_node_that_dies_fails_its_runs_and_the_other_begins_what_was_queued() -> None:
    async with two_nodes(alive_s=0.3) as (here, there):
        mine, yours = await here.session("s"), await there.session("s")
        await mine.prompt("a", LONG)
        await mine.prompt("b", "[items=2 pace_ms=0]")
        await eventually(lambda: len(yours._state.runs) == 2)
        die(here)
        assert list((await until(yours, all_ended)).values()) == ["failed", "completed"]
        assert b'"error":"server restarted"' in yours.log.read("ws", 0, yours.log.head, 1 << 24)[0]


async def test_or_the_other_goes_on_where_it_was_cut_off() -> None:
    async with two_nodes(alive_s=0.3, lost_runs="continue") as (here, there):
        mine, yours = await here.session("s"), await there.session("s")
        run = (await mine.prompt("a", '[items=100 pace_ms=5 format="w{}"]')).run
        await eventually(lambda: yours.log.head > 20)
        die(here)
        assert await until(yours, all_ended) == {run: "completed"}
        assert yours.transcript()["messages"][1]["text"] == "".join(f"w{number} " for number in range(1, 101))


async def test_a_session_that_nobody_else_has_open_is_looked_after_when_it_is_named() -> None:
    async with two_nodes(alive_s=0.2) as (here, there):
        mine = await here.session("s")
        await mine.prompt("a", LONG)
        die(here)
        await asyncio.sleep(0.25)
        assert list((await until(await there.session("s"), all_ended)).values()) == ["failed"]


async def test_a_node_that_leaves_in_good_order_is_not_waited_for() -> None:
    async with two_nodes(alive_s=30, lost_runs="continue") as (here, there):
        mine = await here.session("s")
        await mine.prompt("a", "[items=40 pace_ms=5]")
        await here.close()
        with pytest.raises(Unavailable):
            await mine.prompt("b", "x")
        assert await there._store.alive([here._pulse.holder]) == frozenset()
