from __future__ import annotations

from typing import Any

from audit.checks.convergence import CONVERGENCE
from audit.event import Phase
from audit.finding import Finding

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story, answer, asked, counted, dropped


def pair(**changes: Any) -> Story:
    """A phone and a laptop in one session."""
    story = Story("phone", "laptop", **changes)
    story.joins("phone")
    story.joins("laptop")
    return story


def finding(story: Story) -> Finding:
    return judged(CONVERGENCE, story)[None]


def test_all_agree() -> None:
    assert (finding(dropped()).verdict, finding(dropped()).value) == (PASS, 0)


def test_what_only_one_of_them_has_is_no_disagreement() -> None:
    story = pair()
    story.prompts("phone")
    story.says(range(1, 6), "phone").says([1], "laptop").ends("phone")
    assert finding(story).verdict is PASS


def test_two_endings_of_one_run() -> None:
    story = pair()
    story.prompts("phone")
    story.says([1], "phone", "laptop").ends("phone").ends("laptop", reason="stopped")
    last = len(story.events) - 1
    assert (finding(story).verdict, finding(story).evidence) == (GAP, (last - 1, last))
    assert "completed and stopped on the phone and the laptop" in finding(story).why


def test_an_ending_that_the_wire_does_not_tell_contradicts_nothing() -> None:
    story = pair()
    story.prompts("phone")
    story.says([1], "phone", "laptop").ends("phone").ends("laptop", reason="unknown")
    assert finding(story).verdict is PASS


def test_one_piece_under_two_cursors() -> None:
    story = pair()
    story.prompts("phone")
    left = story.sees("phone", "text", text="tok-0001 ", cursor="e:1")
    right = story.sees("laptop", "text", text="tok-0001 ", cursor="e:2")
    assert (finding(story).verdict, finding(story).evidence) == (GAP, (left, right))
    assert '"tok-0001" of run-1 is e:1 and e:2' in finding(story).why


def test_opaque_cursors_may_be_those_of_a_connection() -> None:
    story = pair(traits={"cursor": "opaque", "dedupe": "none"})
    story.prompts("phone")
    story.sees("phone", "text", text="tok-0001 ", cursor="a")
    story.sees("laptop", "text", text="tok-0001 ", cursor="b")
    assert finding(story).verdict is PASS


def test_the_stored_answer_has_another_id_than_the_live_one() -> None:
    story = pair()
    story.prompts("phone")
    live = story.sees("phone", "text", text=counted(3), cursor="e:1", message="m7")
    read = story.reads("laptop", answer(counted(3), id="m1"), shown=True)
    assert (finding(story).verdict, finding(story).evidence) == (GAP, (live, read + 1))


def test_prompts_in_another_order_or_under_another_id() -> None:
    story = pair()
    for who, texts in (("phone", "ab"), ("laptop", "ba")):
        for text in texts:
            story.sees(who, "user", text=text, id=f"u-{text}")
    assert (finding(story).verdict, finding(story).evidence) == (GAP, (6, 8))
    story = pair()
    story.sees("phone", "user", text="a", id="u1")
    story.reads("laptop", asked("a", id="u2"), shown=True)
    assert (finding(story).verdict, finding(story).evidence) == (GAP, (6, 8))
    assert "has the id u1 on the phone and u2 on the laptop" in finding(story).why


def test_prompts_without_ids_are_compared_by_order_alone() -> None:
    story = pair()
    for who in ("phone", "laptop"):
        story.sees(who, "user", text="a")
        story.sees(who, "user", text="b")
    assert finding(story).verdict is PASS


def test_a_second_device_that_opened_the_session_and_shows_nothing() -> None:
    story = Story("phone", "laptop")
    story.joins("phone")
    join = story.joins("laptop")
    story.prompts("phone")
    first = len(story.events)
    story.says([1, 2], "phone")
    found = finding(story)
    assert (found.verdict, found.evidence, found.value) == (GAP, (join + 1, first), 1)
    assert found.why == "The laptop has opened the session and shows nothing of it; the phone does."


def test_a_third_device_that_shows_nothing_while_two_agree() -> None:
    story = Story("phone", "laptop", "tab")
    for device in ("phone", "laptop", "tab"):
        story.joins(device)
    story.prompts("phone")
    story.says([1], "phone", "laptop")
    assert finding(story).verdict is GAP


def test_a_second_device_that_never_took_part_or_was_not_there_any_more() -> None:
    story = Story("phone", "laptop")
    story.joins("phone")
    story.prompts("phone")
    story.says([1], "phone")
    assert finding(story).verdict is INCONCLUSIVE
    assert "only the phone shows anything" in finding(story).why
    for ending in ("leave", "forget"):
        story = pair()
        story.prompts("phone")
        story.says([1], "phone")
        story.note("laptop", ending)
        assert finding(story).verdict is INCONCLUSIVE
    story = pair()
    story.prompts("phone")
    story.sees("laptop", "closed", how="fin")
    story.says([1], "phone")
    assert finding(story).verdict is INCONCLUSIVE


def test_a_session_in_which_nothing_was_said_is_shown_by_everybody() -> None:
    assert finding(pair()).verdict is INCONCLUSIVE


def test_a_second_device_that_has_no_way_in() -> None:
    story = Story("phone", "laptop")
    story.prompts("phone")
    story.says([1], "phone")
    join = story.does("laptop", "join", Phase.FAIL, {"unsupported": True}, conn=1)
    assert (finding(story).verdict, finding(story).evidence) == (GAP, (join, join + 1))


def test_two_devices_that_have_nothing_in_common() -> None:
    story = Story("phone", "laptop")
    story.prompts("phone")
    story.says([1], "phone")
    story.prompts("laptop", "run-2", "r2")
    story.says([1], "laptop", run="r2")
    assert finding(story).verdict is INCONCLUSIVE
    story.does("laptop", "join", Phase.FAIL, {"unsupported": True}, conn=1)
    assert finding(story).verdict is GAP


def test_one_device_alone_is_no_case() -> None:
    story = Story("phone")
    story.prompts("phone")
    story.says([1], "phone")
    assert judged(CONVERGENCE, story) == {}


def test_opaque_cursors_are_ids_where_repeats_are_dropped_by_them() -> None:
    story = pair(traits={"cursor": "opaque", "dedupe": "cursor"})
    story.prompts("phone")
    story.sees("phone", "text", text="tok-0001 ", cursor="a")
    story.sees("laptop", "text", text="tok-0001 ", cursor="b")
    assert finding(story).verdict is GAP


def test_pieces_without_a_cursor_are_not_compared() -> None:
    story = pair()
    story.prompts("phone")
    story.sees("phone", "text", text="tok-0001 ", cursor="e:1")
    story.sees("laptop", "text", text="tok-0001 ")
    assert finding(story).verdict is PASS
