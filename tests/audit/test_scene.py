"""What a script can wait for, against a real server."""

from __future__ import annotations

import pytest

from audit.event import Phase
from audit.stage import Stage

from .playing import played, reference

pytestmark = pytest.mark.sockets


async def test_a_question_is_waited_for_and_answered_from_another_device() -> None:
    async def script(stage: Stage) -> None:
        laptop, phone = await stage.devices("laptop", "phone")
        run = stage.counting(6, pace_ms=2, special="approves", extra="approve_at=3")
        await stage.prompt(laptop, run)
        asked = await stage.asked(laptop, run)
        assert asked is not None and list(laptop.asked) == [asked]
        answer = await stage.approve(phone, asked)
        assert answer is not None and answer.value["granted"] is True
        await stage.settle()
        assert not laptop.asked

    async with reference() as made:
        history = await played(made, script)
    assert not [e for e in history.events if e.what == "aborted"]
    assert {e.who for e in history.events if e.what == "approval"} == {"laptop", "phone"}


async def test_no_question_comes() -> None:
    async def script(stage: Stage) -> None:
        (laptop,) = await stage.devices("laptop")
        run = stage.counting(3, pace_ms=2)
        await stage.prompt(laptop, run)
        assert await stage.asked(laptop, run) is None
        await stage.settle()

    async with reference() as made:
        assert not [e for e in (await played(made, script)).events if e.what == "aborted"]


async def test_a_crowd_comes_at_instants_of_its_own_and_everybody_is_told_how_many_there_are() -> None:
    names = ("phone-1", "phone-2", "tab-1")

    async def script(stage: Stage) -> None:
        (laptop,) = await stage.devices("laptop")
        run = stage.counting(30, pace_ms=20)
        await stage.prompt(laptop, run)
        crowd = [await stage.device(name) for name in names]
        await stage.scattered(laptop, run, crowd, 0.1, 0.8)
        await stage.settle()
        await stage.counted_present()
        assert {device.present for device in (laptop, *crowd)} == {4}

    async with reference() as made:
        history = await played(made, script)
    assert not [e for e in history.events if e.what == "aborted"]
    assert history.devices == {"laptop": "laptop", "phone-1": "phone", "phone-2": "phone", "tab-1": "tab"}
    joins = {invoke.who: invoke.index for invoke, _ in history.invocations("join")}
    words = [e.index for e in history.of("laptop") if e.what == "text" and e.phase is Phase.SEEN]
    assert all(words[0] < joins[name] < words[-1] for name in names)
    told = [e for e in history.events if e.what == "caught-up"]
    assert all(e.value["bytes"] > 0 for e in told)


@pytest.mark.parametrize("more", ["", '[options]\njoin = "fold"', '[options]\ntransport = "sse"\njoin = "fold"'])
async def test_sub_agents_are_no_words_of_the_run(more: str) -> None:
    async def script(stage: Stage) -> None:
        (laptop,) = await stage.devices("laptop")
        run = stage.counting(10, pace_ms=3, special="delegates", extra="agents=2")
        await stage.prompt(laptop, run)
        await stage.words(laptop, run, 5)
        phone = await stage.device("phone")
        await phone.join()
        await stage.settle()
        assert laptop.seen(run) == phone.seen(run) == 10

    async with reference(more) as made:
        history = await played(made, script)
    assert not [e.value for e in history.events if e.what == "aborted"]
    (read,) = [e for e in history.events if e.what == "read" and e.phase is Phase.OK]
    assert [m.get("agent") for m in read.value["messages"]] == [None, None, "a1", "a2"]
