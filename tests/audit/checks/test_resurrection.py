from __future__ import annotations

from audit.checks.resurrection import RESURRECTION
from audit.event import Phase

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story

ASKED = {"runs": {"run-1": {"items": 40, "format": "tok-{:04d}"}}}


def stopped(told: bool = True) -> Story:
    """The phone's run is stopped after five words, and its stream is closed."""
    story = Story("phone", "laptop", oracle=ASKED)
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.sees("phone", "start", cursor="e:0")
    story.says(range(1, 6), "phone", "laptop")
    story.stops("phone")
    if told:
        story.ends("laptop", reason="stopped")
    story.sees("phone", "closed", how="timeout")
    return story


def opened(story: Story) -> tuple[int, ...]:
    return tuple(e.index for e in story.events if e.what in {"stop", "resume"})


def test_a_resume_brings_only_what_was_there() -> None:
    story = stopped()
    story.resumes("phone")
    story.sees("phone", "start", conn=2, cursor="e:0")
    story.says(range(1, 6), "phone", conn=2).ends("phone", reason="stopped", conn=2)
    phone = judged(RESURRECTION, story)["phone"]
    assert (phone.verdict, phone.evidence) == (PASS, opened(story))


def test_the_run_goes_on_where_it_was_stopped() -> None:
    story = stopped()
    story.resumes("phone")
    story.says(range(4, 9), "phone", conn=2)
    phone = judged(RESURRECTION, story)["phone"]
    assert (phone.verdict, phone.value, phone.unit) == (GAP, 3, "words")
    assert phone.evidence == (*opened(story), *range(len(story.events) - 3, len(story.events)))
    assert "tok-0006, tok-0007, tok-0008 (3 of 8 words)" in phone.why


def test_the_run_starts_a_second_time() -> None:
    story = stopped()
    story.resumes("phone")
    again = story.sees("phone", "start", conn=2, cursor="e:20")
    phone = judged(RESURRECTION, story)["phone"]
    assert (phone.verdict, phone.evidence) == (GAP, (*opened(story), again))


def test_words_under_way_when_stop_was_pressed_may_still_come() -> None:
    story = stopped(told=False)
    story.resumes("phone")
    story.says([6], "phone", conn=2).ends("phone", reason="stopped", conn=2)
    assert judged(RESURRECTION, story)["phone"].verdict is PASS
    late = stopped(told=False).wait(1500)
    late.resumes("phone")
    late.says([6], "phone", conn=2).ends("phone", reason="stopped", conn=2)
    assert judged(RESURRECTION, late)["phone"].verdict is GAP


def test_nothing_to_resume_is_fine() -> None:
    story = stopped()
    story.resumes("phone", nothing=True)
    assert judged(RESURRECTION, story)["phone"].verdict is PASS


def test_what_was_not_stopped_cannot_come_back() -> None:
    story = stopped(told=False)
    story.resumes("phone")
    story.says(range(6, 41), "phone", conn=2).ends("phone", conn=2)
    assert judged(RESURRECTION, story)["phone"].verdict is INCONCLUSIVE


def test_without_a_way_back_there_is_no_case() -> None:
    story = stopped()
    assert judged(RESURRECTION, story) == {}
    story.does("phone", "resume", Phase.FAIL, {"unsupported": True}, conn=2)
    assert judged(RESURRECTION, story) == {}


def test_a_replay_starts_again_without_starting_the_run() -> None:
    story = stopped()
    story.resumes("phone")
    story.sees("phone", "start", conn=2)
    story.sees("phone", "reset", conn=2)
    story.sees("phone", "start", conn=2)
    assert judged(RESURRECTION, story)["phone"].verdict is PASS
    begun = story.sees("phone", "start", conn=2)
    phone = judged(RESURRECTION, story)["phone"]
    assert (phone.verdict, phone.evidence[-1]) == (GAP, begun)


def test_what_comes_to_other_streams_is_not_the_reopened_one_s() -> None:
    story = stopped()
    story.resumes("phone")
    story.says([6], "laptop", conn=1)
    assert judged(RESURRECTION, story)["phone"].verdict is PASS
