from __future__ import annotations

import pytest

from audit.checks.starved import fair, stood_still_ms
from audit.checks.verdicts import gap, passed
from audit.event import Event
from audit.history import History

from .judged import GAP, INCONCLUSIVE, PASS
from .story import Story


def waited(took_ms: float, *lags: tuple[float, float]) -> tuple[History, Event, Event]:
    """A wait between two words, and when in it our own loop came to itself again after how long."""
    story = Story("phone", step_ms=0)
    story.wait(1_000)
    start, before = story.sees("phone", "text", text="a "), 0.0
    for at_ms, ms in lags:
        story.wait(at_ms - before)
        before = at_ms
        story.note("stage", "lag", ms=ms)
    story.wait(took_ms - before)
    end = story.sees("phone", "text", text="b ")
    history = story.history()
    return history, history.events[start], history.events[end]


def test_only_what_lies_between_the_two_events_counts() -> None:
    assert stood_still_ms(*waited(1_000, (400, 150), (900, 300))) == 450
    assert stood_still_ms(*waited(1_000, (100, 600))) == 100
    assert stood_still_ms(*waited(1_000)) == 0


@pytest.mark.parametrize(
    ("took_ms", "lag_ms", "allowed_ms", "verdict"),
    [
        (4_000, 0, None, GAP),
        (4_000, 900, None, GAP),
        (4_000, 1_000, None, INCONCLUSIVE),
        (2_300, 200, 2_000, INCONCLUSIVE),
        (2_500, 200, 2_000, GAP),
        (2_500, 0, 2_500, GAP),
    ],
)
def test_a_gap_counts_unless_we_could_not_look(took_ms: float, lag_ms: float, allowed_ms: float, verdict: str) -> None:
    history, start, end = waited(took_ms, *([(2_000, lag_ms)] if lag_ms else []))
    found = fair(gap("hang", "phone", "It hung.", [start.index], value=took_ms), history, start, end, allowed_ms)
    assert (found.verdict, found.evidence, found.device) == (verdict, (start.index,), "phone")
    assert ("stood still" in found.why) is (verdict is INCONCLUSIVE)


def test_what_is_no_gap_stays_what_it_is() -> None:
    history, start, end = waited(1_000, (900, 900))
    found = passed("hang", "phone", "It came.")
    assert fair(found, history, start, end) is found and found.verdict is PASS
