from __future__ import annotations

from collections.abc import Iterable

from audit.checks.restart import RESTART
from audit.event import Phase
from audit.history import History

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story, answer, counted

ASKED = {"runs": {"run-1": {"items": 10, "format": "tok-{:04d}"}}}


def restarted(back: bool = True, **done: object) -> Story:
    """The server is restarted after five of ten words."""
    story = Story("phone", "laptop", oracle=ASKED)
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 6), "phone", "laptop")
    story.note("stage", "hook", name="restart", state="begun")
    for who in ("phone", "laptop"):
        story.add(who, Phase.SEEN, "closed", conn=1, how="clean")
    story.note("stage", "hook", name="restart", state="done", **done)
    if back:
        story.resumes("laptop", cursor="e:5")
        story.resumes("phone", cursor="e:5")
    return story


def ended(story: Story, numbers: Iterable[int], reason: str, written: int) -> Story:
    """Both devices get these words and the ending, and the transcript holds so many."""
    story.says(numbers, "phone", "laptop", conn=2).ends("phone", "laptop", reason=reason, conn=2)
    story.note("stage", "settled", why="ended")
    story.reads("phone", answer(counted(written), ending=reason), final=True)
    return story


def test_the_run_goes_on_to_its_end() -> None:
    found = judged(RESTART, ended(restarted(), range(6, 11), "completed", 10))
    assert found["phone"].verdict is found["laptop"].verdict is PASS
    assert "went on to its end" in found["phone"].why


def test_a_named_failure_that_loses_nothing_is_truthful() -> None:
    phone = judged(RESTART, ended(restarted(), [], "failed", 5))["phone"]
    assert phone.verdict is PASS and "ended as failed" in phone.why


def test_no_ending_is_a_gap() -> None:
    story = restarted()
    story.note("stage", "settled", why="deadline")
    phone = judged(RESTART, story)["phone"]
    assert phone.verdict is GAP and "has no ending" in phone.why


def test_words_that_had_been_seen_are_gone() -> None:
    phone = judged(RESTART, ended(restarted(), [], "failed", 2))["phone"]
    assert (phone.verdict, phone.value) == (GAP, 3)


def test_a_run_that_begins_anew_is_a_gap() -> None:
    story = restarted()
    for number in range(1, 6):  # under cursors of their own: no device can tell that it had them
        story.sees("phone", "text", conn=2, text=f"tok-{number:04d} ", cursor=f"e:{number + 50}")
    phone = judged(RESTART, ended(story, range(6, 11), "completed", 10))["phone"]
    assert phone.verdict is GAP and "began anew" in phone.why and phone.value == 5


def test_words_that_a_device_never_gets_are_a_gap() -> None:
    story = restarted()
    story.says(range(6, 11), "laptop", conn=2).ends("laptop", conn=2).ends("phone", conn=2)
    story.note("stage", "settled", why="ended")
    story.reads("phone", answer(counted(10)), final=True)
    found = judged(RESTART, story)
    assert (found["laptop"].verdict, found["phone"].verdict) == (PASS, GAP)


def test_nobody_can_come_back() -> None:
    story = restarted(back=False)
    for _ in range(3):
        story.does("phone", "resume", Phase.FAIL, {"error": "connection refused"}, cursor="e:5")
    found = judged(RESTART, story)
    assert found["phone"].verdict is GAP and "3 tries" in found["phone"].why
    assert found["laptop"].verdict is INCONCLUSIVE


def test_a_hook_that_failed_restarted_nothing() -> None:
    assert judged(RESTART, ended(restarted(failed=1), [], "failed", 2))[None].verdict is INCONCLUSIVE


def test_a_trial_cut_short_or_over_before_proves_nothing() -> None:
    story = restarted()
    assert judged(RESTART, History(story.meta, tuple(story.events), whole=False))["phone"].verdict is INCONCLUSIVE
    story = Story("phone", oracle=ASKED)
    story.joins("phone")
    story.prompts("phone")
    story.says(range(1, 11), "phone").ends("phone")
    story.note("stage", "hook", name="restart", state="begun")
    story.note("stage", "hook", name="restart", state="done")
    assert judged(RESTART, story)["phone"].verdict is INCONCLUSIVE


def test_without_a_restart_there_is_no_case() -> None:
    story = Story("phone", oracle=ASKED)
    story.prompts("phone")
    story.says(range(1, 11), "phone")
    assert judged(RESTART, story) == {}
