from __future__ import annotations

from dataclasses import replace

from audit.contract import RESILIENT_DELIVERY
from audit.finding import Verdict
from reports.compare import compare, score_cells

from . import samples


def test_every_rule_has_a_cell_for_every_target() -> None:
    found = compare([samples.bad(), samples.reference(), samples.inconclusive()])
    rows = {row.rule: row for block in found.blocks for row in (*block.rows, *block.quiet)}
    assert set(rows) == {judgment.rule for judgment in samples.bad().findings}
    assert [cell.verdict for cell in rows["loss"].cells] == [Verdict.GAP, Verdict.PASS, Verdict.INCONCLUSIVE]
    assert [cell.detail for cell in rows["order"].cells] == ["1 of 3", "3 of 3", "3 of 3"]


def test_a_rule_that_was_not_run_is_not_green() -> None:
    less = replace(samples.reference(), findings=samples.reference().findings[:1])
    rows = {row.rule: row for block in compare([samples.bad(), less]).blocks for row in (*block.rows, *block.quiet)}
    assert rows["stop"].cells[1].verdict is None
    assert rows["stop"].cells[1].detail == "not run"


def test_rules_on_which_nobody_has_a_gap_are_set_apart() -> None:
    (delivery, *_) = compare([samples.bad(), samples.reference()]).blocks
    assert {row.rule for row in delivery.quiet} == {"termination", "buffering", "resume-delay"}
    assert "hang" in {row.rule for row in delivery.rows}  # inconclusive is not quiet


def test_audits_that_do_not_compare_are_said_not_to() -> None:
    other = replace(samples.reference(), ruleset="2027.01", profile="deep")
    warnings = compare([samples.bad(), other]).warnings
    assert len(warnings) == 2
    assert "rule sets (2026.11, 2027.01)" in warnings[0]
    assert compare([samples.bad(), samples.reference()]).warnings == ()


def test_scores_with_their_ranges() -> None:
    assert score_cells([samples.bad(), samples.reference()], RESILIENT_DELIVERY) == (("48", "41–56"), ("100", ""))
