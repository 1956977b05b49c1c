from __future__ import annotations

from audit.checks.stop_visibility import STOP_VISIBILITY
from audit.event import Phase, Value

from .judged import GAP, INCONCLUSIVE, PASS, judged, verdicts
from .story import Story, answer, counted

ASKED = {"runs": {"run-1": {"items": 40, "format": "tok-{:04d}"}}}


def pressing(outcome: Phase = Phase.OK, reply: Value | None = None) -> Story:
    """The phone presses stop after five of forty words; the laptop watches."""
    story = Story("phone", "laptop", "tablet", oracle=ASKED)
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 6), "phone", "laptop")
    story.does("phone", "stop", outcome, reply, label="run-1", key="k")
    return story


def stop(story: Story) -> tuple[int, ...]:
    return tuple(e.index for e in story.events if e.what == "stop")


def test_every_viewer_is_told_and_keeps_its_words() -> None:
    story = pressing().ends("phone", "laptop", reason="stopped")
    story.reads("phone", answer(counted(5), ending="stopped"), final=True)
    found = judged(STOP_VISIBILITY, story)
    assert {device: finding.verdict for device, finding in found.items()} == {"phone": PASS, "laptop": PASS}
    assert found["laptop"].evidence == (stop(story)[0] - 1, *stop(story), stop(story)[1] + 2)


def test_a_viewer_that_is_never_told() -> None:
    story = pressing().ends("phone", reason="stopped")
    closed = story.sees("laptop", "closed", how="clean")
    found = judged(STOP_VISIBILITY, story)
    assert (found["phone"].verdict, found["laptop"].verdict) == (PASS, GAP)
    assert closed in found["laptop"].evidence
    assert "the laptop, which was watching, was never told" in found["laptop"].why


def test_a_viewer_whose_text_stands_still_until_the_trial_is_over() -> None:
    story = pressing().ends("phone", reason="stopped")
    story.note("stage", "settled", why="deadline")
    for device in ("phone", "laptop"):
        story.sees(device, "closed", how="local")
    assert verdicts(STOP_VISIBILITY, story) == {"phone": PASS, "laptop": GAP}


def test_a_viewer_that_is_told_something_else() -> None:
    story = pressing().ends("phone", reason="stopped").ends("laptop", reason="completed")
    found = judged(STOP_VISIBILITY, story)["laptop"]
    assert (found.verdict, found.evidence[-1]) == (GAP, len(story.events) - 1)
    assert 'was told "completed"' in found.why


def test_a_stop_that_silently_ends_the_stream() -> None:
    story = pressing()
    story.sees("phone", "closed", how="clean")
    story.sees("laptop", "closed", how="clean")
    story.reads("phone", answer(counted(5), ending=None), final=True)
    assert verdicts(STOP_VISIBILITY, story) == {"phone": GAP, "laptop": GAP}


def test_partial_text_that_vanishes_from_the_transcript() -> None:
    story = pressing().ends("phone", "laptop", reason="stopped")
    read = story.reads("phone", answer(counted(2), ending="stopped"), final=True)
    found = judged(STOP_VISIBILITY, story)["laptop"]
    assert (found.verdict, found.value, found.unit) == (GAP, 3, "words")
    assert read + 1 in found.evidence
    assert "tok-0003, tok-0004, tok-0005 (3 of 5 words)" in found.why


def test_partial_text_that_vanishes_from_the_screen() -> None:
    story = pressing().ends("phone", "laptop", reason="stopped")
    snapshot = story.sees("laptop", "snapshot", text="tok-0001 ")
    found = judged(STOP_VISIBILITY, story)["laptop"]
    assert (found.verdict, found.value) == (GAP, 4)
    assert snapshot in found.evidence


def test_who_was_cut_off_by_us_is_owed_the_news_only_when_it_comes_back() -> None:
    story = pressing().ends("laptop", reason="stopped")
    story.sees("phone", "closed", how="timeout")
    assert verdicts(STOP_VISIBILITY, story) == {"laptop": PASS}
    story.resumes("phone")
    assert verdicts(STOP_VISIBILITY, story) == {"phone": GAP, "laptop": PASS}
    story.ends("phone", reason="stopped", conn=2)
    assert verdicts(STOP_VISIBILITY, story) == {"phone": PASS, "laptop": PASS}


def test_a_reload_after_the_stop_must_show_the_partial_text() -> None:
    story = pressing().ends("phone", "laptop", reason="stopped")
    story.sees("phone", "closed", how="local")
    story.note("phone", "forget")
    story.joins("phone", conn=2)
    story.ends("phone", reason="stopped", conn=2)
    found = judged(STOP_VISIBILITY, story)["phone"]
    assert (found.verdict, found.value) == (GAP, 5)


def test_without_an_effect_nobody_had_to_be_told() -> None:
    story = pressing().says(range(6, 41), "laptop").ends("laptop")
    found = judged(STOP_VISIBILITY, story)
    assert (found["phone"].verdict, found["phone"].evidence) == (INCONCLUSIVE, stop(story))


def test_where_stop_is_missing_nobody_can_be_told() -> None:
    for outcome, reply in ((Phase.FAIL, {"unsupported": True}), (Phase.INFO, {"hangup": True})):
        story = pressing(outcome, reply)
        found = judged(STOP_VISIBILITY, story)["phone"]
        assert (found.verdict, found.evidence) == (GAP, stop(story))


def test_who_left_or_was_not_viewing_is_owed_nothing() -> None:
    story = pressing().ends("phone", reason="stopped")
    story.joins("tablet")
    story.note("laptop", "leave")
    assert verdicts(STOP_VISIBILITY, story) == {"phone": PASS}


def test_a_transcript_that_it_shows_counts_as_coming_back() -> None:
    story = pressing().ends("laptop", reason="stopped")
    story.sees("phone", "closed", how="timeout")
    story.reads("phone", answer(counted(5), ending="stopped"), shown=True)
    assert verdicts(STOP_VISIBILITY, story) == {"phone": PASS, "laptop": PASS}
