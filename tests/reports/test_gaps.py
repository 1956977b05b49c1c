from __future__ import annotations

from audit.finding import Verdict
from reports.gaps import Budget, gaps, places

from . import samples


def test_one_story_a_rule_and_one_occurrence_a_scenario() -> None:
    found = gaps(samples.bad(), "t1", Budget())
    assert [gap.rule for gap in found][:2] == ["loss", "survival"]
    assert [at.scenario for at in found[0].occurrences] == ["dead-air", "network-drop"]
    told = sum(len(gap.occurrences) for gap in found)
    assert told == sum(one.verdict is Verdict.GAP for one in samples.bad().findings)


def test_anchors_are_unique_and_lead_from_rule_and_scenario() -> None:
    found = gaps(samples.bad(), "t1", Budget())
    anchors = [at.anchor for gap in found for at in gap.occurrences]
    assert len(set(anchors)) == len(anchors)
    assert places(found)["loss", "network-drop"] == "t1g1-2"


def test_the_worst_are_drawn_and_the_rest_is_counted() -> None:
    budget = Budget(3)
    found = gaps(samples.bad(), "t1", budget)
    drawn = [at.timeline is not None for gap in found for at in gap.occurrences]
    assert drawn[:3] == [True] * 3
    assert sum(drawn) == 3
    assert budget.refused == sum(at.undrawn for gap in found for at in gap.occurrences) == 6


def test_a_gap_without_an_excerpt_takes_no_room() -> None:
    (stop,) = (gap for gap in gaps(samples.bad(), "t1", Budget()) if gap.rule == "stop-reach")
    assert [(at.timeline, at.undrawn) for at in stop.occurrences] == [(None, False)]
