"""Mutants of Live Control on real sockets: with the defect always on, and with the defect off."""

from __future__ import annotations

import asyncio

import pytest

from ..devices import Client, SseDevice
from .support import following, mutated, words

pytestmark = pytest.mark.sockets

on_or_off = pytest.mark.parametrize("rate", [1, 0], ids=["on", "off"])

LONG = "[items=5000 pace_ms=2]"
THINKING = "[items=20 pace_ms=2 first_ms=200]"
SHORT = "[items=5 pace_ms=0]"


async def speaking(phone: Client, witness: SseDevice, key: str = "k", script: str = LONG) -> str:
    """A run that has said something; its id."""
    run: str = (await phone.prompt(key, script))["run"]
    await witness.until(lambda screen: screen.text(run) != "")
    return run


@on_or_off
async def test_stop_before_words(rate: int) -> None:
    async with mutated("stop-before-words", rate) as phone, phone.events() as witness:
        run = (await phone.prompt("k", THINKING))["run"]
        assert (await phone.post("stop", run=run))[1] == {"ok": True, "run": run, "ended": False}
        await witness.until_ended()
        await phone.post("stop", run=await speaking(phone, witness, "k2"))
        await witness.until_ended(2)
        assert witness.endings() == ["completed" if rate else "stopped", "stopped"]


@on_or_off
async def test_stop_in_queue(rate: int) -> None:
    async with mutated("stop-in-queue", rate) as phone, phone.events() as witness:
        first = await speaking(phone, witness)
        second = (await phone.prompt("k2", SHORT))["run"]
        assert (await phone.post("stop", run=second))[0] == 202
        await phone.post("stop", run=first)
        await witness.until_ended(2)
        assert sorted(witness.endings()) == sorted(["stopped", "completed" if rate else "stopped"])


@on_or_off
async def test_stop_by_key(rate: int) -> None:
    async with mutated("stop-by-key", rate) as phone, phone.events() as witness:
        run = await speaking(phone, witness)
        assert (await phone.post("stop", key="k"))[0] == 202
        summary = await phone.post("stop", run=run)
        assert summary[0] == 202
        await witness.until_ended()
        assert witness.kinds().count("stop") == 1
        assert (await phone.post("stop", key="k"))[1]["ended"] is True


@on_or_off
async def test_stop_by_key_is_all_that_is_lost(rate: int) -> None:
    async with mutated("stop-by-key", rate) as phone, phone.events() as witness:
        await phone.prompt("k", THINKING)
        await phone.post("stop", key="k")
        await witness.until_ended()
        assert witness.endings() == ["completed" if rate else "stopped"]


@on_or_off
async def test_stop_own_only(rate: int) -> None:
    async with mutated("stop-own-only", rate) as phone, phone.socket() as asker, phone.socket() as other:
        run = (await asker.ask("prompt", key="k", text=LONG))["run"]
        assert (await other.ask("stop", run=run))["ok"] is not bool(rate)
        assert (await asker.ask("stop", run=run))["ok"] is True


@on_or_off
async def test_stop_after_reload(rate: int) -> None:
    async with mutated("stop-after-reload", rate) as phone, phone.events() as witness, phone.socket() as there:
        await there.ask("subscribe")
        run = (await there.ask("prompt", key="k", text="[items=60 pace_ms=5]"))["run"]
        async with phone.socket() as late:
            assert (await late.ask("stop", run=run))["ok"] is True
        await witness.until_ended()
        assert witness.endings() == ["completed" if rate else "stopped"]
        run = (await there.ask("prompt", key="k2", text=LONG))["run"]
        await there.ask("stop", run=run)
        await witness.until_ended(2)
        assert witness.endings()[-1] == "stopped"


@on_or_off
async def test_stop_stale(rate: int) -> None:
    async with mutated("stop-stale", rate) as phone, phone.events() as witness:
        first = await speaking(phone, witness)
        await phone.post("stop", run=first)
        await speaking(phone, witness, "k2", "[items=60 pace_ms=5]")
        assert (await phone.post("stop", run=first))[1]["ended"] is True
        await witness.until_ended(2)
        assert witness.endings() == ["stopped", "stopped" if rate else "completed"]


@on_or_off
async def test_stop_everything(rate: int) -> None:
    async with mutated("stop-everything", rate) as phone, phone.events() as witness:
        await speaking(phone, witness, script="[items=60 pace_ms=5]")
        second = (await phone.prompt("k2", SHORT))["run"]
        await phone.post("stop", run=second)
        await witness.until_ended(2)
        assert witness.endings() == ["stopped", "stopped" if rate else "completed"]


