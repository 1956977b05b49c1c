from __future__ import annotations

from typing import Any

import pytest

from audit.checks.stop_vs_disconnect import STOP_VS_DISCONNECT
from audit.event import Phase, Value
from audit.finding import Finding, Verdict

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story, answer, counted

ASKED = {"runs": {f"run-{n}": {"items": 9, "format": "tok-{:04d}"} for n in (1, 2, 3)}}


def abandoned(
    drop: str | None, stop: str | None, finish: str | None = "completed", *, reply: Any = None, **contract: Any
) -> Story:
    """Three runs of the phone, seen by the laptop: dropped, stopped, finished; they end as told."""
    story = Story("phone", "laptop", oracle=ASKED, contract=contract)
    outcome, value = reply or (Phase.OK, {})
    for number, (arm, ending) in enumerate((("drop", drop), ("stop", stop), ("finish", finish)), start=1):
        story.prompts("phone", f"run-{number}", f"r{number}")
        story.note("stage", "mark", name="arm", arm=arm, label=f"run-{number}")
        story.says(range(1, 4), "laptop", run=f"r{number}")
        if arm == "drop":
            story.strikes("phone")
        elif arm == "stop":
            story.does("phone", "stop", outcome, value, label=f"run-{number}", key="k")
        if ending:
            story.ends("laptop", run=f"r{number}", reason=ending)
    return story


def finding(story: Story) -> Finding:
    return judged(STOP_VS_DISCONNECT, story)[None]


def marks(story: Story) -> set[int]:
    return {e.index for e in story.events if e.what in ("mark", "end")}


def test_each_ending_is_told_apart() -> None:
    story = abandoned("completed", "stopped")
    assert (finding(story).verdict, set(finding(story).evidence)) == (PASS, marks(story))


def test_the_transcript_may_tell_how_the_dropped_run_ended() -> None:
    story = abandoned(None, "stopped")
    assert finding(story).verdict is INCONCLUSIVE
    read = story.reads("phone", answer(counted(9), run="r1", ending=None), final=True)
    assert finding(story).verdict is PASS
    assert read + 1 in finding(story).evidence


def test_a_lost_connection_that_reads_as_a_stop() -> None:
    story = abandoned("stopped", "stopped")
    assert (finding(story).verdict, set(finding(story).evidence)) == (GAP, marks(story))
    assert "cannot be told apart" in finding(story).why


@pytest.mark.parametrize(
    ("drop", "stop", "finish", "declared", "verdict"),
    [
        ("failed", "stopped", "completed", "cancel", PASS),
        ("failed", "stopped", "completed", None, PASS),
        ("failed", "stopped", "completed", "continue", GAP),
        ("failed", "failed", "completed", "cancel", GAP),
        ("completed", "failed", "completed", "continue", GAP),
        ("completed", "stopped", "stopped", "continue", GAP),
        ("completed", "stopped", None, "continue", INCONCLUSIVE),
        ("completed", None, "completed", "continue", INCONCLUSIVE),
    ],
)
def test_the_table(
    drop: str | None, stop: str | None, finish: str | None, declared: str | None, verdict: Verdict
) -> None:
    assert finding(abandoned(drop, stop, finish, disconnect=declared)).verdict is verdict


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ((Phase.INFO, {"hangup": True}), "The only way to stop run-2 is to hang up"),
        ((Phase.FAIL, {"unsupported": True, "error": "none"}), "is not offered (none)"),
        ((Phase.FAIL, {"status": 500}), "failed (500)"),
        ((Phase.OK, {}), "the run completed all the same"),
    ],
)
def test_there_is_no_stop(reply: tuple[Phase, Value], said: str) -> None:
    story = abandoned("completed", "completed", reply=reply)
    stop = {e.index for e in story.events if e.what == "stop"}
    assert (finding(story).verdict, set(finding(story).evidence)) == (GAP, marks(story) | stop)
    assert said in finding(story).why


def test_a_trial_cut_short() -> None:
    story = abandoned("completed", "stopped")
    story.events = story.events[: next(e.index for e in story.events if e.value.get("arm") == "finish")]
    assert finding(story).verdict is INCONCLUSIVE
    assert "Only drop, stop came about" in finding(story).why


def test_other_arms_are_no_case() -> None:
    story = Story("phone")
    story.note("stage", "mark", name="arm", arm="other-device", label="run-1")
    assert judged(STOP_VS_DISCONNECT, story) == {}


def test_an_answer_that_went_astray_is_no_harm_if_the_run_was_stopped() -> None:
    for outcome in (Phase.FAIL, Phase.INFO):
        assert finding(abandoned("completed", "stopped", reply=(outcome, {"status": 504}))).verdict is PASS


def test_nobody_pressed_stop() -> None:
    story = Story("phone")
    for arm in ("drop", "stop", "finish"):
        story.note("stage", "mark", name="arm", arm=arm, label=f"run-{arm}")
    assert finding(story).verdict is INCONCLUSIVE
    assert "Nobody pressed stop on run-stop" in finding(story).why
