from __future__ import annotations

from typing import Any

from audit.checks.independence import INDEPENDENCE

from .judged import GAP, PASS, judged
from .story import Story, dropped

ASKED = {"runs": {"run-1": {"items": 6, "format": "tok-{:04d}"}}}


def shared(**changes: Any) -> Story:
    """A phone and a laptop follow a run, and the phone freezes."""
    story = Story("phone", "laptop", oracle=ASKED, **changes)
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 4), "phone", "laptop")
    story.note("phone", "freeze")
    return story


def freeze(story: Story) -> int:
    return next(e.index for e in story.events if e.what == "freeze")


def test_the_laptop_hears_on() -> None:
    story = dropped()
    struck = next(e.index for e in story.events if e.what == "fault")
    found = judged(INDEPENDENCE, story)
    assert list(found) == ["laptop"]
    assert found["laptop"].verdict is PASS
    assert found["laptop"].evidence[0] in (struck, struck - 1)
    assert (found["laptop"].value, found["laptop"].unit) == (5, "ms")


def test_the_laptop_loses_its_stream() -> None:
    story = shared()
    closed = story.sees("laptop", "closed", how="rst")
    laptop = judged(INDEPENDENCE, story)["laptop"]
    assert (laptop.verdict, laptop.evidence) == (GAP, (freeze(story), closed))
    assert "when the phone was disturbed (freeze at" in laptop.why


def test_closing_in_good_order_costs_only_what_was_still_to_come() -> None:
    whole = shared(traits={"subscribes": False}).says(range(4, 7), "laptop")
    whole.sees("laptop", "closed", how="clean")
    assert judged(INDEPENDENCE, whole)["laptop"].verdict is PASS
    half = shared(traits={"subscribes": False})
    half.sees("laptop", "closed", how="clean")
    assert judged(INDEPENDENCE, half)["laptop"].verdict is GAP


def test_the_laptop_falls_silent_while_the_phone_stalls() -> None:
    story = shared()
    story.wait(1500).says([4], "laptop")
    laptop = judged(INDEPENDENCE, story)["laptop"]
    assert (laptop.verdict, laptop.value, laptop.unit) == (GAP, 1501, "ms")
    assert laptop.evidence == (freeze(story), len(story.events) - 1)


def test_a_slow_target_may_pause_longer() -> None:
    story = shared(deadlines={"pace_ms": 100})
    story.wait(1500).says([4], "laptop")
    assert judged(INDEPENDENCE, story)["laptop"].verdict is PASS


def test_an_agent_that_pauses_by_itself_may_do_so_here_too() -> None:
    story = shared(deadlines={"pace_ms": 10, "pause_ms": 900})
    story.wait(1500).says([4], "laptop")
    assert judged(INDEPENDENCE, story)["laptop"].verdict is PASS


def test_a_pause_before_or_after_the_trouble_is_not_its_effect() -> None:
    story = Story("phone", "laptop", oracle=ASKED)
    story.prompts("phone")
    story.says([1], "laptop").wait(3000).says([2], "laptop")
    story.note("phone", "offline")
    story.says([3], "laptop")
    story.note("phone", "online")
    story.says([4], "laptop").wait(3000).says([5], "laptop")
    assert judged(INDEPENDENCE, story)["laptop"].verdict is PASS


def test_without_trouble_or_without_a_run_there_is_no_case() -> None:
    calm = Story("phone", "laptop")
    calm.prompts("phone")
    calm.says([1], "laptop")
    after = Story("phone", "laptop")
    after.prompts("phone")
    after.says([1], "laptop").ends("laptop")
    after.note("phone", "freeze")
    assert [judged(INDEPENDENCE, story) for story in (calm, after)] == [{}, {}]


def test_a_device_that_was_between_two_pieces_and_hears_no_more_keeps_its_stream() -> None:
    story = shared()
    laptop = judged(INDEPENDENCE, story)["laptop"]
    assert (laptop.verdict, laptop.value, laptop.evidence) == (PASS, None, (freeze(story),))


def test_a_stream_lost_before_the_trouble_is_not_its_effect() -> None:
    story = Story("phone", "laptop", oracle=ASKED)
    story.prompts("phone")
    story.says([1], "laptop")
    story.sees("laptop", "closed", how="rst")
    story.note("phone", "freeze")
    assert judged(INDEPENDENCE, story)["laptop"].verdict is PASS


def test_trouble_lasts_until_the_device_is_back() -> None:
    story = shared().says([4], "laptop").wait(1500).says([5], "laptop")
    assert judged(INDEPENDENCE, story)["laptop"].verdict is GAP
    story = shared()
    story.note("phone", "thaw")
    story.says([4], "laptop").wait(1500).says([5], "laptop")
    assert judged(INDEPENDENCE, story)["laptop"].verdict is PASS
    story = shared()
    story.resumes("phone")
    story.says([4], "laptop").wait(1500).says([5], "laptop")
    assert judged(INDEPENDENCE, story)["laptop"].verdict is PASS


def watched() -> Story:
    """The laptop asked, the phone watches, and a tablet opens the session in the middle."""
    story = Story("laptop", "phone", "tablet")
    story.joins("laptop")
    story.joins("phone")
    story.prompts("laptop")
    story.says(range(1, 4), "laptop", "phone")
    return story


def test_whoever_comes_in_the_middle_of_a_run_may_disturb() -> None:
    story = watched()
    join = story.joins("tablet")
    assert judged(INDEPENDENCE, story)["phone"].verdict is PASS
    closed = story.sees("phone", "closed", how="clean", code=1001)
    story.says([4], "laptop", "tablet")
    phone = judged(INDEPENDENCE, story)["phone"]
    assert (phone.verdict, phone.evidence) == (GAP, (join, closed))


def test_who_came_before_anything_was_said_disturbs_nobody() -> None:
    story = Story("laptop", "phone")
    story.joins("laptop")
    story.joins("phone")
    story.prompts("laptop")
    story.says([1], "laptop", "phone")
    assert judged(INDEPENDENCE, story) == {}


def test_a_run_that_stops_because_a_viewer_left() -> None:
    story = watched()
    story.joins("tablet")
    left = story.note("tablet", "leave")
    story.says([4], "laptop", "phone").ends("laptop", "phone", reason="stopped")
    laptop = judged(INDEPENDENCE, story)["laptop"]
    assert laptop.verdict is GAP
    assert left in laptop.evidence
    assert "nobody had stopped it; the tablet, which had not asked for it, had come or gone before (leave" in laptop.why


def test_a_run_that_somebody_stopped_or_whose_asker_was_disturbed_is_no_case() -> None:
    story = watched()
    story.note("tablet", "leave")
    story.stops("phone")
    story.ends("laptop", "phone", reason="stopped")
    assert judged(INDEPENDENCE, story)["phone"].verdict is PASS
    story = watched()
    story.note("laptop", "leave")
    story.ends("phone", reason="stopped")
    assert judged(INDEPENDENCE, story)["phone"].verdict is PASS
