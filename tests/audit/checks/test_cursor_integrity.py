from __future__ import annotations

from typing import Any

import pytest

from audit.checks.cursor_integrity import CURSOR_INTEGRITY
from audit.event import Phase

from .judged import GAP, PASS, judged, verdicts
from .story import Story, dropped


def seen(*cursors: str | None, texts: str = "abcdefgh", **traits: Any) -> Story:
    """A phone sees one piece of text under each cursor."""
    story = Story("phone", traits=traits)
    story.prompts("phone")
    for text, cursor in zip(texts, cursors, strict=False):
        story.add("phone", Phase.SEEN, "text", conn=1, run="r1", text=text, cursor=cursor)
    return story


def test_cursors_that_grow() -> None:
    phone = judged(CURSOR_INTEGRITY, dropped())["phone"]
    assert (phone.verdict, phone.value, phone.unit) == (PASS, 10, "cursors")


def test_offsets_are_numbers() -> None:
    assert verdicts(CURSOR_INTEGRITY, seen("e:9", "e:10")) == {"phone": PASS}


def test_two_pieces_under_one_cursor_are_a_gap() -> None:
    story = seen("1-0", "1-0", "2-0", cursor="opaque")
    phone = judged(CURSOR_INTEGRITY, story)["phone"]
    assert (phone.verdict, phone.evidence) == (GAP, (3, 4))
    assert "under one cursor, 1-0" in phone.why


@pytest.mark.parametrize(
    ("kind", "cursors"), [("int", ("4", "3")), ("int", ("4", "4")), ("offset+epoch", ("e:10", "e:9"))]
)
def test_a_cursor_that_does_not_grow_is_a_gap(kind: str, cursors: tuple[str, str]) -> None:
    phone = judged(CURSOR_INTEGRITY, seen(*cursors, texts="aa", cursor=kind))["phone"]
    assert (phone.verdict, phone.evidence) == (GAP, (3, 4))
    assert f"{cursors[0]}, then {cursors[1]}" in phone.why


def test_another_epoch_connection_or_replay_counts_anew() -> None:
    assert verdicts(CURSOR_INTEGRITY, seen("e:9", "f:1")) == {"phone": PASS}
    story = seen("e:1", "e:2")
    story.sees("phone", "text", conn=2, text="a", cursor="e:1")
    assert verdicts(CURSOR_INTEGRITY, story) == {"phone": PASS}
    story.sees("phone", "reset", conn=2)
    story.sees("phone", "text", conn=2, text="a", cursor="e:1")
    assert verdicts(CURSOR_INTEGRITY, story) == {"phone": PASS}


def test_opaque_cursors_have_no_order() -> None:
    assert verdicts(CURSOR_INTEGRITY, seen("z", "a", cursor="opaque")) == {"phone": PASS}


def test_rolled_up_items_may_come_in_other_pieces_the_second_time() -> None:
    for comparison, verdict in (("events", GAP), ("content", PASS)):
        story = seen("e:1", "e:2", comparison=comparison)
        story.sees("phone", "text", conn=2, text="ab", cursor="e:2")
        assert verdicts(CURSOR_INTEGRITY, story) == {"phone": verdict}


def test_a_resume_without_any_cursor_is_a_gap() -> None:
    trial = judged(CURSOR_INTEGRITY, seen(None, None))[None]
    assert (trial.verdict, trial.value, trial.evidence) == (GAP, 0, (3, 4))


def test_where_no_cursor_is_needed_none_is_missed() -> None:
    assert verdicts(CURSOR_INTEGRITY, seen(None, None, cursor="none")) == {}
    assert verdicts(CURSOR_INTEGRITY, seen(None, None, replay="full")) == {}
    assert verdicts(CURSOR_INTEGRITY, seen(None, None, resumes=False)) == {}
