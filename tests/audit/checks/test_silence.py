from __future__ import annotations

from typing import Any

import pytest

from audit.checks.silence import SILENCE
from audit.event import Phase

from .judged import GAP, INCONCLUSIVE, PASS, judged, verdicts
from .story import Story


def quiet(*, seconds: float = 2.5, beats: int = 2, **changes: Any) -> Story:
    """Two devices hear three words; then the agent is silent, and heartbeats cross."""
    story = Story("phone", "laptop", **changes)
    story.note("stage", "mark", name="quiet", label="run-1", seconds=seconds)
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 4), "phone", "laptop")
    for _ in range(beats):
        story.wait(seconds * 1e3 / (beats + 1))
        for device in ("phone", "laptop"):
            story.add(device, Phase.SEEN, "ping", conn=1)
    story.wait(seconds * 1e3 / (beats + 1))
    return story


def over(story: Story, *, reason: str = "completed") -> Story:
    """It speaks again, and ends."""
    story.says(range(4, 7), "phone", "laptop")
    story.ends("phone", "laptop", reason=reason)
    story.note("stage", "settled", why="ended")
    return story


def test_heartbeats_cross_and_the_stream_lives() -> None:
    found = judged(SILENCE, over(quiet()))
    assert {device: each.verdict for device, each in found.items()} == {"phone": PASS, "laptop": PASS}
    assert found["phone"].value == pytest.approx(2_505, abs=5) and "2 heartbeats" in found["phone"].why


def test_a_stream_that_is_cut_while_the_agent_works() -> None:
    story = quiet()
    closed = story.add("laptop", Phase.SEEN, "closed", conn=1, how="rst")
    story.resumes("laptop", conn=2)
    story.says(range(4, 7), "phone")
    story.says(range(4, 7), "laptop", conn=2)
    found = judged(SILENCE, story)
    assert (found["phone"].verdict, found["laptop"].verdict) == (PASS, GAP)
    assert closed in found["laptop"].evidence and found["laptop"].unit == "ms"


def test_a_stream_that_our_own_fault_cut_is_left_out() -> None:
    story = quiet()
    story.strikes("laptop")
    assert verdicts(SILENCE, over(story)) == {"phone": PASS}


def test_a_run_that_is_given_up_while_its_agent_works() -> None:
    story = quiet()
    story.ends("phone", "laptop", reason="failed")
    found = judged(SILENCE, story)
    assert {each.verdict for each in found.values()} == {GAP}
    assert "ended failed" in found["phone"].why


def test_a_run_that_somebody_stopped_was_not_given_up() -> None:
    story = quiet()
    story.stops("phone")
    story.ends("phone", "laptop", reason="stopped")
    assert set(verdicts(SILENCE, story).values()) == {PASS}


def test_without_a_heartbeat_a_short_silence_tells_nothing() -> None:
    found = judged(SILENCE, over(quiet(beats=0)))
    assert {each.verdict for each in found.values()} == {INCONCLUSIVE}
    assert "30 s" in found["phone"].why


def test_without_a_heartbeat_a_long_silence_is_a_gap_where_one_would_be_seen() -> None:
    assert set(verdicts(SILENCE, over(quiet(seconds=65, beats=0))).values()) == {GAP}
    unseen = over(quiet(seconds=65, beats=0, protocol="json-socket"))
    assert set(verdicts(SILENCE, unseen).values()) == {INCONCLUSIVE}
    assert set(verdicts(SILENCE, over(quiet(seconds=65, beats=1))).values()) == {PASS}


def test_an_agent_that_never_fell_silent_proves_nothing() -> None:
    story = quiet(seconds=0.1)
    story.events[2].value["seconds"] = 2.5
    assert set(verdicts(SILENCE, over(story)).values()) == {INCONCLUSIVE}


def test_no_silence_was_asked_for_or_the_prompt_was_refused() -> None:
    story = Story("phone")
    story.joins("phone")
    story.prompts("phone")
    story.says(range(1, 4), "phone")
    assert verdicts(SILENCE, story) == {}
    refused = Story("phone")
    refused.note("stage", "mark", name="quiet", label="run-1", seconds=2.5)
    assert verdicts(SILENCE, refused) == {}
