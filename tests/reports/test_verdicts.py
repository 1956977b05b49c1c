from __future__ import annotations

from dataclasses import replace

from audit.finding import Verdict
from reports.verdicts import capabilities, capability_title, rule_info, scenario_title, target_name, with_verdict, worst

from . import samples


def test_a_gap_anywhere_is_a_gap_and_nothing_is_not_applicable() -> None:
    assert worst([Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.GAP]) is Verdict.GAP
    assert worst([Verdict.PASS, Verdict.INCONCLUSIVE]) is Verdict.INCONCLUSIVE
    assert worst([Verdict.NOT_APPLICABLE, Verdict.PASS]) is Verdict.PASS
    assert worst([]) is Verdict.NOT_APPLICABLE


def test_gaps_come_heaviest_and_surest_first() -> None:
    found = with_verdict(samples.bad(), Verdict.GAP)
    weights = [gap.severity.weight for gap in found]
    assert weights == sorted(weights, reverse=True)
    assert [gap.rule for gap in found if gap.rule in ("duplication", "discovery")] == ["discovery", "duplication"]


def test_a_rule_without_words_is_shown_by_its_id() -> None:
    bare = replace(samples.bad(), rules={}, scenarios={})
    assert rule_info(bare, bare.findings[0]).title == "loss"
    assert scenario_title(bare, "network-drop") == "network-drop"


def test_a_target_without_a_name_is_still_called_something() -> None:
    assert target_name(replace(samples.bad(), target={})) == "unnamed target"


def test_unknown_capabilities_are_not_lost() -> None:
    result = samples.bad()
    odd = replace(result, findings=(replace(result.findings[0], capability="smell"),))
    assert capabilities([odd])[-1] == "smell"
    assert capability_title("smell") == "smell"
