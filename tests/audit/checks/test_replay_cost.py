from __future__ import annotations

from typing import Any

from audit.checks.replay_cost import REPLAY_COST

from .judged import GAP, PASS, judged
from .story import Story


def joined(times: int = 1, received: int | None = 6_000, words: int = 40, marked: bool = True) -> Story:
    """The phone opens the session and is told what was said, so many times."""
    story = Story("laptop", "phone")
    story.joins("laptop")
    story.prompts("laptop")
    story.says(range(1, words + 1), "laptop")
    story.joins("phone")
    for _ in range(times):
        story.says(range(1, words + 1), "phone")
    told: dict[str, Any] = {} if received is None else {"bytes": received}
    told |= {} if marked else {"how": "local"}
    story.sees("phone", "caught-up" if marked else "closed", **told)
    return story


def test_as_much_as_there_is_to_show() -> None:
    story = joined()
    phone = judged(REPLAY_COST, story)["phone"]
    assert (phone.verdict, phone.value, phone.unit) == (PASS, round(6_000 / 360, 1), "bytes per byte")
    assert "showed 360 bytes of text" in phone.why


def test_the_same_text_again_and_again() -> None:
    story = joined(times=3)
    phone = judged(REPLAY_COST, story)["phone"]
    assert (phone.verdict, phone.value, phone.unit) == (GAP, 3.0, "times")
    assert len(phone.evidence) == 2


def test_envelopes_that_outweigh_the_text() -> None:
    phone = judged(REPLAY_COST, joined(received=60_000))["phone"]
    assert (phone.verdict, phone.unit) == (GAP, "bytes per byte")


def test_where_nothing_marks_the_end_of_history_the_whole_stream_counts() -> None:
    assert judged(REPLAY_COST, joined(marked=False, received=None))["phone"].verdict is PASS
    assert judged(REPLAY_COST, joined(times=2, marked=False, received=None))["phone"].verdict is GAP


def test_a_growing_snapshot_for_every_word() -> None:
    story = Story("laptop", "phone")
    story.prompts("laptop")
    story.says(range(1, 41), "laptop")
    story.joins("phone")
    for words in range(1, 41):
        story.sees("phone", "snapshot", text="".join(f"tok-{n:04d} " for n in range(1, words + 1)))
    story.sees("phone", "caught-up", bytes=9_000)
    phone = judged(REPLAY_COST, story)["phone"]
    assert (phone.verdict, phone.value) == (GAP, 20.5)


def test_too_little_to_tell() -> None:
    assert judged(REPLAY_COST, joined(words=5)) == {}
