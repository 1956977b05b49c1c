from __future__ import annotations

import pytest

from audit.checks.isolation import ISOLATION
from audit.event import Phase

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story, answer, asked, counted

RUNS = {"run-1": {"items": 40, "format": "tok-{:04d}"}, "run-2": {"items": 10, "format": "tok-{:04d}"}}


def intruded(home: bool = True) -> Story:
    """A run goes on; another user has a session of his own, and a device in ours."""
    story = Story(oracle={"runs": RUNS})
    story.note("phone", "device", kind="phone")
    story.note("neighbor", "device", kind="neighbor", stranger=True, elsewhere=True)
    story.note("stranger", "device", kind="stranger", stranger=True)
    story.joins("phone")
    story.prompts("phone")
    if home:
        story.joins("neighbor")
        story.prompts("neighbor", "run-2", "r2")
        story.says(range(1, 11), "neighbor", run="r2").ends("neighbor", run="r2")
    return story.says(range(1, 21), "phone")


def refused(story: Story) -> Story:
    story.does("stranger", "join", Phase.FAIL, {"status": 403}, conn=1)
    story.does("stranger", "read", Phase.FAIL, {"status": 403}, conn=2)
    return story


def test_a_good_credential_that_opens_nothing() -> None:
    found = judged(ISOLATION, refused(intruded()))
    assert found["stranger"].verdict is PASS and "403" in found["stranger"].why
    assert set(found) == {"stranger"}


def test_a_credential_that_is_good_for_nothing_proves_nothing() -> None:
    assert judged(ISOLATION, refused(intruded(home=False)))["stranger"].verdict is INCONCLUSIVE


def test_an_empty_transcript_shows_nothing() -> None:
    story = intruded()
    story.reads("stranger")
    assert judged(ISOLATION, story)["stranger"].verdict is PASS


def test_a_transcript_is_a_gap_whatever_the_credential_is_good_for() -> None:
    story = intruded(home=False)
    story.reads("stranger", asked("count"), answer(counted(20)))
    stranger = judged(ISOLATION, story)["stranger"]
    assert stranger.verdict is GAP and "the conversation" in stranger.why


@pytest.mark.parametrize("what", ["text", "snapshot", "user", "start"])
def test_so_is_anything_on_a_stream(what: str) -> None:
    story = intruded()
    story.joins("stranger")
    seen = story.sees("stranger", what, text="tok-0021 ")
    stranger = judged(ISOLATION, story)["stranger"]
    assert stranger.verdict is GAP and seen in stranger.evidence


def test_our_cursor_in_his_session() -> None:
    story = refused(intruded())
    story.resumes("neighbor", cursor="e:20")
    story.says(range(1, 11), "neighbor", run="r2", conn=2)  # his own, again
    assert judged(ISOLATION, story)["neighbor"].verdict is PASS


@pytest.mark.parametrize(("run", "word"), [("r1", 3), ("r2", 21)])
def test_our_run_or_our_words_in_his_session_are_a_gap(run: str, word: int) -> None:
    story = refused(intruded())
    story.resumes("neighbor", cursor="e:20")
    story.says([word], "neighbor", run=run, conn=2)
    found = judged(ISOLATION, story)
    assert (found["stranger"].verdict, found["neighbor"].verdict) == (PASS, GAP)


def test_where_nobody_can_look_nothing_is_proven_and_without_a_stranger_there_is_no_case() -> None:
    assert judged(ISOLATION, intruded())["stranger"].verdict is INCONCLUSIVE
    story = Story("phone")
    story.joins("phone")
    assert judged(ISOLATION, story) == {}
