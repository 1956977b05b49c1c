from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_impl.agents.base import AgentFailure
from reference_impl.agents.script import BadScript, Script, parse_script
from reference_impl.agents.scripted import ScriptedAgent, words

from .alone import Alone, Noted


async def said(script: Script) -> list[str]:
    return [word async for word in words(script)]


def test_a_prompt_without_script_uses_the_defaults() -> None:
    assert parse_script("Tell me about whales.") == Script()
    assert parse_script("[]") == Script()


def test_the_script_may_stand_anywhere_and_only_the_first_one_counts() -> None:
    assert parse_script("Count. [items=3 pace_ms=0] Thanks [items=9]").items == 3


def test_every_setting_is_read() -> None:
    text = '[items=60 pace_ms=5 first_ms=7 burst=4 format="w{:03d}·é漢🙂" fail_at=50 silent_at=9 silent_ms=80]'
    assert parse_script(text) == Script(60, 5, 7, 4, "w{:03d}·é漢🙂", 50, 9, 80)


def test_the_first_pause_defaults_to_the_pace() -> None:
    assert parse_script("[pace_ms=70]").first_ms == 70
    assert parse_script("[]").first_ms == 10


def test_a_format_may_hold_a_closing_bracket_in_quotes() -> None:
    assert parse_script('[format="<{}]"]').word(7) == "<7] "


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[items=0]", "items=0: must be a whole number from 1 to 100000"),
        ("[items=100001]", "items=100001"),
        ("[items=99999999999999999999]", "items="),
        ("[items=١٢]", "items="),
        ("[pace_ms=-1]", "pace_ms=-1"),
        ("[pace_ms=60001]", "pace_ms=60001"),
        ("[pace_ms=1.5]", "pace_ms=1.5"),
        ("[pace_ms=]", "pace_ms="),
        ("[speed=3]", "speed=3: unknown key"),
        ("[items=3 items=4]", "items is given twice"),
        ("[items]", "cannot read 'items'"),
        ("[items=3", "no closing"),
        ("[items=3 ", "no closing"),
        ('[format="a b{}"]', "cannot read"),
        ("[format=plain]", "exactly one field"),
        ("[format={}{}]", "exactly one field"),
        ("[format={{}}]", "exactly one field"),
        ("[format={0}]", "exactly one field"),
        ("[format={.__class__}]", "exactly one field"),
        ("[format={:>999999999d}]", "exactly one field"),
        (f"[format={{}}{'x' * 1000}]", "at most 1000"),
        ("[items=5 fail_at=6]", "fail_at=6: past the last word"),
        ("[items=5 silent_at=6]", "silent_at=6: past the last word"),
    ],
)
def test_a_malformed_script_is_refused_by_key_and_value(text: str, message: str) -> None:
    with pytest.raises(BadScript, match=message.replace("(", r"\(")):
        parse_script(text)


@given(st.text())
def test_any_text_is_either_read_or_refused(text: str) -> None:
    try:
        script = parse_script(f"[{text}")
    except BadScript:
        return
    assert script.word(1).endswith(" ")


@given(st.integers(1, 300), st.integers(1, 9), st.integers(0, 300), st.integers(0, 300))
def test_due_times_never_run_back_and_pause_once_a_burst(
    items: int, burst: int, silent_at: int, silent_ms: int
) -> None:
    script = Script(items=items, pace_ms=10, burst=burst, silent_at=min(silent_at, items), silent_ms=silent_ms)
    due = [script.due_ms(number) for number in range(1, items + 1)]
    assert due == sorted(due)
    assert due[0] == script.first_ms
    pauses = due[-1] - due[0] - (silent_ms if 0 < script.silent_at < items else 0)
    assert pauses == 10 * ((items - 1) // burst)


async def test_words_are_numbered_from_one() -> None:
    assert await said(Script(items=3, pace_ms=0, first_ms=0, format="{:02d}·漢")) == ["01·漢 ", "02·漢 ", "03·漢 "]


async def test_a_failure_comes_after_its_word() -> None:
    heard = []
    with pytest.raises(AgentFailure, match="after word 2"):
        async for word in words(Script(items=5, pace_ms=0, first_ms=0, fail_at=2)):
            heard.append(word)  # noqa: PERF401 - what was heard before the failure matters
    assert len(heard) == 2


async def test_the_pace_does_not_drift_when_the_consumer_is_slow() -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    async for _ in words(Script(items=20, pace_ms=10, first_ms=10)):
        await asyncio.sleep(0.005)  # relative pauses would add up to 300 ms
    assert 0.19 <= loop.time() - began < 0.29


async def test_silence_after_the_last_word_delays_the_ending() -> None:
    loop = asyncio.get_running_loop()
    script = Script(items=2, pace_ms=0, first_ms=0, silent_at=2, silent_ms=50)
    began = loop.time()
    times = [loop.time() - began async for _ in words(script)]
    assert times[-1] < 0.04 < loop.time() - began


async def test_other_tasks_run_while_an_agent_writes_without_pause() -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    await said(Script(items=5_000, pace_ms=0, first_ms=0))
    ticking.cancel()
    assert ticks > 10


async def test_the_agent_refuses_what_it_cannot_read_and_answers_the_rest() -> None:
    agent = ScriptedAgent()
    with pytest.raises(BadScript):
        agent.check("[items=x]")
    agent.check("[items=2 pace_ms=0]")
    assert [word async for word in agent.answer(Alone("[items=2 pace_ms=0]"))] == ["tok-0001 ", "tok-0002 "]


def test_a_script_is_a_value() -> None:
    assert replace(Script(), items=3) == parse_script("[items=3]")


async def test_an_agent_that_takes_over_goes_on_behind_what_was_said() -> None:
    turn = Alone("[items=4 pace_ms=0]", said="tok-0001 tok-0002 ")
    assert [word async for word in ScriptedAgent().answer(turn)] == ["tok-0003 ", "tok-0004 "]


@pytest.mark.parametrize(("granted", "words_said"), [(True, 3), (False, 2)])
async def test_a_script_may_ask_for_approval(granted: bool, words_said: int) -> None:
    turn = Alone("[items=3 pace_ms=0 approve_at=2]", answers=[granted])
    assert len([word async for word in ScriptedAgent().answer(turn)]) == words_said
    assert turn.asked == ["go on after word 2?"]


async def test_sub_agents_speak_for_themselves() -> None:
    turn = Alone("[items=2 pace_ms=0 agents=2]")
    assert [word async for word in ScriptedAgent().answer(turn)] == ["tok-0001 ", "tok-0002 "]
    assert sorted(turn.others) == [
        (name, f"{name}.tok-000{n} ") for name in ("a1", "a2") for n in (1, 2)
    ]  # fmt: skip


async def test_a_steer_changes_the_words_from_there_on_or_is_refused() -> None:
    turn = Alone("[items=4 pace_ms=0]")
    taken, refused, bad = Noted('[format="now-{}"]'), Noted("be nicer"), Noted("[nonsense=1]")
    said: list[str] = []
    async for word in ScriptedAgent().answer(turn):
        said.append(word)
        if len(said) == 2:
            for wish in (refused, bad, taken):
                turn.wishes.put_nowait(wish)
    assert said == ["tok-0001 ", "tok-0002 ", "now-3 ", "now-4 "]
    assert (taken.answer, refused.answer, bad.answer) == ("taken", "refused", "refused")
