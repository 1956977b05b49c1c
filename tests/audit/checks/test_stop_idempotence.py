from __future__ import annotations

from audit.checks.stop_idempotence import STOP_IDEMPOTENCE
from audit.event import Phase, Value

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story


def twice(outcome: Phase | None = Phase.OK, reply: Value | None = None, first: Phase = Phase.OK) -> Story:
    """The phone presses stop twice."""
    story = Story("phone", "laptop")
    story.prompts("phone")
    story.does("phone", "stop", first, label="run-1", key="k")
    story.does("phone", "stop", outcome, reply, label="run-1", key="k")
    return story


def last(story: Story) -> tuple[int, ...]:
    return (len(story.events) - 2, len(story.events) - 1)


def test_the_second_stop_succeeds() -> None:
    story = twice(reply={"ended": True})
    phone = judged(STOP_IDEMPOTENCE, story)["phone"]
    assert (phone.verdict, phone.evidence) == (PASS, last(story))


def test_the_second_stop_is_an_error() -> None:
    story = twice(Phase.FAIL, {"status": 404})
    phone = judged(STOP_IDEMPOTENCE, story)["phone"]
    assert (phone.verdict, phone.evidence) == (GAP, last(story))
    assert "failed (404)" in phone.why


def test_so_is_one_after_the_end_from_another_device() -> None:
    story = Story("phone", "laptop")
    story.prompts("phone")
    story.ends("phone")
    story.does("laptop", "stop", Phase.FAIL, {"status": 400}, label="run-1", key="k")
    assert judged(STOP_IDEMPOTENCE, story)["laptop"].verdict is GAP


def test_nobody_knows_what_became_of_it() -> None:
    assert judged(STOP_IDEMPOTENCE, twice(Phase.INFO))["phone"].verdict is INCONCLUSIVE
    assert judged(STOP_IDEMPOTENCE, twice(None))["phone"].verdict is INCONCLUSIVE


def test_a_single_stop_or_one_after_a_refusal_is_no_case() -> None:
    story = Story("phone")
    story.prompts("phone")
    story.stops("phone")
    assert judged(STOP_IDEMPOTENCE, story) == {}
    assert judged(STOP_IDEMPOTENCE, twice(Phase.FAIL, first=Phase.FAIL)) == {}


def test_hanging_up_twice_or_having_no_stop_is_no_case() -> None:
    assert judged(STOP_IDEMPOTENCE, twice(Phase.INFO, {"hangup": True})) == {}
    assert judged(STOP_IDEMPOTENCE, twice(Phase.FAIL, {"unsupported": True})) == {}
