"""Mutants of delivery on real sockets: each defect is there. Switched off they are the reference: test_defects.py."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import pairwise

import pytest

from reference_impl.session.frames import Form

from ..devices import Client, Screen, SseDevice, WsDevice
from .support import caught_up, finished, following, mutated, words

pytestmark = pytest.mark.sockets

either_wire = pytest.mark.parametrize("form", ["sse", "ws"])

SCRIPT = "[items=40 pace_ms=0]"  # word n is event n + 2
LAST = 43
WIDE = '[items=10 pace_ms=0 format="é{}🙂"]'


@asynccontextmanager
async def resumed(phone: Client, form: Form, device: Screen) -> AsyncIterator[SseDevice | WsDevice]:
    """A device that comes back from where another one is."""
    async with following(phone, form, device.cursor) as back:
        yield back


async def came(true: Callable[[], Awaitable[bool]]) -> None:
    """Ask again and again until it is so."""
    for _ in range(500):
        if await true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not become true")


@either_wire
async def test_last_word_evicted(form: Form) -> None:
    async with mutated("last-word-evicted", 1) as phone:
        cursors = await finished(phone, SCRIPT)
        assert (await caught_up(phone, form, cursors[12])).text() == words(*range(11, 40))
        assert (await caught_up(phone, form)).text() == words(*range(1, 41))


@either_wire
async def test_ring_small(form: Form) -> None:
    async with mutated("ring-small", 1) as phone:
        await finished(phone, SCRIPT)
        joined = await caught_up(phone, form)
        epoch = joined.events[0]["epoch"]
        for early in (joined, await caught_up(phone, form, f"{epoch}:{LAST - 21}")):
            assert early.messages[0]["gap"] == {"reason": "expired"}
            assert early.offsets() == list(range(LAST - 19, LAST + 1))
        assert (await caught_up(phone, form, f"{epoch}:{LAST - 20}")).messages[0]["recovered"] is True


@either_wire
async def test_replay_glued(form: Form) -> None:
    async with mutated("replay-glued", 1) as phone:
        cursors = await finished(phone, SCRIPT)
        back = await caught_up(phone, form, cursors[12])
        assert back.text() == words(*range(1, 41))
        assert back.offsets() == list(range(13, LAST + 1))


@either_wire
async def test_run_again(form: Form) -> None:
    async with mutated("run-again", 1) as phone, phone.events() as witness:
        await phone.prompt("k", "[items=20 pace_ms=10]")
        await witness.until(lambda screen: len(screen.text().split()) >= 5)
        async with resumed(phone, form, witness) as back:
            await back.until_ended()
        await witness.until_ended()
        said = witness.text().split()
        assert said[-20:] == words(*range(1, 21)).split()
        assert said[:5] == words(*range(1, 6)).split()
        assert witness.endings() == ["completed"]


@either_wire
async def test_seam_reorder(form: Form) -> None:
    async with mutated("seam-reorder", 1) as phone, phone.events() as witness:
        await phone.prompt("k", "[items=20 pace_ms=10]")
        async with following(phone, form) as device:
            await device.until(lambda screen: len(screen.text().split()) >= 3)
        await witness.until(lambda screen: len(screen.text().split()) >= 8)
        async with resumed(phone, form, device) as back:
            await back.until_ended()
        assert len([1 for one, other in pairwise(back.offsets()) if other < one]) == 1
        assert sorted(back.offsets()) == list(range(min(back.offsets()), 24))


@either_wire
async def test_split_character(form: Form) -> None:
    async with mutated("split-character", 1) as phone:
        cursors = await finished(phone, WIDE)
        assert (await caught_up(phone, form, cursors[5])).text().startswith("\ufffd\ufffd4🙂 é5🙂 ")
        assert "\ufffd" not in (await caught_up(phone, form)).text()


@either_wire
async def test_half_surrogate(form: Form) -> None:
    async with mutated("half-surrogate", 1) as phone:
        cursors = await finished(phone, WIDE)
        assert (await caught_up(phone, form, cursors[5])).text().startswith("é4\ude42 é5🙂 ")
        assert "\ude42" not in (await caught_up(phone, form)).text()


@either_wire
async def test_end_never(form: Form) -> None:
    async with mutated("end-never", 1) as phone, following(phone, form) as device:
        await phone.prompt("k", "[items=3 pace_ms=0]")
        await phone.prompt("k2", "[items=3 pace_ms=0]")
        await device.until(lambda screen: len(screen.text().split()) == 6)
        assert device.endings() == []

        async def stored() -> bool:
            messages = (await phone.get("/transcript"))["messages"]
            return [each["ending"] for each in messages if each["role"] == "assistant"] == ["completed"] * 2

        await came(stored)


@either_wire
async def test_end_twice(form: Form) -> None:
    async with mutated("end-twice", 1) as phone:
        await phone.prompt("k", SCRIPT)
        async with following(phone, form) as device:
            await device.until_ended(2)
        assert device.endings() == ["completed"] * 2
        assert device.offsets()[-3:] == [LAST - 1, LAST - 1, LAST]


@either_wire
async def test_end_early(form: Form) -> None:
    async with mutated("end-early", 1) as phone, following(phone, form) as device:
        run = (await phone.prompt("k", SCRIPT))["run"]
        await device.until(lambda screen: screen.text() == words(*range(1, 41)))
        assert device.kinds()[-4:] == ["run-end", "text", "text", "text"]
        await phone.post("stop", run=run)


async def test_drop_cancels() -> None:
    async with mutated("drop-cancels", 1) as phone, AsyncExitStack() as stack:
        async with following(phone, "ws") as owner:
            await owner.until(lambda screen: screen.messages != [])
            witness = await stack.enter_async_context(phone.events())
            await phone.prompt("k", "[items=5000 pace_ms=1]")
            await owner.until(lambda screen: screen.text() != "")
        await witness.until_ended()
        assert witness.endings() == ["stopped"]


@either_wire
async def test_resume_late(form: Form) -> None:
    async with mutated("resume-late", 1) as phone:
        cursors = await finished(phone, "[items=3 pace_ms=0]")
        loop = asyncio.get_running_loop()
        begun = loop.time()
        assert (await caught_up(phone, form)).offsets() == list(range(1, 7))
        joined = loop.time()
        assert (await caught_up(phone, form, cursors[4])).offsets() == [5, 6]
        assert joined - begun < 2.5 < loop.time() - joined


@either_wire
async def test_id_by_millisecond(form: Form) -> None:
    async with mutated("id-by-millisecond", 1) as phone:
        await phone.prompt("k", SCRIPT)
        async with following(phone, form) as device:
            await device.until_ended()
        assert device.text() == words(*range(1, 41))
        assert len(set(device.offsets())) < len(device.offsets())
        assert device.offsets() == sorted(device.offsets())


@either_wire
async def test_id_unordered(form: Form) -> None:
    async with mutated("id-unordered", 1) as phone:
        await finished(phone, SCRIPT)
        burst = await caught_up(phone, form)
        assert burst.text() == words(*range(1, 41))
        assert sorted(burst.offsets()) == list(range(1, LAST + 1))
        assert len([1 for one, other in pairwise(burst.offsets()) if other < one]) == 1


@either_wire
async def test_sent_is_received(form: Form) -> None:
    async with mutated("sent-is-received", 1) as phone:
        cursors = await finished(phone, SCRIPT)
        async with following(phone, form, cursors[30]) as device:
            await device.until_ended()

        async def lost() -> bool:
            return not (await caught_up(phone, form, cursors[20])).offsets()

        await came(lost)  # as soon as the server knows that the other connection is over
        assert (await caught_up(phone, form)).text() == words(*range(1, 41))


@either_wire
async def test_early_nothing(form: Form) -> None:
    async with mutated("early-nothing", 1) as phone, phone.events() as witness:
        await phone.prompt("k", "[items=3 pace_ms=1 first_ms=300]")
        await witness.until(lambda screen: "run-start" in screen.kinds())
        early = await caught_up(phone, form, witness.cursor)
        async with resumed(phone, form, witness) as back:
            await witness.until_ended()
            assert back.text() == early.text() == ""
        async with resumed(phone, form, early) as again:  # by then there is an answer to follow
            await again.until_ended()
        assert again.text() == witness.text()


@either_wire
async def test_away_blackout(form: Form) -> None:
    async with mutated("away-blackout", 1) as phone:
        cursors = await finished(phone, SCRIPT)
        assert len((await phone.get("/transcript"))["messages"]) == 2
        assert (await caught_up(phone, form, cursors[12])).offsets() == []
        assert [each["role"] for each in (await phone.get("/transcript"))["messages"]] == ["user"]
        assert (await caught_up(phone, form)).offsets() == list(range(1, LAST + 1))


async def test_key_ignored() -> None:
    async with mutated("key-ignored", 1) as phone:
        first, second = [await phone.prompt("k", "[items=1 pace_ms=0]") for _ in range(2)]
        assert first["run"] != second["run"]
        assert second["duplicate"] is False


async def test_bubble_twice() -> None:
    async with mutated("bubble-twice", 1) as phone:
        first, second = [await phone.prompt("k", "[items=1 pace_ms=0]") for _ in range(2)]
        assert (first["run"], second["duplicate"]) == (second["run"], True)
        users = [each for each in (await phone.get("/transcript"))["messages"] if each["role"] == "user"]
        assert [each["text"] for each in users] == ["[items=1 pace_ms=0]"] * 2


@either_wire
async def test_batched(form: Form) -> None:
    async with mutated("batched", 1) as phone, following(phone, form) as device:
        loop = asyncio.get_running_loop()
        await device.until(lambda screen: screen.messages != [])
        begun = loop.time()
        await phone.prompt("k", "[items=20 pace_ms=5]")
        await device.until_ended()
        assert loop.time() - begun > 0.6
        assert device.text() == words(*range(1, 21))


@either_wire
async def test_held_until_end(form: Form) -> None:
    async with mutated("held-until-end", 1) as phone, following(phone, form) as device:
        await phone.prompt("k", "[items=200 pace_ms=2]")
        first = asyncio.create_task(device.until(lambda screen: screen.text() != ""))

        async def half_said() -> bool:
            return json.dumps(await phone.get("/transcript")).count("tok-") > 100

        await came(half_said)
        assert not first.done()
        await first
        await device.until_ended()
        assert device.text() == words(*range(1, 201))


async def test_viewer_records() -> None:
    async with mutated("viewer-records", 1) as phone, AsyncExitStack() as stack:
        async with following(phone, "ws") as owner:
            await owner.until(lambda screen: screen.messages != [])
            witness = await stack.enter_async_context(phone.events())
            await phone.prompt("k", "[items=60 pace_ms=5]")
            await owner.until(lambda screen: screen.text() != "")
        await witness.until_ended()
        assert witness.text() == words(*range(1, 61))
        assert 0 < len((await caught_up(phone, "ws")).text().split()) < 60


@either_wire
async def test_replay_thin(form: Form) -> None:
    async with mutated("replay-thin", 0.5) as phone:
        cursors = await finished(phone, SCRIPT)
        back = await caught_up(phone, form, cursors[2])
        assert 5 < len(back.text().split()) < 35
        assert back.endings() == ["completed"]
        assert (await caught_up(phone, form)).text() == words(*range(1, 41))


@either_wire
async def test_clock_cursor(form: Form) -> None:
    async with mutated("clock-cursor", 1) as phone:
        cursors = await finished(phone, "[items=20 pace_ms=15]")
        back = await caught_up(phone, form, cursors[5])
        assert back.endings() == ["completed"]
        assert 6 < back.offsets()[0] < 12
        assert (await caught_up(phone, form)).text() == words(*range(1, 21))
