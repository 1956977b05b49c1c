from __future__ import annotations

from typing import Any

from audit.checks.tab_freeze import TAB_FREEZE
from audit.event import Phase

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story, answer, counted

ASKED = {"runs": {"run-1": {"items": 10, "format": "tok-{:04d}"}}}


def thawed(**changes: Any) -> Story:
    """A tab is frozen from its third word on, and thawed when the laptop has seen eight."""
    story = Story("tab", "laptop", **changes)
    story.joins("tab")
    story.joins("laptop")
    story.prompts("tab")
    story.says(range(1, 4), "tab", "laptop")
    story.note("tab", "freeze")
    story.says(range(4, 9), "laptop")
    story.note("tab", "thaw")
    return story


def around(story: Story) -> tuple[int, ...]:
    return tuple(e.index for e in story.events if e.what in ("freeze", "thaw"))


def test_it_catches_up() -> None:
    story = thawed().wait(5).says(range(4, 9), "tab").says([9, 10], "tab", "laptop").ends("tab", "laptop")
    tab = judged(TAB_FREEZE, story)["tab"]
    assert (tab.verdict, tab.value, tab.unit) == (PASS, 6, "ms")
    assert tab.evidence == (*around(story), around(story)[1] + 1)


def test_it_neither_hears_nor_is_told() -> None:
    story = thawed().wait(6000)
    forgot = story.note("tab", "forget")
    tab = judged(TAB_FREEZE, story)["tab"]
    assert (tab.verdict, tab.value, tab.unit) == (GAP, 6001, "ms")
    assert tab.evidence == (*around(story), forgot)


def test_it_hears_too_late() -> None:
    story = thawed().wait(6000).says(range(4, 9), "tab")
    tab = judged(TAB_FREEZE, story)["tab"]
    assert (tab.verdict, tab.value) == (GAP, 6001)


def test_it_goes_on_behind_a_hole() -> None:
    story = thawed().says([8], "tab").says([9], "tab", "laptop")
    tab = judged(TAB_FREEZE, story)["tab"]
    assert (tab.verdict, tab.value, tab.unit) == (GAP, 4, "words")
    assert set(around(story)) < set(tab.evidence)
    assert "but not tok-0004, tok-0005, tok-0006, tok-0007" in tab.why


def test_what_is_still_to_come_when_it_is_reloaded_is_no_hole() -> None:
    story = thawed().says([4, 5], "tab")
    story.note("tab", "forget")
    assert judged(TAB_FREEZE, story)["tab"].verdict is PASS


def test_it_is_told_and_comes_back() -> None:
    story = thawed()
    closed = story.sees("tab", "closed", how="rst")
    story.resumes("tab", conn=2)
    story.says(range(4, 9), "tab", conn=2)
    tab = judged(TAB_FREEZE, story)["tab"]
    assert (tab.verdict, tab.evidence) == (PASS, (*around(story), closed))


def test_it_is_told_and_has_no_way_back() -> None:
    story = thawed()
    closed = story.sees("tab", "closed", how="rst")
    resume = story.does("tab", "resume", Phase.FAIL, {"unsupported": True}, conn=2)
    tab = judged(TAB_FREEZE, story)["tab"]
    assert (tab.verdict, tab.evidence) == (GAP, (*around(story), closed, resume + 1))


def test_it_had_no_time_to_catch_up() -> None:
    story = thawed().wait(100)
    story.note("tab", "forget")
    assert judged(TAB_FREEZE, story)["tab"].verdict is INCONCLUSIVE


def test_nothing_to_compare_with() -> None:
    story = Story("tab")
    story.prompts("tab")
    story.says(range(1, 4), "tab")
    story.note("tab", "freeze")
    story.note("tab", "thaw")
    story.says(range(4, 6), "tab")
    assert judged(TAB_FREEZE, story)["tab"].verdict is INCONCLUSIVE


def test_a_tab_that_had_it_all_is_no_case() -> None:
    story = Story("tab", "laptop")
    story.prompts("tab")
    story.says([1, 2], "tab", "laptop").ends("tab", "laptop")
    story.note("tab", "freeze")
    story.note("tab", "thaw")
    assert judged(TAB_FREEZE, story) == {}


def test_a_transcript_that_it_shows_catches_it_up() -> None:
    story = thawed()
    read = story.reads("tab", answer(counted(8), ending="running"), shown=True)
    tab = judged(TAB_FREEZE, story)["tab"]
    assert (tab.verdict, tab.evidence) == (PASS, (*around(story), read + 1))


def test_a_heartbeat_is_no_sign_that_it_catches_up() -> None:
    story = thawed()
    story.sees("tab", "ping")
    story.wait(6000)
    story.note("tab", "forget")
    assert judged(TAB_FREEZE, story)["tab"].verdict is GAP