@on_or_off
async def test_stop_second_error(rate: int) -> None:
    async with mutated("stop-second-error", rate) as phone, phone.events() as witness:
        run = await speaking(phone, witness)
        assert (await phone.post("stop", run=run))[0] == 202
        assert (await phone.post("stop", run=run))[0] == (409 if rate else 202)
        await witness.until_ended()


@on_or_off
async def test_stop_undone(rate: int) -> None:
    async with mutated("stop-undone", rate) as phone, phone.events() as witness:
        run = await speaking(phone, witness)
        await phone.post("stop", run=run)
        await witness.until_ended()
        before = len(witness.events)
        async with following(phone, "sse", witness.cursor):
            await phone.prompt("k2", "[items=10 pace_ms=10]")
            await witness.until_ended(2)
        assert any(event["kind"] == "text" and event["run"] == run for event in witness.events[before:]) is bool(rate)


@on_or_off
async def test_stop_wedges(rate: int) -> None:
    async with mutated("stop-wedges", rate) as phone, phone.events() as witness:
        await phone.post("stop", run=await speaking(phone, witness))
        await witness.until_ended()
        await phone.prompt("k2", SHORT)
        await witness.until(lambda screen: screen.kinds().count("user") == 2)
        if rate:
            await asyncio.sleep(0.05)
            assert (await phone.post("stop", key="k2"))[0] == 202
        await witness.until_ended(2)
        assert witness.endings() == ["stopped", "stopped" if rate else "completed"]


@pytest.mark.parametrize("id", ["stop-told-late", "stop-tail"])
@on_or_off
async def test_a_stop_takes_its_time(id: str, rate: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"reference_impl.mutants.{id.replace('-', '_')}.LATE_S", 0.2)
    async with mutated(id, rate) as phone, phone.events() as witness:
        run = await speaking(phone, witness)
        began = asyncio.get_running_loop().time()
        assert (await phone.post("stop", run=run))[0] == 202
        said = witness.text()
        await witness.until_ended()
        assert (asyncio.get_running_loop().time() - began >= 0.2) is bool(rate)
        assert witness.endings() == ["stopped"]
        if rate:
            assert (len(witness.text()) > len(said) + 200) is (id == "stop-tail")


@on_or_off
async def test_stop_reads_done(rate: int) -> None:
    async with mutated("stop-reads-done", rate) as phone, phone.events() as witness:
        await phone.post("stop", run=await speaking(phone, witness))
        await witness.until_ended()
        assert witness.endings() == ["completed" if rate else "stopped"]


@on_or_off
async def test_stop_silent(rate: int) -> None:
    async with mutated("stop-silent", rate) as phone, phone.events() as witness:
        await phone.post("stop", run=await speaking(phone, witness))
        await phone.prompt("k2", SHORT)
        await witness.until(lambda screen: "completed" in screen.endings())
        assert witness.endings() == (["completed"] if rate else ["stopped", "completed"])
        assert [each["ending"] for each in await answers(phone)] == ["stopped", "completed"]


@on_or_off
async def test_stop_discards(rate: int) -> None:
    async with mutated("stop-discards", rate) as phone, phone.events() as witness:
        await phone.post("stop", run=await speaking(phone, witness))
        await witness.until_ended()
        assert [each["text"] for each in await answers(phone)] == ["" if rate else witness.text()]


@on_or_off
async def test_stop_out_of_sight(rate: int) -> None:
    async with mutated("stop-out-of-sight", rate) as phone, phone.events() as witness:
        await phone.post("stop", run=await speaking(phone, witness))
        await witness.until_ended()
        await asyncio.sleep(0.05)
        (answer,) = await answers(phone)
        assert (len(answer["text"]) > len(witness.text())) is bool(rate)
        assert answer["ending"] == "stopped"


@on_or_off
async def test_parallel_anyway(rate: int) -> None:
    async with mutated("parallel-anyway", rate) as phone, phone.events() as witness:
        await speaking(phone, witness, script="[items=60 pace_ms=3]")
        await phone.prompt("k2", SHORT)
        await witness.until_ended(2)
        ends = [e["run"] for e in witness.events if e["kind"] == "run-end"]
        starts = [e["run"] for e in witness.events if e["kind"] == "run-start"]
        assert (ends != starts) is bool(rate)


