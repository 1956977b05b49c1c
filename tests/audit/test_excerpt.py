from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from audit.event import parse_event
from audit.excerpt import excerpt
from audit.finding import Finding, Verdict
from audit.result import EXCERPT_LIMIT

from .checks.story import Story, dropped


def gap(*evidence: int, rule: str = "loss") -> Finding:
    return Finding(rule, Verdict.GAP, "why", "phone", evidence)


def long_story() -> Story:
    """A phone drops out in the middle of 300 words, which a laptop sees, too."""
    story = Story("phone", "laptop")
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 150), "phone", "laptop")
    story.strikes("phone")
    story.says(range(150, 160), "laptop")
    story.resumes("phone", conn=2)
    story.says(range(160, 300), "phone", "laptop")
    story.ends("phone", "laptop")
    story.note("stage", "settled", why="ended")
    return story


def test_a_short_history_is_shown_whole_but_for_its_list_of_devices() -> None:
    history = dropped().history()
    shown = excerpt(history, gap(5))
    assert [row["i"] for row in shown.events] == [e.index for e in history.events if e.what != "device"]
    assert shown.devices == {"phone": "phone", "laptop": "laptop"}
    assert shown.cut == 0


def test_a_long_history_is_cut_around_what_happened() -> None:
    history = long_story().history()
    cut = next(e.index for e in history.events if e.what == "fault")
    shown = excerpt(history, gap(cut, cut + 5))
    assert len(shown.events) == EXCERPT_LIMIT
    whats = [(row["who"], row["what"]) for row in shown.events]
    for landmark in [
        ("phone", "prompt"),
        ("link:phone", "fault"),
        ("phone", "closed"),
        ("phone", "resume"),
        ("laptop", "end"),
        ("stage", "settled"),
    ]:
        assert landmark in whats
    indices = {row["i"] for row in shown.events}
    assert {cut - 1, cut, cut + 5, cut + 6} <= indices
    assert shown.cut == max(indices) - min(indices) + 1 - EXCERPT_LIMIT


def test_rows_are_history_rows() -> None:
    history = dropped().history()
    for row in excerpt(history, gap(5)).events:
        assert parse_event(row) == history.events[row["i"]]


def test_marks_say_what_the_evidence_proves_and_where_the_fault_struck() -> None:
    history = dropped().history()
    fault = next(e.index for e in history.events if e.what == "fault")
    missing = next(e.index for e in history.events if e.value.get("text") == "tok-0006 ")
    prompt = next(e.index for e in history.events if e.what == "prompt")
    marks = excerpt(history, gap(prompt, missing)).marks
    assert marks == {str(prompt): "evidence", str(fault): "fault", str(missing): "missing"}
    shown = next(e.index for e in history.events if e.value.get("text") == "tok-0005 " and e.who == "phone")
    assert excerpt(history, gap(shown)).marks[str(shown)] == "evidence"
    assert excerpt(history, gap(missing, rule="duplication")).marks[str(missing)] == "repeated"
    assert excerpt(history, gap(missing, rule="join")).marks[str(missing)] == "evidence"


def test_long_texts_and_lists_are_clipped() -> None:
    story = Story("phone")
    story.sees("phone", "snapshot", text="x" * 100_000)
    story.reads("phone", *({"role": "user", "id": str(n), "text": "y" * 5_000} for n in range(1_000)))
    assert len(json.dumps(excerpt(story.history(), gap(1)).events)) < 10_000


def test_half_a_character_is_made_printable() -> None:
    story = Story("phone")
    story.sees("phone", "text", text="half \ud83d")
    assert excerpt(story.history(), gap(1)).events[0]["value"]["text"] == "half \ufffd"


def test_a_number_that_is_none_is_written_as_text() -> None:
    story = Story("phone")
    story.sees("phone", "text", text="x", cursor=float("nan"))
    assert excerpt(story.history(), gap(1)).events[0]["value"]["cursor"] == "nan"


def test_without_evidence_the_end_is_shown() -> None:
    shown = excerpt(long_story().history(), Finding("loss", Verdict.INCONCLUSIVE, "no oracle"))
    assert shown.events[-1]["what"] == "settled"
    assert len(shown.events) == EXCERPT_LIMIT


def test_nothing_happened_nothing_is_shown() -> None:
    assert excerpt(Story().history(), Finding("loss", Verdict.INCONCLUSIVE, "why")).events == ()


HISTORY = long_story().history()


@given(st.lists(st.integers(0, len(HISTORY.events) - 1), max_size=80).map(sorted), st.integers(2, EXCERPT_LIMIT))
def test_an_excerpt_is_bounded_ordered_and_holds_the_ends_of_the_evidence(evidence: list[int], limit: int) -> None:
    shown = excerpt(HISTORY, gap(*evidence), limit)
    indices = [row["i"] for row in shown.events]
    assert len(indices) <= limit
    assert indices == sorted(set(indices))
    assert {*evidence[:1], *evidence[-1:]} <= set(indices)
    assert set(shown.marks) <= set(map(str, indices))
    assert shown.cut >= 0
