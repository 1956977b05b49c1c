from __future__ import annotations

from typing import Any

import pytest

from audit.checks.concurrency import CONCURRENCY
from audit.event import Phase

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story

ASKED = {"runs": {label: {"items": 6, "format": "tok-{:04d}"} for label in ("run-1", "run-2")}}
WORDS = range(1, 7)


def begun(policy: str | None = "queue", **changes: Any) -> Story:
    """Two devices watch run-1, and two of its six words have come."""
    story = Story("phone", "laptop", oracle=ASKED, contract={"concurrent_send": policy}, **changes)
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    return story.says([1, 2], "phone", "laptop")


def asks(story: Story) -> int:
    return story.prompts("laptop", "run-2", "r2")


def first_ends(story: Story, reason: str = "completed") -> Story:
    return story.ends("phone", "laptop", reason=reason, at=100)


def second(story: Story, numbers: range = WORDS) -> Story:
    for n in numbers:
        for who in ("phone", "laptop"):
            story.sees(who, "text", "r2", text=f"tok-{n:04d} ", cursor=f"e:{200 + n}")
    return story


def settled(story: Story) -> Story:
    story.ends("phone", "laptop", run="r2", at=300)
    story.note("stage", "settled", why="ended")
    return story


def queued(policy: str | None) -> Story:
    story = begun(policy)
    asks(story)
    story.wait(500)
    return settled(second(first_ends(story.says(range(3, 7), "phone", "laptop"))))


def interrupting(policy: str) -> Story:
    story = begun(policy)
    asks(story)
    return settled(second(first_ends(story, "superseded")))


def beside(policy: str) -> Story:
    story = begun(policy)
    asks(story)
    second(story, range(1, 4))
    first_ends(story.says(range(3, 7), "phone", "laptop"))
    return settled(second(story, range(4, 7)))


def refusing(policy: str) -> Story:
    story = begun(policy)
    busy = {"error": "busy", "code": "busy"}
    story.does("laptop", "prompt", Phase.FAIL, busy, text="count (run-2)", key="k2", label="run-2")
    first_ends(story.says(range(3, 7), "phone", "laptop"))
    story.note("stage", "settled", why="ended")
    return story


PLAYED = {"queue": queued, "interrupt": interrupting, "parallel": beside, "reject": refusing}


@pytest.mark.parametrize("declared", PLAYED)
@pytest.mark.parametrize("played", PLAYED)
def test_what_is_declared_is_what_must_happen(declared: str, played: str) -> None:
    story = PLAYED[played](declared)
    laptop = judged(CONCURRENCY, story)["laptop"]
    assert laptop.verdict is (PASS if declared == played else GAP)
    prompt = next(e.index for e in story.events if e.what == "prompt" and e.value.get("label") == "run-2")
    assert laptop.evidence[0] == prompt


def test_what_is_not_declared_cannot_be_held_against_anybody() -> None:
    assert judged(CONCURRENCY, queued(None))["laptop"].verdict is INCONCLUSIVE


@pytest.mark.parametrize("policy", ["queue", "parallel", "interrupt"])
def test_an_accepted_prompt_that_is_never_answered(policy: str) -> None:
    story = begun(policy)
    asks(story)
    first_ends(story.says(range(3, 7), "phone", "laptop"))
    rest = story.note("stage", "settled", why="deadline")
    laptop = judged(CONCURRENCY, story)["laptop"]
    assert (laptop.verdict, laptop.evidence[-1]) == (GAP, rest)
    assert "not a word of run-2 came" in laptop.why


def test_silence_is_no_refusal_that_anybody_was_told_of() -> None:
    story = begun("reject")
    asks(story)
    first_ends(story.says(range(3, 7), "phone", "laptop"))
    story.note("stage", "settled", why="deadline")
    assert judged(CONCURRENCY, story)["laptop"].verdict is INCONCLUSIVE


def test_the_second_answer_writes_into_the_first() -> None:
    story = begun()
    asks(story)
    story.says(range(3, 7), "phone", "laptop")
    strays = [story.sees(who, "text", "r1", text="tok-0001 ", cursor="e:50") for who in ("phone", "laptop")]
    settled(second(first_ends(story), range(2, 7)))
    laptop = judged(CONCURRENCY, story)["laptop"]
    assert (laptop.verdict, laptop.value) == (GAP, 1)
    assert strays[0] in laptop.evidence


def test_a_prompt_after_the_end_is_no_case() -> None:
    story = first_ends(begun().says(range(3, 7), "phone", "laptop"))
    asks(story)
    assert judged(CONCURRENCY, settled(second(story))) == {}


def test_a_first_answer_that_was_stopped_is_no_case() -> None:
    story = begun()
    asks(story)
    story.stops("phone")
    assert judged(CONCURRENCY, settled(second(first_ends(story, "stopped")))) == {}


@pytest.mark.parametrize("policy", ["parallel", "interrupt"])
def test_an_answer_that_is_nearly_over_tells_nothing(policy: str) -> None:
    story = begun(policy)
    asks(story)
    settled(second(first_ends(story.says(range(3, 7), "phone", "laptop"))))
    assert judged(CONCURRENCY, story)["laptop"].verdict is INCONCLUSIVE


def test_a_lost_connection_may_be_why_the_first_one_failed() -> None:
    story = begun()
    asks(story)
    story.strikes("phone")
    story.resumes("phone")
    story.ends("laptop", reason="failed", at=100)
    settled(second(story))
    assert judged(CONCURRENCY, story)["laptop"].verdict is INCONCLUSIVE


def test_where_words_have_no_name_nobody_can_tell() -> None:
    story = Story("phone", oracle=ASKED)
    mark = story.note("stage", "mark", name="nameless", label="run-1")
    found = judged(CONCURRENCY, story)[None]
    assert (found.verdict, found.evidence) == (INCONCLUSIVE, (mark,))


def test_words_that_we_had_to_name_ourselves_accuse_nobody() -> None:
    story = Story("phone", oracle=ASKED)
    story.joins("phone")
    story.prompts("phone", run=None)
    story.says([1, 2], "phone", run="run-1")
    story.prompts("phone", "run-2", None)
    story.says(range(3, 7), "phone", run="run-2").ends("phone", run="run-2")
    assert judged(CONCURRENCY, story) == {}


@pytest.mark.parametrize(("conn", "verdict"), [(2, GAP), (3, PASS)])
def test_a_stream_that_was_joined_may_be_of_another_answer(conn: int, verdict: object) -> None:
    """The phone's second prompt opened its connection 2; whatever connection 3 brings was asked for by no name."""
    story = Story("phone", oracle=ASKED, contract={"concurrent_send": "parallel"}, traits={"subscribes": False})
    for label, run, opened in (("run-1", "r1", 1), ("run-2", "r2", 2)):
        asked: dict[str, Any] = {
            "text": label,
            "key": label,
            "label": label,
            "asked": {"items": 6, "format": "tok-{:04d}"},
        }
        story.does("phone", "prompt", answer={"run": run, "conn": opened}, conn=opened, **asked)
        story.says([1, 2], "phone", run=run, conn=opened).wait(100)
    story.says(range(3, 7), "phone").ends("phone").says(range(3, 7), "phone", run="r2", conn=2)
    story.says([7], "phone", run="r2", conn=conn).ends("phone", run="r2", conn=2)
    story.note("stage", "settled", why="ended")
    assert judged(CONCURRENCY, story)["phone"].verdict is verdict
