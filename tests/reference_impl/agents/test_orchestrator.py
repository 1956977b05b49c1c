from __future__ import annotations

import pytest

from reference_impl.agents.orchestrator import Orchestrator
from reference_impl.agents.script import BadScript

from ..devices import client, server
from .alone import Alone


async def test_the_team_says_the_words_between_them_and_the_orchestrator_sums_up() -> None:
    turn = Alone("[items=7 pace_ms=1 agents=3]")
    assert [text async for text in Orchestrator().answer(turn)] == ["7 words by 3 agents."]
    said = [(f"a{(number - 1) % 3 + 1}", f"tok-{number:04d} ") for number in range(1, 8)]
    assert sorted(turn.others, key=lambda each: each[1]) == said  # who speaks first is theirs to settle, …
    assert sorted(turn.others, key=lambda each: each[0]) == sorted(said)  # … and each says its own in order


async def test_after_a_takeover_each_goes_on_behind_its_own_last_word() -> None:
    turn = Alone("[items=6 pace_ms=0 agents=2]", voices={"a1": "tok-0001 tok-0003 ", "a2": "tok-0002 "})
    assert [text async for text in Orchestrator().answer(turn)] == ["6 words by 2 agents."]
    assert sorted(turn.others) == [("a1", "tok-0005 "), ("a2", "tok-0004 "), ("a2", "tok-0006 ")]


def test_a_script_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(BadScript):
        Orchestrator().check("[items=none]")


@pytest.mark.sockets
async def test_a_busy_orchestrator_holds_nobody_up() -> None:
    """What relay_orchestrator gets wrong: here all words are there before it has thought."""
    async with server(agent=Orchestrator()) as url, client(url) as http, http.events() as device:
        await http.prompt("k", "[items=20 pace_ms=5 silent_ms=600]")
        await device.until_ended()
        said = [event for event in device.events if event["kind"] == "text"]
        began = next(event["at"] for event in device.events if event["kind"] == "run-start")
        ended = next(event["at"] for event in device.events if event["kind"] == "run-end")
        assert sorted(event["data"].get("agent") for event in said[:-1]) == ["a1"] * 10 + ["a2"] * 10
        assert "agent" not in said[-1]["data"]
        assert ended - began >= 600
        folded = await http.get("/transcript")
        assert [message.get("agent") for message in folded["messages"]] == [None, None, "a1", "a2"]


@pytest.mark.sockets
async def test_a_stop_reaches_the_team_while_the_orchestrator_is_busy() -> None:
    async with server(agent=Orchestrator()) as url, client(url) as http, http.events() as device:
        run = (await http.prompt("k", "[items=1000 pace_ms=5 silent_ms=60000]"))["run"]
        await device.until(lambda screen: len(screen.events) > 10)
        await http.post("stop", run=run)
        await device.until_ended()
        assert device.endings() == ["stopped"]
