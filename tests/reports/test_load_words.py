from __future__ import annotations

from dataclasses import replace

import pytest

from audit.finding import Verdict
from audit.load.result import DIED, GateResult, LoadResult, Quantiles
from reports import load_words

from . import load_runs

HELD = load_runs.held()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "nothing lost, repeated or reordered."),
        ({"lost": 1}, "1 word lost."),
        ({"lost": 2, "reordered": 1}, "2 words lost, 1 word out of order."),
        ({"unended": 1}, "nothing lost, repeated or reordered, but 1 run never ended."),
        ({"after_stop": 3}, "nothing lost, repeated or reordered, but 3 words after a stop."),
        ({"events": 0}, "nothing arrived."),
    ],
)
def test_the_headline(changes: dict[str, int], told: str) -> None:
    assert load_words.headline(replace(HELD, **changes)) == f"5,000 devices, 119,777 resumes: {told}"  # type: ignore[arg-type]  # counts only


FAILED = GateResult("resume_delay_p95_ms < 20", 39.2, False)
OPEN = GateResult("stop_delay_p99_ms < 1000", None, None)
ALLOWED = GateResult("lost <= 5", 2.0, True)


SURE = Quantiles(500, 450.04, 1_391.0, None, 1.0, 2.0, {"p50": (430.0, 470.6), "p95": (1_384.0, 1_460.0)})


def test_how_sure_a_figure_is_in_its_own_unit() -> None:
    assert load_words.sure_number(SURE, "p95") == "1,391 (1,384–1,460)"
    assert load_words.sure_duration(SURE, "p95") == "1.39 s (1.38–1.46)"
    assert load_words.sure_duration(SURE, "p50") == "450 ms (430–471)"
    assert load_words.sure_duration(SURE, "p99") == load_words.NOTHING


@pytest.mark.parametrize("ends", [(float("nan"), 1.0), (2.0, 1.0), (-1.0, 1.0), (0.0, float("inf"))])
def test_what_is_no_interval_is_none(ends: tuple[float, float]) -> None:
    assert load_words.interval(replace(SURE, intervals={"p50": ends}), "p50") is None


def test_how_a_run_ended_early() -> None:
    assert load_words.ended(HELD) == ""
    assert load_words.ended(replace(HELD, partial=f"{DIED} 3 s after the load began", void="x")).startswith("Not com")
    assert load_words.ended(replace(HELD, partial="stopped")).startswith("Ended early (stopped): the rest")


@pytest.mark.parametrize(
    ("result", "verdict", "word"),
    [
        (HELD, Verdict.PASS, "held"),
        (replace(HELD, gates=()), Verdict.PASS, "held"),
        (replace(HELD, lost=2, gates=()), Verdict.GAP, "broken"),
        (replace(HELD, foreign=2), Verdict.GAP, "broken"),
        (replace(HELD, lost=2, gates=(ALLOWED,)), Verdict.PASS, "held"),
        (replace(HELD, lost=2, repeated=1, gates=(ALLOWED,)), Verdict.GAP, "broken"),
        (replace(HELD, gates=(FAILED, OPEN)), Verdict.GAP, "failed"),
        (replace(HELD, gates=(OPEN,)), Verdict.INCONCLUSIVE, "open"),
        (replace(HELD, events=0), Verdict.INCONCLUSIVE, "open"),
        (replace(HELD, partial="stopped"), Verdict.INCONCLUSIVE, "interrupted"),
        (replace(HELD, void="too busy"), Verdict.INCONCLUSIVE, "void"),
        (replace(HELD, void="too busy", lost=9, gates=(FAILED,)), Verdict.INCONCLUSIVE, "void"),
    ],
)
def test_what_a_run_comes_to(result: LoadResult, verdict: Verdict, word: str) -> None:
    found = load_words.outcome(result)
    assert (found.verdict, found.word) == (verdict, word)


def test_a_void_run_says_first_that_it_proves_nothing() -> None:
    first, second = load_words.sentences(load_runs.void())
    assert first == "This run proves nothing, neither good nor bad."
    assert second.startswith("For the record only: 5,000 devices")


@pytest.mark.parametrize("gate", [*load_runs.gates(), *load_runs.gates(lost=9)])
def test_no_gate_of_a_void_run_is_met_or_failed(gate: GateResult) -> None:
    assert load_words.gate_verdict(load_runs.void(), gate) is Verdict.INCONCLUSIVE


def test_a_gate_without_a_number_says_why() -> None:
    assert load_words.gate_value(OPEN) == "too few samples"
    assert load_words.gate_value(GateResult("storm_recovered_s < 10", None, False)) == "never"
    assert load_words.gate_value(FAILED) == "39.2"


def test_how_sure_a_zero_makes_us() -> None:
    assert "fewer than one resume in 39,925" in load_words.assurance(HELD)
    for silent in (load_runs.lossy(), load_runs.void(), replace(HELD, resumes=20)):
        assert load_words.assurance(silent) == ""


@pytest.mark.parametrize(
    ("ms", "told"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (float("inf"), "–"),
        (0.0, "0 ms"),
        (1e-7, "0 ms"),
        (0.4213, "0.421 ms"),
        (999.4, "999 ms"),
        (3_210.0, "3.21 s"),
        (125_400.0, "125 s"),
    ],
)
def test_durations(ms: float | None, told: str) -> None:
    assert load_words.duration(ms) == told


def test_measures_come_in_their_order_and_unknown_ones_last() -> None:
    strange = {f"z{number}": load_runs.quantiles(1.0) for number in range(50)}
    found = [name for name, _ in load_words.measures(replace(HELD, measures={**strange, **HELD.measures}))]
    assert found[:-6] == [name for name in load_words.TITLES if name in HELD.measures]
    assert found[-6:] == sorted(strange)[:6]
