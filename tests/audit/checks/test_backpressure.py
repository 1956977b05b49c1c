from __future__ import annotations

from audit.checks.backpressure import BACKPRESSURE
from audit.event import Phase

from .judged import GAP, INCONCLUSIVE, PASS, judged, verdicts
from .story import Story


def throttled() -> Story:
    """A phone crawls while a laptop reads the first five of ten words."""
    story = Story("phone", "laptop")
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.strikes("phone", "bandwidth")
    story.says(range(1, 6), "laptop")
    return story


def drained(story: Story, numbers: range = range(1, 11)) -> Story:
    """The laptop hears the rest, the phone is let go, and has what it has."""
    story.says(range(6, 11), "laptop").ends("laptop")
    lifted = {"fault": "bandwidth", "settings": {}, "state": "lifted", "up_bytes": 1, "down_bytes": 1}
    story.note("link:phone", "fault", **lifted)
    story.says(numbers, "phone")
    return story


def test_the_laptop_reads_on_and_the_phone_catches_up() -> None:
    found = judged(BACKPRESSURE, drained(throttled()).ends("phone"))
    assert {device: each.verdict for device, each in found.items()} == {"phone": PASS, "laptop": PASS}
    assert (found["phone"].value, found["phone"].unit, found["laptop"].unit) == (0, "words", "ms")


def test_the_laptop_waits_for_the_phone() -> None:
    found = judged(BACKPRESSURE, drained(throttled().wait(2_000)).ends("phone"))
    assert (found["phone"].verdict, found["laptop"].verdict) == (PASS, GAP)
    assert found["laptop"].value == 2_001


def test_the_laptop_never_hears_the_rest() -> None:
    story = throttled().wait(3_000)
    story.says(range(1, 11), "phone").ends("phone")
    assert judged(BACKPRESSURE, story)["laptop"].verdict is GAP


def test_we_ourselves_stood_still() -> None:
    story = throttled().wait(2_000)
    story.note("stage", "lag", ms=900)
    assert judged(BACKPRESSURE, drained(story).ends("phone"))["laptop"].verdict is INCONCLUSIVE


def test_what_did_not_fit_is_gone() -> None:
    phone = judged(BACKPRESSURE, drained(throttled(), range(1, 5)).says([9, 10], "phone").ends("phone"))["phone"]
    assert (phone.verdict, phone.value, phone.unit) == (GAP, 4, "words")


def test_nothing_more_comes_though_there_is_more() -> None:
    story = drained(throttled(), range(1, 5))
    story.wait(1_500).note("stage", "settled", why="deadline")
    assert judged(BACKPRESSURE, story)["phone"].verdict is GAP


def test_a_phone_that_was_still_catching_up_is_not_judged() -> None:
    story = drained(throttled(), range(1, 5))
    story.wait(200).note("stage", "settled", why="deadline")
    assert judged(BACKPRESSURE, story)["phone"].verdict is INCONCLUSIVE


def test_whoever_is_cut_off_or_told_of_a_gap_is_told() -> None:
    cut = drained(throttled(), range(1, 5))
    cut.add("phone", Phase.SEEN, "closed", conn=1, how="clean", code=4008)
    named = drained(throttled(), range(1, 5))
    named.sees("phone", "gap", reason="expired")
    for story in (cut, named):
        story.wait(1_500).note("stage", "settled", why="deadline")
        assert judged(BACKPRESSURE, story)["phone"].verdict is PASS


def test_a_laptop_that_lost_its_stream_is_for_other_rules() -> None:
    story = throttled()
    story.add("laptop", Phase.SEEN, "closed", conn=1, how="rst")
    story.wait(3_000)
    assert "laptop" not in verdicts(BACKPRESSURE, story)


def test_nobody_read_slowly() -> None:
    story = Story("phone")
    story.joins("phone")
    story.prompts("phone")
    story.says(range(1, 6), "phone").ends("phone")
    assert verdicts(BACKPRESSURE, story) == {}
