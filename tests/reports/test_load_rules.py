"""What the rules of a load found, in the load report and in the gap report's section."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

from audit.finding import Verdict
from audit.load.result import LoadResult
from reports import html, load
from reports.load_rules import found

from . import load_runs, samples


def recovered() -> LoadResult:
    """Both storms are over in time."""
    stormy = load_runs.stormy()
    storms = tuple(replace(storm, recovered_s=3.0) for storm in stormy.storms)
    return replace(stormy, storms=storms, gates=stormy.gates[:3])


CASES = [(load_runs.stormy(), Verdict.GAP, "✗"), (recovered(), Verdict.PASS, "✓")]


@pytest.mark.parametrize(("result", "verdict", "symbol"), CASES, ids=["gap", "pass"])
def test_the_storm_rule_stands_in_both_reports(result: LoadResult, verdict: Verdict, symbol: str) -> None:
    (rule,) = found(result)
    assert (rule.id, rule.verdict, rule.severity) == ("storm", verdict, "high")
    assert bool(rule.remedy) is (verdict is Verdict.GAP)
    page, gap = load.render(result), html.render([samples.bad()], result)
    section = gap[gap.index('<section id="load"') : gap.index('<section id="method"')]
    for shown in (page[page.index('id="storms"') :], section):
        (line,) = re.findall(r'<p class="rule-found">.*?</p>', shown, re.DOTALL)
        assert f"v-{verdict.value}" in line and symbol in line
        assert "<code>storm</code>" in line and rule.why in unescape(line)


def test_a_rule_that_does_not_apply_is_not_mentioned() -> None:
    assert found(load_runs.held()) == ()
    assert "rule-found" not in html.render([samples.bad()], load_runs.held())


def test_a_hostile_result_is_judged_and_shown_inert() -> None:
    assert [rule.verdict for rule in found(load_runs.hostile())] == []
    evil = replace(load_runs.stormy(), void="<script>alert(1)</script>")
    assert "<script>alert" not in html.render([samples.bad()], evil)
