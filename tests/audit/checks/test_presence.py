from __future__ import annotations

from typing import Any

from audit.checks.presence import PRESENCE

from .judged import GAP, INCONCLUSIVE, PASS, judged, verdicts
from .story import Story, answer, counted

TOLD: dict[str, Any] = {"traits": {"presence": True, "presence_ttl_s": 1.0}}


def two(**changes: Any) -> Story:
    """Laptop and phone follow the session, and know it."""
    story = Story("laptop", "phone", **(TOLD | changes))
    story.joins("laptop")
    story.joins("phone")
    shows(story, 2, "laptop", "phone")
    return story


def shows(story: Story, devices: int, *to: str) -> list[int]:
    return [story.sees(who, "presence", devices=devices) for who in to]


def leaves(story: Story, who: str) -> int:
    left = story.note(who, "leave")
    story.sees(who, "closed", how="local")
    return left


def over(story: Story) -> Story:
    story.note("stage", "settled", why="ended")
    return story


def test_what_is_shown_is_true() -> None:
    story = over(two())
    assert verdicts(PRESENCE, story) == {"laptop": PASS, "phone": PASS}
    assert judged(PRESENCE, story)["laptop"].value == 2


def test_who_left_is_taken_off() -> None:
    story = two()
    leaves(story, "phone")
    told = shows(story, 1, "laptop")
    story.wait(3_000)
    laptop = judged(PRESENCE, over(story))["laptop"]
    assert (laptop.verdict, laptop.evidence) == (PASS, tuple(told))


def test_a_phantom() -> None:
    story = two()
    left = leaves(story, "phone")
    story.wait(1_500)
    laptop = judged(PRESENCE, over(story))["laptop"]
    assert (laptop.verdict, laptop.value, laptop.unit) == (GAP, 1, "devices")
    assert left in laptop.evidence or left + 1 in laptop.evidence
    assert "showed 2 devices" in laptop.why and "there were 1." in laptop.why


def test_on_a_machine_that_stood_still_a_late_count_proves_nothing() -> None:
    story = two()
    leaves(story, "phone")
    story.wait(1_500)
    story.note("stage", "lag", ms=1_200)
    assert judged(PRESENCE, over(story))["laptop"].verdict is INCONCLUSIVE


def test_within_its_time_to_live_it_may_be_out_of_date() -> None:
    story = two()
    leaves(story, "phone")
    story.wait(200)
    assert judged(PRESENCE, over(story))["laptop"].verdict is INCONCLUSIVE


def test_a_device_whose_network_is_gone_may_count_or_not() -> None:
    for devices in (1, 2):
        story = two()
        story.strikes("phone", fault="blackhole")
        shows(story, devices, "laptop")
        story.wait(5_000)
        assert judged(PRESENCE, over(story))["laptop"].verdict is not GAP


def test_never_told() -> None:
    story = Story("laptop", **TOLD)
    opened = story.joins("laptop")
    story.wait(2_000)
    laptop = judged(PRESENCE, over(story))["laptop"]
    assert (laptop.verdict, laptop.evidence) == (GAP, (opened,))


def test_a_run_that_is_over_and_still_being_written() -> None:
    story = two()
    story.prompts("laptop")
    story.says(range(1, 4), "laptop", "phone").ends("laptop", "phone")
    over(story.wait(1_500))
    story.reads("phone", answer(counted(3), ending="running"), final=True)
    phone = judged(PRESENCE, story)["phone"]
    assert phone.verdict is GAP
    assert "run-1 is still being written; it ended at" in phone.why


def test_who_is_not_told_shows_nothing() -> None:
    story = Story("laptop")
    story.joins("laptop")
    assert judged(PRESENCE, over(story)) == {}
