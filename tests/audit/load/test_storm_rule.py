"""The `storm` rule: everybody is back within a bound, and nothing is lost."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest

from audit.finding import Verdict
from audit.load.churn import Churn, Storm
from audit.load.result import GateResult, LoadResult, StormResult
from audit.load.storm_rule import BUDGET_S, STORM

from .samples import NOTHING, result, window

PLANNED = Storm(at_s=20.0, away_s=0.5, jitter_s=0.5)


def run(recovered_s: float | None = 3.2, planned: tuple[Storm, ...] = (PLANNED,), **changes: Any) -> LoadResult:
    """A minute of answers of four seconds each, with a storm at 20 s."""
    storms = (StormResult(20.0, 1_000, recovered_s, 0, NOTHING),)
    plan = asdict(Churn(words=20, pace_ms=200.0, storms=planned))
    windows = tuple(window(at * 10.0, 1_000, 9_000) for at in range(6))
    return result(**{"plan": plan, "storms": storms, "windows": windows, **changes})


def lost_at(at_s: float) -> LoadResult:
    """Three words were found missing in the window of this instant."""
    made = run()
    windows = tuple(replace(each, lost=3 if each.at_s == at_s else 0) for each in made.windows)
    return replace(made, windows=windows, lost=3)


def test_back_in_time_and_whole_passes() -> None:
    found = STORM.judge(run())
    assert (found.rule, found.verdict, found.value, found.unit) == ("storm", Verdict.PASS, 3.2, "s")
    assert "Of 1,000 devices cut at once at 20 s, 99 % had everything again after 3.20 s, nothing lost" in found.why


@pytest.mark.parametrize(("over_s", "verdict"), [(-0.1, Verdict.PASS), (0.1, Verdict.GAP)])
def test_the_budget_counts_from_the_last_planned_return(over_s: float, verdict: Verdict) -> None:
    assert STORM.judge(run(0.5 + 0.5 + BUDGET_S + over_s)).verdict is verdict


def test_a_storm_that_is_never_recovered_from_is_a_gap() -> None:
    found = STORM.judge(run(None))
    assert (found.verdict, found.value) == (Verdict.GAP, None)
    assert "fewer than 99 % had everything again" in found.why


def test_words_that_were_lost_on_the_way_back_are_a_gap() -> None:
    found = STORM.judge(lost_at(20.0))
    assert found.verdict is Verdict.GAP and "3 words were lost" in found.why


def test_a_word_that_was_lost_after_two_storms_counts_once() -> None:
    storms = (StormResult(20.0, 1_000, None, 0, NOTHING), StormResult(40.0, 1_000, None, 0, NOTHING))
    planned = asdict(Churn(words=20, pace_ms=200.0, storms=(PLANNED, replace(PLANNED, at_s=40.0))))
    found = STORM.judge(replace(lost_at(50.0), storms=storms, plan=planned))
    assert found.why == "3 words were lost on devices that came back around the storms."


def test_words_that_were_lost_at_another_time_are_not_the_storms() -> None:
    assert STORM.judge(lost_at(0.0)).verdict is Verdict.PASS
    assert STORM.judge(lost_at(40.0)).verdict is Verdict.PASS


@pytest.mark.parametrize(("met", "verdict"), [(True, Verdict.PASS), (False, Verdict.GAP)])
def test_a_gate_that_somebody_set_takes_the_place_of_the_budget(met: bool, verdict: Verdict) -> None:
    gate = GateResult("storm_recovered_s <= 40", 30.0, met)
    found = STORM.judge(run(30.0, gates=(gate,)))
    assert found.verdict is verdict and "gate storm_recovered_s <= 40" in found.why


def test_the_worst_of_several_storms_speaks() -> None:
    later = Storm(at_s=40.0)
    storms = (StormResult(20.0, 900, 2.0, 0, NOTHING), StormResult(40.0, 900, 30.0, 0, NOTHING))
    found = STORM.judge(run(planned=(PLANNED, later), storms=storms))
    assert found.verdict is Verdict.GAP and "at 40 s" in found.why


def test_without_a_planned_storm_it_does_not_apply() -> None:
    assert STORM.judge(run(planned=(), storms=())).verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"void": "the generator was busy"}, "void: the generator was busy"),
        ({"partial": "stopped"}, "not complete: stopped"),
        ({"storms": ()}, "Only 0 of 1 storms found any device to cut"),
        ({"storms": (StormResult(20.0, 0, None, 0, NOTHING),)}, "Only 0 of 1 storms"),
    ],
)
def test_what_was_not_shown_is_inconclusive(changes: dict[str, Any], why: str) -> None:
    found = STORM.judge(run(**changes))
    assert found.verdict is Verdict.INCONCLUSIVE and why in found.why
