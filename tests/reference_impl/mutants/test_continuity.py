"""The defects of continuity on real sockets: each is there when it is on, and the server is itself when it is off."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from reference_impl.session.frames import Form

from ..devices import Client, Screen, SseDevice, WsDevice
from .support import caught_up, finished, following, mutated, words

pytestmark = pytest.mark.sockets

on_or_off = pytest.mark.parametrize("rate", [1, 0], ids=["on", "off"])
either_wire = pytest.mark.parametrize("form", ["sse", "ws"])

SCRIPT = "[items=30 pace_ms=12]"
WHOLE = words(*range(1, 31))
Device = SseDevice | WsDevice


@asynccontextmanager
async def joined_late(phone: Client, form: Form, script: str = SCRIPT) -> AsyncIterator[tuple[Device, Device]]:
    """A device that was there from the start, and one that opens the session in the middle of the answer."""
    async with following(phone, form) as first:
        await phone.prompt("k", script)
        await first.until(lambda screen: len(screen.text().split()) >= 5)
        async with following(phone, form) as late:
            yield first, late


def prompts(screen: Screen) -> list[str]:
    return [event["data"]["id"] for event in screen.events if event["kind"] == "user"]


def of_agents(screen: Screen) -> list[str]:
    return [event["data"]["agent"] for event in screen.events if "agent" in event["data"]]


@on_or_off
@either_wire
@pytest.mark.parametrize(("id", "missing"), [("join-tail", None), ("join-hole", 1), ("run-hidden", 30)])
async def test_what_a_late_device_misses(id: str, missing: int | None, form: Form, rate: int) -> None:
    async with mutated(id, rate) as phone, joined_late(phone, form) as (first, late):
        await first.until_ended()
        if id == "run-hidden" and rate:
            await phone.prompt("k2", "[items=1 pace_ms=0 format=next-{}]")
            await late.until_ended()
            assert late.text() == "next-1 "
            return
        await late.until_ended()
        assert first.text() == WHOLE
        lost = [word for word in WHOLE.split() if word not in late.text().split()]
        assert bool(lost) is bool(rate)
        assert missing is None or len(lost) == missing * rate
        if id == "join-tail" and rate:
            assert lost == WHOLE.split()[: len(lost)]


@on_or_off
@either_wire
async def test_join_overlap(form: Form, rate: int) -> None:
    async with mutated("join-overlap", rate) as phone, joined_late(phone, form) as (_, late):
        await late.until_ended()
        twice = [one for one, other in pairwise(late.text().split()) if one == other]
        assert len(twice) == rate
        assert sorted(set(late.text().split())) == WHOLE.split()
        assert late.offsets() == list(range(1, 34))  # no cursor tells


@on_or_off
@either_wire
async def test_observer_late(form: Form, rate: int) -> None:
    async with mutated("observer-late", rate) as phone, joined_late(phone, form) as (first, late):
        await late.until(lambda screen: any(each["type"] == "caught-up" for each in screen.messages))
        history = len(late.events)
        await first.until(lambda screen: len(screen.events) >= history + 6)
        if rate:
            assert len(late.events) == history or first.endings()
        await late.until(lambda screen: len(screen.events) > history)
        await late.until_ended()
        assert late.text() == WHOLE


@on_or_off
async def test_id_drift(rate: int) -> None:
    async with mutated("id-drift", rate) as phone, joined_late(phone, "ws") as (first, late):
        await late.until_ended()
        assert (prompts(first) == prompts(late)) is not bool(rate)
        stored = [each["id"] for each in (await phone.get("/transcript"))["messages"] if each["role"] == "user"]
        assert prompts(late) == stored


@on_or_off
async def test_fold_short(rate: int) -> None:
    async with mutated("fold-short", rate) as phone:
        await finished(phone, SCRIPT)
        said = (await phone.get("/transcript"))["messages"][-1]
        assert (said["text"], said["ending"]) == (words(*range(1, 31 - rate)), "completed")
        assert (await caught_up(phone, "ws")).text() == WHOLE


@on_or_off
@pytest.mark.parametrize(("id", "shown"), [("echo-missing", 0), ("echo-twin", 2)])
async def test_how_often_a_prompt_is_shown(id: str, shown: int, rate: int) -> None:
    async with mutated(id, rate) as phone, joined_late(phone, "ws") as (first, late):
        await late.until_ended()
        assert len(set(prompts(first))) == (shown if rate else 1)
        assert len(prompts(late)) == 1


@on_or_off
async def test_join_interrupts(rate: int) -> None:
    async with mutated("join-interrupts", rate) as phone, joined_late(phone, "sse") as (first, late):
        await late.until_ended()
        assert late.text() == WHOLE
        over = isinstance(first, SseDevice) and not await _reads_on(first)
        assert over is bool(rate)


async def _reads_on(device: SseDevice) -> bool:
    while not device.endings():
        if not await device.read():
            return False
    return True


@on_or_off
@pytest.mark.parametrize("id", ["latecomer-cancels", "reload-stops"])
async def test_who_comes_or_goes_ends_the_answer(id: str, rate: int) -> None:
    async with mutated(id, rate) as phone, following(phone, "ws") as first:
        await phone.prompt("k", "[items=40 pace_ms=10]")
        await first.until(lambda screen: len(screen.text().split()) >= 5)
        async with following(phone, "ws") as late:
            await late.until(lambda screen: screen.text() != "")
        await first.until_ended()
        assert first.endings() == ["stopped" if rate else "completed"]


async def test_a_resume_ends_nothing() -> None:
    async with mutated("reload-stops", 1) as phone, following(phone, "ws") as first:
        await phone.prompt("k", SCRIPT)
        await first.until(lambda screen: screen.text() != "")
        async with following(phone, "ws", first.cursor) as resumed:
            await resumed.until_ended()
        assert resumed.endings() == ["completed"]


@on_or_off
async def test_owner_lock(rate: int) -> None:
    async with mutated("owner-lock", rate) as phone:
        async with following(phone, "sse") as first:
            await first.until(lambda screen: screen.messages != [])
            laptop = phone.events()
            second = await laptop.__aenter__()
        await eventually_alone(phone)
        status, told = await phone.post("prompts", key="k", text=SCRIPT)
        assert status == (409 if rate else 202), told
        if not rate:
            await second.until_ended()
        await laptop.__aexit__(None, None, None)


async def eventually_alone(phone: Client) -> None:
    """The server has found out that one of the two devices is gone."""
    async with phone.events(query="?presence=1") as watcher:
        await watcher.until(lambda screen: screen.messages[-1:] != [] and screen.messages[-1].get("devices") == 2)


@on_or_off
@either_wire
async def test_subagent_blackout(form: Form, rate: int) -> None:
    script = "[items=10 pace_ms=5 agents=2]"
    async with mutated("subagent-blackout", rate) as phone, following(phone, form) as first:
        await phone.prompt("k", script)
        await first.until_ended()
        later = await caught_up(phone, form)
        assert len(of_agents(first)) == 20
        assert len(of_agents(later)) == (0 if rate else 20)


@on_or_off
async def test_subagent_merged(rate: int) -> None:
    async with mutated("subagent-merged", rate) as phone:
        await finished(phone, "[items=10 pace_ms=5 agents=2]")
        said = of_agents(await caught_up(phone, "ws"))
        assert (len(said), set(said)) == (20, {"a1"} if rate else {"a1", "a2"})


@on_or_off
async def test_approval_lost(rate: int) -> None:
    async with mutated("approval-lost", rate) as phone, following(phone, "ws") as first:
        await phone.prompt("k", "[items=5 pace_ms=0 approve_at=2]")
        await first.until(lambda screen: "approval-request" in screen.kinds())
        late = await caught_up(phone, "ws")
        assert ("approval-request" in late.kinds()) is not bool(rate)


@on_or_off
async def test_approval_twice(rate: int) -> None:
    async with mutated("approval-twice", rate) as phone, following(phone, "ws") as first:
        await phone.prompt("k", "[items=30 pace_ms=5 approve_at=2]")
        await first.until(lambda screen: "approval-request" in screen.kinds())
        asked = next(event["data"]["id"] for event in first.events if event["kind"] == "approval-request")
        await phone.post("approve", approval=asked, granted=True)
        _, told = await phone.post("approve", approval=asked, granted=False)
        assert told["granted"] is not bool(rate)
        await first.until_ended()
        assert first.kinds().count("approval") == 1 + rate
        assert first.text() == WHOLE


@on_or_off
async def test_presence_stuck(rate: int) -> None:
    def shown(screen: Screen) -> list[int]:
        return [each["devices"] for each in screen.messages if each["type"] == "presence"]

    async with mutated("presence-stuck", rate) as phone, phone.events(query="?presence=1") as watcher:
        async with phone.events(query="?presence=1") as other:
            await other.until(lambda screen: shown(screen) == [2])
        async with phone.events(query="?presence=1") as another:
            await another.until(lambda screen: shown(screen)[-1:] == [2 + rate])
        if rate:
            await watcher.until(lambda screen: shown(screen)[-1:] == [3])
        else:
            await watcher.until(lambda screen: shown(screen)[-1:] == [1])


@on_or_off
@either_wire
async def test_replay_thrice(form: Form, rate: int) -> None:
    async with mutated("replay-thrice", rate) as phone:
        cursors = await finished(phone, SCRIPT)
        late = await caught_up(phone, form)
        assert len(late.text().split()) == 30 * (3 if rate else 1)
        assert sorted(set(late.offsets())) == list(range(1, 34))
        assert len((await caught_up(phone, form, cursors[20])).events) == 13  # a resume gets what it missed
