from __future__ import annotations

from typing import Any

from audit.checks.credential_expiry import CREDENTIAL_EXPIRY
from audit.event import Phase, Value

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story

ASKED = {"runs": {"run-1": {"items": 10, "format": "tok-{:04d}"}}}


def expired(cut: bool = True, **changes: Any) -> Story:
    """The phone's credential expires after five of ten words."""
    story = Story("phone", "laptop", **({"oracle": ASKED} | changes))
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 6), "phone", "laptop")
    if cut:
        story.add("phone", Phase.SEEN, "closed", conn=1, how="clean", code=4401)
    return story


def renewed(story: Story, outcome: Phase = Phase.OK, reply: Value | None = None) -> Story:
    """It gets another one and comes back; the laptop sees the rest meanwhile."""
    story.says(range(6, 8), "laptop")
    story.note("phone", "renewed")
    story.does("phone", "resume", outcome, {"conn": 2, **(reply or {})}, conn=2, cursor="e:5")
    return story.says(range(8, 11), "laptop")


def test_a_pause_and_nothing_else() -> None:
    story = expired()
    story.does("phone", "resume", Phase.FAIL, {"status": 401}, conn=2)
    story = renewed(story).says(range(6, 11), "phone", conn=2).ends("laptop").ends("phone", conn=2)
    assert judged(CREDENTIAL_EXPIRY, story)["phone"].verdict is PASS


def test_a_stream_that_outlives_its_credential_is_fine() -> None:
    story = expired(cut=False).says(range(6, 11), "phone", "laptop")
    story.note("phone", "renewed")
    phone = judged(CREDENTIAL_EXPIRY, story.ends("phone", "laptop"))["phone"]
    assert phone.verdict is PASS and "went on all the same" in phone.why


def test_an_ending_that_is_none_is_a_gap() -> None:
    story = expired(cut=False).ends("phone")
    story.add("phone", Phase.SEEN, "closed", conn=1, how="clean")
    phone = judged(CREDENTIAL_EXPIRY, renewed(story))["phone"]
    assert phone.verdict is GAP and "looked like an ending: completed" in phone.why


def test_so_is_nothing_to_resume() -> None:
    story = expired()
    story.does("phone", "resume", answer={"nothing": True}, conn=2)
    phone = judged(CREDENTIAL_EXPIRY, renewed(story))["phone"]
    assert phone.verdict is GAP and "nothing more to come" in phone.why


def test_a_fresh_credential_that_is_refused_is_a_gap() -> None:
    phone = judged(CREDENTIAL_EXPIRY, renewed(expired(), Phase.FAIL, {"status": 401}))["phone"]
    assert phone.verdict is GAP and "401" in phone.why


def test_a_run_that_ends_with_the_credential_is_a_gap() -> None:
    story = renewed(expired()).ends("laptop", reason="failed").ends("phone", reason="failed", conn=2)
    phone = judged(CREDENTIAL_EXPIRY, story)["phone"]
    assert phone.verdict is GAP and "ended failed" in phone.why


def test_words_that_never_come_are_a_gap() -> None:
    story = renewed(expired()).says(range(9, 11), "phone", conn=2).ends("laptop").ends("phone", conn=2)
    phone = judged(CREDENTIAL_EXPIRY, story)["phone"]
    assert (phone.verdict, phone.value) == (GAP, 3)


def test_too_late_or_never_back_proves_nothing() -> None:
    story = expired(cut=False).says(range(6, 11), "phone", "laptop").ends("phone", "laptop")
    story.note("phone", "renewed")
    assert judged(CREDENTIAL_EXPIRY, story)["phone"].verdict is INCONCLUSIVE
    story = expired()
    story.note("phone", "renewed")
    assert judged(CREDENTIAL_EXPIRY, story)["phone"].verdict is INCONCLUSIVE


def test_without_a_renewal_there_is_no_case() -> None:
    assert judged(CREDENTIAL_EXPIRY, expired()) == {}
