from __future__ import annotations

from reports.gapmap import gap_map
from reports.gaps import Budget, gaps, places

from . import samples


def test_rules_stand_where_they_broke() -> None:
    found = gap_map(samples.bad(), places(gaps(samples.bad(), "t1", Budget())))
    (line,) = (line for line in found.lines if line.scenario == "network-drop")
    delivery, continuity, _ = line.cells
    assert [mark.rule for mark in delivery.gaps] == ["loss", "survival", "duplication"]
    assert delivery.gaps[2].rate == "1/3"
    assert delivery.gaps[2].interval == "6–79 %"
    assert delivery.gaps[0].anchor == "t1g1-2"
    assert (delivery.passed, delivery.inconclusive) == (4, 0)
    assert continuity.empty


def test_the_worst_scenario_comes_first_and_clean_ones_are_only_named() -> None:
    worst = gap_map(samples.bad(), {})
    weights = [line.weight for line in worst.lines]
    assert weights == sorted(weights, reverse=True)
    perfect = gap_map(samples.reference(), {})
    assert perfect.lines == ()
    assert len(perfect.clean) == 8


def test_a_scenario_that_proved_nothing_is_not_clean() -> None:
    found = gap_map(samples.inconclusive(), {})
    assert found.clean == ()
    assert len(found.lines) == 8
