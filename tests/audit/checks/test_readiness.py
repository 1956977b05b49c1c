from __future__ import annotations

from audit.checks.readiness import READINESS
from audit.event import Phase
from audit.history import History

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story

ASKED = {"runs": {"run-1": {"items": 40, "format": "tok-{:04d}"}}}


def stopped(reason: str | None = "stopped") -> Story:
    """The phone's run is stopped after three words."""
    story = Story("phone", oracle=ASKED)
    story.joins("phone")
    story.prompts("phone")
    story.says(range(1, 4), "phone")
    story.stops("phone")
    if reason:
        story.ends("phone", reason=reason)
    return story


def asked(story: Story) -> tuple[int, ...]:
    return tuple(e.index for e in story.events if e.what in ("stop", "prompt"))[2:]


def test_the_next_prompt_just_works() -> None:
    story = stopped()
    story.prompts("phone", "run-2", "r2")
    story.wait(20).says([1], "phone", run="r2")
    phone = judged(READINESS, story)["phone"]
    assert (phone.verdict, phone.value, phone.unit) == (PASS, 22, "ms")
    assert phone.evidence == (*asked(story), len(story.events) - 1)


def test_the_first_words_come_too_late() -> None:
    story = stopped()
    story.prompts("phone", "run-2", "r2")
    story.wait(6000).says([1], "phone", run="r2")
    phone = judged(READINESS, story)["phone"]
    assert (phone.verdict, phone.value) == (GAP, 6002)
    assert phone.evidence == (*asked(story), len(story.events) - 1)


def test_the_next_prompt_is_refused() -> None:
    story = stopped()
    story.does("phone", "prompt", Phase.FAIL, {"status": 409, "error": "busy"}, label="run-2", key="k2", text="?")
    phone = judged(READINESS, story)["phone"]
    assert (phone.verdict, phone.evidence) == (GAP, asked(story))
    assert "failed (409: busy)" in phone.why


def test_the_next_prompt_is_never_answered() -> None:
    story = stopped()
    story.prompts("phone", "run-2", "r2")
    phone = judged(READINESS, story)["phone"]
    assert (phone.verdict, phone.evidence) == (GAP, asked(story))
    cut = History(story.meta, tuple(story.events), whole=False)
    assert judged(READINESS, cut)["phone"].verdict is INCONCLUSIVE


def test_without_an_effect_there_is_nothing_to_learn() -> None:
    story = stopped(None).says(range(4, 41), "phone").ends("phone")
    story.prompts("phone", "run-2", "r2")
    phone = judged(READINESS, story)["phone"]
    assert (phone.verdict, phone.evidence) == (INCONCLUSIVE, asked(story))


def test_without_a_next_prompt_there_is_no_case() -> None:
    story = stopped()
    assert judged(READINESS, story) == {}
    story.prompts("phone", "run-2", "r2")
    story.stops("phone", "run-2")
    assert judged(READINESS, story) == {}


def test_a_next_answer_that_was_stopped_when_it_was_over_counts() -> None:
    story = stopped()
    story.prompts("phone", "run-2", "r2")
    story.says([1], "phone", run="r2").ends("phone", run="r2")
    story.stops("phone", "run-2")
    assert judged(READINESS, story)["phone"].verdict is PASS
