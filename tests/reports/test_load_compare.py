from __future__ import annotations

from dataclasses import replace

import pytest

from audit.load.result import Quantiles
from reports.load_compare import compare, ratio

from . import load_runs


@pytest.mark.parametrize(
    ("own", "other", "told"),
    [
        (39.2, 11.76, "3.3×"),
        (10.0, 20.0, "0.5×"),
        (10.0, 10.3, "about 1×"),
        (500.0, 1.0, "500×"),
        (None, 1.0, ""),
        (1.0, None, ""),
        (1.0, 0.0, ""),
    ],
)
def test_ratios(own: float | None, other: float | None, told: str) -> None:
    assert ratio(p95(own), p95(other)) == told


def p95(value: float | None, *ends: float) -> Quantiles:
    return Quantiles(50, None, value, None, None, None, {"p95": (ends[0], ends[1])} if ends else {})


def test_a_ratio_of_two_that_may_be_the_same_says_so() -> None:
    assert ratio(p95(13.0, 9.0, 14.0), p95(10.0, 8.0, 12.0)) == "1.3×, or chance"
    assert ratio(p95(13.0, 12.5, 14.0), p95(10.0, 8.0, 12.0)) == "1.3×"


def test_a_run_alone() -> None:
    found = compare(load_runs.held(), None, None)
    assert found.names == ("this run",)
    assert not found.several
    assert [measure.title for measure in found.measures][:2] == ["Resume delay", "Caught-up delay"]
    assert found.measures[0].rows[0].cells == ("120,000", "14", "39.2", "77", "18.2", "140")


def test_three_side_by_side() -> None:
    found = compare(load_runs.held(), load_runs.reference(), load_runs.earlier())
    assert found.names == ("this run", "reference", "earlier run")
    own, reference, earlier = found.measures[0].rows
    assert (own.ratio, reference.ratio, earlier.ratio) == ("", "3.3×", "0.62×")
    assert own.bar and reference.bar and own.bar.p50 > reference.bar.p50
    assert {count.label: count.cells for count in found.counts}["Devices"] == ("5,000",) * 3


def test_only_this_runs_faults_are_marked() -> None:
    found = compare(load_runs.held(), load_runs.lossy(), None)
    assert not any(fault.bad for fault in found.faults)
    marked = [fault.label for fault in compare(load_runs.lossy(), None, None).faults if fault.bad]
    assert marked == ["Words lost", "Words repeated", "Words out of order", "Runs that never ended"]


def test_what_does_not_compare_is_said() -> None:
    other = replace(load_runs.reference(), plan={**load_runs.held().plan, "devices": 100, "away_s": 9.0})
    warnings = compare(load_runs.held(), replace(other, void="too busy"), load_runs.earlier()).warnings
    assert warnings == (
        "The reference had another plan (devices 5000 here, 100 there, away_s 0.5 here, 9.0 there), so it compares "
        "only roughly.",
        "The reference is void, so it proves nothing: too busy",
        "The earlier run had another seed (6): the same kind of crowd, at other instants.",
    )
    assert compare(load_runs.held(), load_runs.reference(), None).warnings == ()


def test_a_measure_that_only_one_run_has() -> None:
    bare = replace(load_runs.held(), measures={})
    row, _ = compare(bare, load_runs.reference(), None).measures[0].rows
    assert row.cells == ("0", "–", "–", "–", "–", "–")
    assert row.bar is None
