"""Every mutant on real sockets: with its defect always on, with its defect off, and what it must leave alone."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from reference_impl.mutants import MUTANTS, Mutant
from reference_impl.server import build_app, listening
from reference_impl.session.frames import Form
from reference_impl.transports.commands import HUB

from ..devices import Message, client, eventually
from ..transports.test_stream import stalling_stream
from .support import caught_up, finished, following, mutant, mutated, serving, words

pytestmark = pytest.mark.sockets

on_or_off = pytest.mark.parametrize("rate", [1, 0], ids=["on", "off"])
either_wire = pytest.mark.parametrize("form", ["sse", "ws"])

SCRIPT = "[items=40 pace_ms=0]"  # word n is event n + 2
LAST = 43
ALL = list(range(1, LAST + 1))


@on_or_off
@either_wire
async def test_resume_skip(form: Form, rate: int) -> None:
    async with mutated("resume-skip", rate) as phone:
        cursors = await finished(phone, SCRIPT)
        for offset in (1, 12, LAST - 1):
            resumed = await caught_up(phone, form, cursors[offset])
            assert resumed.messages[0]["recovered"] is True
            assert resumed.offsets() == list(range(offset + 1 + rate, LAST + 1))
        assert (await caught_up(phone, form, cursors[LAST])).offsets() == []  # it missed nothing, so nothing is skipped
        assert (await caught_up(phone, form)).offsets() == ALL
        assert (await caught_up(phone, form, "elsewhere:7")).messages[0]["gap"] == {"reason": "foreign-epoch"}


@on_or_off
@either_wire
async def test_seam_repeat(form: Form, rate: int) -> None:
    async with mutated("seam-repeat", rate) as phone:
        cursors = await finished(phone, SCRIPT)
        for word in (1, 20, 39):
            resumed = await caught_up(phone, form, cursors[word + 2])
            assert resumed.offsets() == list(range(word + 3, LAST + 1))
            assert resumed.text() == words(*range(word + 1 - rate, 41))
        assert (await caught_up(phone, form, cursors[2])).text() == words(*range(1, 41))  # it had no word to say again
        assert (await caught_up(phone, form, cursors[42])).text() == ""  # no word is left to glue it to
        assert (await caught_up(phone, form)).text() == words(*range(1, 41))


@on_or_off
async def test_seam_repeat_waits_for_the_next_word_of_the_same_answer(rate: int) -> None:
    async with mutated("seam-repeat", rate) as phone:
        await phone.prompt("k", "[items=2 pace_ms=0 silent_at=1 silent_ms=200]")
        async with following(phone, "ws") as device:
            await device.until(lambda screen: screen.text() == words(1))
        async with following(phone, "ws", device.cursor) as resumed:
            await resumed.until_ended()
            await phone.prompt("k2", "[items=2 pace_ms=0]")
            await resumed.until_ended(2)
        assert resumed.text() == words(*([1] * rate), 2, 1, 2)


@on_or_off
async def test_stop_lost(rate: int) -> None:
    ending = "completed" if rate else "stopped"
    async with mutated("stop-lost", rate) as phone, phone.events() as witness:
        run = (await phone.prompt("k", "[items=60 pace_ms=4]"))["run"]
        await witness.until(lambda screen: screen.text() != "")
        assert await phone.post("stop", run=run) == (202, {"ok": True, "run": run, "ended": False})
        await witness.until_ended()
        assert await phone.post("stop", key="early") == (202, {"ok": True, "ended": False})
        await phone.prompt("early", "[items=3 pace_ms=0]")
        await witness.until_ended(2)
        assert witness.endings() == [ending] * 2
        assert ("stop" in witness.kinds()) is not bool(rate)
        assert await phone.post("stop", run=run) == (202, {"ok": True, "run": run, "ended": True})
        assert (await phone.post("stop", run="r_nobody"))[1]["code"] == "unknown-run"


@on_or_off
@either_wire
async def test_burst_reorder(form: Form, rate: int) -> None:
    beyond = mutant("burst-reorder").settings.beyond
    async with mutated("burst-reorder", rate) as phone:
        cursors = await finished(phone, SCRIPT)
        burst = await caught_up(phone, form)
        back = [(one, other) for one, other in pairwise(burst.events) if other["offset"] < one["offset"]]
        assert len(back) == rate
        assert all(one["kind"] == other["kind"] == "text" for one, other in back)
        assert sorted(burst.offsets()) == ALL
        few = await caught_up(phone, form, cursors[LAST - 1 - beyond])
        assert few.offsets() == ALL[-1 - beyond :]


@on_or_off
@either_wire
async def test_end_missing(form: Form, rate: int) -> None:
    async with mutated("end-missing", rate) as phone, following(phone, form) as witness:
        await phone.prompt("k", "[items=30 pace_ms=4]")
        async with following(phone, form) as device:
            await device.until(lambda screen: screen.text() != "")
        async with following(phone, form, device.cursor) as resumed:
            await witness.until_ended()
            await phone.prompt("k2", '[items=1 pace_ms=0 format="next{}"]')
            await resumed.until(lambda screen: screen.text().endswith("next1 "))
        assert device.text() + resumed.text() == words(*range(1, 31)) + "next1 "
        assert resumed.endings() == ([] if rate else ["completed"])
        await witness.until_ended(2)
        assert witness.endings() == ["completed"] * 2
        assert (await caught_up(phone, form)).endings() == ["completed"] * 2


@on_or_off
@either_wire
async def test_cross_talk(form: Form, rate: int) -> None:
    async with serving("cross-talk", rate) as url, client(url, "mine") as me, client(url, "yours") as you:
        alone = await finished(me, "[items=5 pace_ms=0]")  # nobody else is there to hear it
        async with following(you, form) as victim, following(me, form, alone[-1]) as talker:
            run = (await me.prompt("k2", "[items=10 pace_ms=0]"))["run"]
            await talker.until_ended()
            own = (await you.prompt("k", "[items=10 pace_ms=0]"))["run"]
            await victim.until_ended(1 + rate)
            assert victim.text(own) == words(*range(1, 11))
            assert victim.text(run) == words(*range(1, 11)) * rate
            assert talker.text(run) == words(*range(1, 11))
        assert {event["run"] for event in (await caught_up(you, form)).events} == {own}


@on_or_off
async def test_slow_shared(rate: int) -> None:
    """A device that stands still holds up one that reads, for as long as it is there; other sessions go on."""
    script = f'[items=60 pace_ms=0 format="{{:04d}}{"x" * 700}"]'
    app = build_app(parts=mutant("slow-shared").parts(rate))
    async with listening(app, "127.0.0.1", 0) as url, client(url) as phone, client(url, "other") as other:
        async with phone.events() as reader, other.events() as elsewhere:
            async with stalling_stream(phone):
                session = await app[HUB].session("s")
                await eventually(lambda: len(session.listeners) == 2)
                await phone.prompt("k", script)  # more than anybody holds for the one that stands still
                await eventually(lambda: session.log.head == 63)
                await phone.prompt("k2", script)
                await eventually(lambda: session.log.head == 126)
                reading = asyncio.create_task(reader.until_ended(2))
                await other.prompt("k", script)
                await elsewhere.until_ended()
                done, _ = await asyncio.wait((reading,), timeout=0.1 if rate else 10)
                assert bool(done) is not bool(rate)
            await reading
        assert reader.offsets() == list(range(1, 127))


@on_or_off
@either_wire
async def test_gap_silent(form: Form, rate: int) -> None:
    beyond = mutant("gap-silent").settings.beyond
    async with mutated("gap-silent", rate) as phone:
        cursors = await finished(phone, SCRIPT)
        late = await caught_up(phone, form, cursors[LAST - 1 - beyond])
        assert late.messages[0]["recovered"] is True
        assert late.offsets() == ([] if rate else ALL[-1 - beyond :])
        assert (await caught_up(phone, form, cursors[LAST - beyond])).offsets() == ALL[-beyond:]
        assert (await caught_up(phone, form)).offsets() == ALL
        assert (await caught_up(phone, form, "elsewhere:7")).messages[0]["recovered"] is False


@either_wire
@pytest.mark.parametrize("each", MUTANTS, ids=lambda each: each.id)
async def test_switched_off_it_is_the_reference(each: Mutant, form: Form) -> None:
    """Bursts, cut after cut, a stop, and a second answer."""
    async with mutated(each.id, 0) as phone, phone.events() as witness:
        seen: list[Message] = []
        await phone.prompt("k", "[items=90 pace_ms=4 burst=15]")
        run = (await phone.prompt("k2", "[items=5000 pace_ms=1]"))["run"]
        while sum(event["kind"] == "run-end" for event in seen) < 2:
            cursor = f"{seen[-1]['epoch']}:{seen[-1]['offset']}" if seen else None
            async with following(phone, form, cursor) as device:
                await device.until(lambda screen: len(screen.events) >= 30 or screen.endings() != [])
                seen += device.events
            if len(seen) > 150:
                await phone.post("stop", run=run)
        await witness.until_ended(2)
        assert seen == witness.events
        assert witness.endings() == ["completed", "stopped"]
