"""Stops, endings and what several devices of a session know of each other's runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from audit.adapters.base import Item, ItemKind
from audit.contract import ConcurrentSend, Contract

from .seers import Seer, Stand
from .test_telling import end, tell, text

BUDGET_S = 1.0  # what a target has when it declares nothing


def stand() -> Stand:
    found = Stand(words=5)
    found.ask(0, "r")
    found.sight.begin("join", None, 0.0)
    tell(found.sight, Item(ItemKind.CAUGHT_UP, cursor="e:0"))
    return found


def words(found: Stand, *numbers: int, at: float = 1.0) -> None:
    for number in numbers:
        tell(found.sight, text(number, run="r", cursor=f"e:{number}"), at=at)


def test_a_run_that_nobody_stopped_may_not_end_stopped() -> None:
    found = stand()
    words(found, 1, 2)
    tell(found.sight, end("stopped", run="r"))
    assert found.faults == {"wrong_end": 1}


def test_a_run_that_was_stopped_may() -> None:
    found = stand()
    words(found, 1, 2)
    found.room.runs[0].stop(1.2)
    tell(found.sight, end("stopped", run="r"))
    assert found.faults == {}


def test_a_run_that_was_stopped_may_not_complete() -> None:
    found = stand()
    words(found, 1, 2)
    found.room.runs[0].stop(1.2)
    words(found, 3, 4, 5)
    tell(found.sight, end(run="r"))
    assert found.faults == {"wrong_end": 1}


def test_a_stop_that_came_too_late_to_matter_is_none() -> None:
    found = stand()
    words(found, 1, at=1.0)
    found.room.runs[0].stop(1.38)  # the last word is due at 1.4
    words(found, 2, 3, 4, 5)
    tell(found.sight, end(run="r"))
    assert found.faults == {}


def test_a_target_may_say_that_a_stop_came_after_the_end() -> None:
    found = stand()
    said = found.room.runs[0]
    said.stop(1.0)
    words(found, 1, 2, 3, 4, 5)
    tell(found.sight, end(run="r"))
    assert found.faults == {"wrong_end": 1}
    found.counts.wrong_end -= said.over_before()
    assert found.faults == {}
    assert said.over_before() == 0


@pytest.mark.parametrize(("after", "slow", "late"), [(0.9, False, 0), (1.2, False, 1), (1.2, True, 0)])
def test_words_that_come_later_than_the_budget_after_a_stop_are_too_many(after: float, slow: bool, late: int) -> None:
    found = stand()
    seer = Seer(1, slow=slow)
    sight = found.seat(seer)
    sight.begin("join", None, 0.0)
    tell(sight, Item(ItemKind.CAUGHT_UP, cursor="e:0"))
    said = found.room.runs[0]
    said.stop(2.0)
    said.stopped_at = 2.1
    tell(sight, text(1, run="r", cursor="e:1"), at=2.1 + after)
    assert found.counts.after_stop == late


def test_what_a_later_stream_brings_may_have_been_said_before_the_stop() -> None:
    found = stand()
    found.room.runs[0].stopped_at = 2.1
    found.sight.begin("resume", None, 3.0)
    tell(found.sight, text(1, run="r", cursor="e:1"), Item(ItemKind.CAUGHT_UP, cursor="e:1"), at=9.0)
    tell(found.sight, text(2, run="r", cursor="e:2"), at=9.1)
    assert found.counts.after_stop == 0


def test_devices_that_saw_less_of_a_stopped_run_have_lost_the_difference() -> None:
    found = stand()
    others = [found.seat(Seer(number)) for number in (1, 2)]
    for sight, seen in zip([found.sight, *others], (2, 4, 3), strict=True):
        sight.expect(found.room.runs[0])
        tell(sight, *(text(n, run="r", cursor=f"e:{n}") for n in range(1, seen + 1)))
    found.room.runs[0].stop(1.0)
    for sight in (found.sight, *others):
        tell(sight, end("stopped", run="r", cursor="e:9"))
    assert found.faults == {"lost": 2 + 1}


@pytest.mark.parametrize(("reason", "policy", "wrong"), [
    ("superseded", "queue", 1), ("superseded", "interrupt", 0), ("failed", "interrupt", 1), ("unknown", "queue", 1),
])  # fmt: skip
def test_other_endings(reason: str, policy: ConcurrentSend, wrong: int) -> None:
    found = stand()
    found.terms.target = replace(found.terms.target, contract=Contract(concurrent_send=policy))
    words(found, 1)
    tell(found.sight, end(reason, run="r"))
    assert found.counts.wrong_end == wrong


def test_a_run_that_was_allowed_to_end_in_any_way_is_not_judged() -> None:
    found = stand()
    found.room.runs[0].excused = True
    words(found, 1)
    tell(found.sight, end("failed", run="r"))
    found.sight.close(judge=True)
    assert found.faults == {}


def test_what_has_not_ended_is_owed_only_when_there_was_time() -> None:
    for judge, faults in ((True, {"unended": 1, "lost": 3}), (False, {})):
        found = stand()
        words(found, 1, 2)
        found.sight.close(judge=judge)
        assert found.faults == faults


def test_of_ended_runs_only_the_last_ledger_is_kept() -> None:
    found = Stand(words=1)
    for number in range(30):
        found.ask(number, f"r{number}")
        tell(found.sight, text(1, run=f"r{number}", cursor=f"e:{2 * number + 1}"))
        tell(found.sight, end(run=f"r{number}", cursor=f"e:{2 * number + 2}"))
    assert list(found.sight.ledgers) == [29]
    assert found.counts.runs == 30
    tell(found.sight, text(1, run="r3", cursor="e:99"))
    assert found.faults == {"repeated": 1}


def test_a_device_that_was_reloaded_is_told_everything_again() -> None:
    found = stand()
    words(found, 1, 2, 3, 4, 5)
    tell(found.sight, end(run="r", cursor="e:6"))
    found.sight.forget()
    assert found.sight.cursor is None
    words(found, 1, 2, 3, 4, 5)
    tell(found.sight, end(run="r", cursor="e:6"))
    assert found.faults == {}
    assert found.counts.runs == 2
