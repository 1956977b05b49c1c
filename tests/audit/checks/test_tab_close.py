from __future__ import annotations

import pytest

from audit.checks.tab_close import TAB_CLOSE

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story, answer, counted

ASKED = {"runs": {"run-1": {"items": 10, "format": "tok-{:04d}"}}}


def reloaded(disconnect: str | None = "continue") -> Story:
    """The tab that asked is reloaded after three of ten words; the laptop watches."""
    story = Story("tab", "laptop", oracle=ASKED, contract={"disconnect": disconnect})
    story.joins("tab")
    story.joins("laptop")
    story.prompts("tab")
    story.says(range(1, 4), "tab", "laptop")
    story.sees("tab", "closed", how="local")
    story.note("tab", "forget")
    return story


def forgot(story: Story) -> int:
    return next(e.index for e in story.events if e.what == "forget")


def test_the_run_goes_on_to_its_end() -> None:
    story = reloaded().says(range(4, 11), "laptop").ends("laptop")
    tab = judged(TAB_CLOSE, story)["tab"]
    last = len(story.events) - 1
    assert (tab.verdict, tab.evidence) == (PASS, (forgot(story), forgot(story) + 1, last - 1, last))


def test_the_transcript_shows_that_it_went_on() -> None:
    story = reloaded()
    read = story.reads("tab", answer(counted(10), ending=None), final=True)
    assert judged(TAB_CLOSE, story)["tab"].evidence == (forgot(story), read + 1)


@pytest.mark.parametrize("reason", ["stopped", "failed", "superseded"])
def test_the_reload_ends_the_run(reason: str) -> None:
    story = reloaded().ends("laptop", reason=reason)
    tab = judged(TAB_CLOSE, story)["tab"]
    assert (tab.verdict, tab.evidence) == (GAP, (forgot(story), len(story.events) - 1))
    assert f"ended {reason}: a silent stop" in tab.why


def test_nothing_more_could_be_had() -> None:
    tab = judged(TAB_CLOSE, reloaded())["tab"]
    assert (tab.verdict, tab.evidence) == (GAP, (forgot(reloaded()),))


def test_it_went_on_and_nobody_saw_the_end() -> None:
    assert judged(TAB_CLOSE, reloaded().says([4], "laptop"))["tab"].verdict is INCONCLUSIVE


def test_a_transcript_that_holds_a_part_at_rest_shows_that_it_broke_off() -> None:
    story = reloaded()
    read = story.reads("tab", answer(counted(4), ending=None), final=True)
    tab = judged(TAB_CLOSE, story)["tab"]
    assert tab.verdict is GAP
    assert read + 1 in tab.evidence


def test_what_a_reload_does_is_not_declared() -> None:
    tab = judged(TAB_CLOSE, reloaded(None))["tab"]
    assert (tab.verdict, tab.evidence) == (INCONCLUSIVE, (forgot(reloaded()),))


def test_where_a_disconnect_cancels_or_the_run_was_over_or_stopped_there_is_no_case() -> None:
    over = Story("tab")
    over.prompts("tab")
    over.ends("tab")
    over.note("tab", "forget")
    stopped = reloaded()
    stopped.stops("laptop")
    assert [judged(TAB_CLOSE, story) for story in (reloaded("cancel"), over, stopped)] == [{}, {}, {}]