@on_or_off
async def test_prompt_dropped(rate: int) -> None:
    async with mutated("prompt-dropped", rate) as phone, phone.events() as witness:
        await speaking(phone, witness, script="[items=60 pace_ms=3]")
        second = (await phone.prompt("k2", SHORT))["run"]
        await witness.until_ended()
        if rate:
            await asyncio.sleep(0.05)
            await phone.post("stop", run=second)
        await witness.until_ended(2)
        assert witness.endings() == ["completed", "stopped" if rate else "completed"]


@on_or_off
async def test_runs_bleed(rate: int) -> None:
    async with mutated("runs-bleed", rate) as phone, phone.events() as witness:
        first = await speaking(phone, witness, script="[items=30 pace_ms=3]")
        second = (await phone.prompt("k2", SHORT))["run"]
        await witness.until_ended(2)
        assert witness.text(first) == words(*range(1, 31), *([1, 2, 3] * rate))
        assert witness.text(second) == words(*range(1 + 3 * rate, 6))


@pytest.mark.parametrize("id", ["interrupt-afterglow", "interrupt-untold"])
@on_or_off
async def test_interrupts(id: str, rate: int) -> None:
    async with mutated(id, rate) as phone, phone.events() as witness:
        first = await speaking(phone, witness)
        assert (await phone.post("prompts", key="k2", text="[items=20 pace_ms=5]", policy="interrupt"))[0] == 202
        await witness.until(lambda screen: "completed" in screen.endings())
        over = next((e["offset"] for e in witness.events if e["kind"] == "run-end" and e["run"] == first), None)
        assert (over is None) is bool(rate and id == "interrupt-untold")

        def late() -> int:
            return sum(
                e["kind"] == "text" and e["run"] == first and e["offset"] > (over or 1e9) for e in witness.events
            )

        if rate and id == "interrupt-afterglow":
            await witness.until(lambda _: late() == 10)
        else:
            assert late() == 0


@pytest.mark.parametrize("id", ["steer-swallowed", "steer-forks"])
@on_or_off
async def test_steers(id: str, rate: int) -> None:
    async with mutated(id, rate) as phone, phone.events() as witness:
        run = await speaking(phone, witness, script="[items=60 pace_ms=3]")
        assert (await phone.post("steer", run=run, key="s", text='[items=5 format="new-{:04d}"]'))[0] == 202
        await witness.until_ended(2 if rate and id == "steer-forks" else 1)
        assert ("steer-outcome" in witness.kinds()) is not bool(rate and id == "steer-swallowed")
        assert witness.kinds().count("user") == (2 if rate and id == "steer-forks" else 1)


@on_or_off
async def test_steer_private(rate: int) -> None:
    async with mutated("steer-private", rate) as phone, phone.events() as witness, phone.socket() as sender:
        await sender.ask("subscribe")
        run = (await sender.ask("prompt", key="k", text="[items=60 pace_ms=3]"))["run"]
        await sender.ask("steer", run=run, key="s", text='[format="new-{:04d}"]')
        await witness.until_ended()
        await sender.until(lambda screen: screen.endings() != [])
        assert {"steer", "steer-outcome"} <= set(sender.kinds())
        assert ("steer" in witness.kinds()) is not bool(rate)
        assert ("steer-outcome" in witness.kinds()) is not bool(rate)


@on_or_off
async def test_finish_twice(rate: int) -> None:
    async with mutated("finish-twice", rate) as phone, phone.events() as witness:
        run = (await phone.prompt("k", SHORT))["run"]
        await witness.until_ended()
        assert (await phone.post("stop", run=run))[1]["ended"] is not bool(rate)
        await phone.prompt("k2", SHORT)
        await witness.until_ended(2 + rate)
        assert witness.endings() == ["completed", *(["stopped"] * rate), "completed"]


@on_or_off
async def test_finish_apart(rate: int) -> None:
    async with mutated("finish-apart", rate) as phone, phone.events() as witness, phone.socket() as presser:
        await presser.ask("subscribe")
        run = (await presser.ask("prompt", key="k", text="[items=3 pace_ms=100]"))["run"]
        await presser.ask("stop", run=run)
        await witness.until_ended()
        await presser.until(lambda screen: screen.endings() != [])
        assert (presser.endings(), witness.endings()) == (["stopped"], ["completed" if rate else "stopped"])


async def answers(phone: Client) -> list[dict[str, str]]:
    """What the transcript holds of the agent."""
    return [each for each in (await phone.get("/transcript"))["messages"] if each["role"] == "assistant"]
