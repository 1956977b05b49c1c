from __future__ import annotations

from dataclasses import replace

import pytest

from audit.comparison import compare, refusals
from audit.finding import Severity
from audit.result import AuditResult, CapabilityScore, Judgment

from .making import judgment
from .test_result_file import RESULT

VERDICTS = ("gap", "inconclusive", "pass", "not_applicable")


def audited(*findings: Judgment) -> AuditResult:
    return replace(RESULT, findings=findings, partial="")


@pytest.mark.parametrize(
    ("old", "worse", "better", "changed"),
    [
        ("pass", {"gap", "inconclusive"}, set(), {"not_applicable"}),
        ("inconclusive", {"gap"}, {"pass"}, {"not_applicable"}),
        ("gap", set(), {"inconclusive", "pass"}, {"not_applicable"}),
        ("not_applicable", {"gap"}, set(), {"inconclusive", "pass"}),
    ],
)
def test_what_is_better_and_what_is_worse(old: str, worse: set[str], better: set[str], changed: set[str]) -> None:
    for new in VERDICTS:
        found = compare(audited(judgment("loss", old)), audited(judgment("loss", new)))
        wanted = "worse" if new in worse else "better" if new in better else "changed" if new in changed else "same"
        assert [change.kind for change in found.changes] == [wanted]
        assert found.worse == (new in worse)


def test_rules_are_compared_scenario_by_scenario() -> None:
    old = audited(judgment("loss", "gap"), judgment("loss", "pass", "dead-air"), judgment("order", "pass"))
    new = audited(judgment("loss", "pass"), judgment("loss", "gap", "dead-air"), judgment("hang", "gap"))
    found = compare(old, new)
    assert [(each.new.scenario, each.kind) for each in found.changes] == [
        ("network-drop", "better"),
        ("dead-air", "worse"),
    ]
    assert [each.rule for each in found.only_old] == ["order"]
    assert [each.rule for each in found.only_new] == ["hang"]


def test_what_does_not_apply_was_not_tested_by_anyone() -> None:
    found = compare(audited(judgment("loss", "not_applicable")), audited(judgment("order", "not_applicable")))
    assert (found.only_old, found.only_new) == ((), ())


def test_a_gap_that_became_more_frequent_beyond_chance_is_worse() -> None:
    def gap(gaps: int, trials: int) -> AuditResult:
        return audited(judgment("loss", "gap", gaps=gaps, trials=trials))

    assert compare(gap(1, 30), gap(30, 30)).worse
    assert not compare(gap(1, 3), gap(3, 3)).worse  # 6–79 % and 44–100 %: may be the same
    (change,) = compare(gap(30, 30), gap(1, 30)).changes
    assert (change.kind, change.rarer, change.likelier) == ("same", True, False)


def test_measured_values_are_compared_in_one_unit() -> None:
    def timed(value: float | None, unit: str = "ms") -> AuditResult:
        return audited(judgment("resume-delay", "pass", value=value, unit=unit))

    assert len(compare(timed(40.0), timed(900.0)).measured) == 1
    for new in (timed(900.0, "words"), timed(None)):
        assert compare(timed(40.0), new).measured == ()


def test_scores_stand_side_by_side() -> None:
    new = replace(audited(), scores={"resilient-delivery": CapabilityScore(75.0, 70.0, 80.0, 3, 1, 1, 0)})
    delivery, continuity, _ = compare(audited(), new).scores
    assert delivery.old is not None and delivery.new is not None
    assert (delivery.old.score, delivery.new.score) == (50.0, 75.0)
    assert (continuity.old, continuity.new) == (None, None)


def test_what_else_changed_is_told() -> None:
    new = replace(
        audited(),
        profile="deep",
        target={**RESULT.target, "contract": {"retention_s": 60}},
        partial="interrupted: 3 of 8 trials ran to their end",
    )
    assert compare(audited(), new).notes == (
        "target.contract: nothing then, {'retention_s': 60} now.",
        "profile: quick then, deep now.",
        "The new one is partial: interrupted: 3 of 8 trials ran to their end.",
    )
    assert compare(audited(), replace(audited(), created="2027-01-01T00:00:00Z", seed=9)).notes == ()


def test_results_of_one_rule_set_can_be_compared() -> None:
    assert refusals(RESULT, replace(RESULT, rules={})) == ()


def test_another_rule_set_is_refused_with_the_rules_that_differ() -> None:
    heavier = replace(RESULT.rules["loss"], severity=Severity.LOW)
    rephrased = replace(RESULT.rules["loss"], truth="Nothing may be lost for long.")
    old = replace(RESULT, rules={**RESULT.rules, "gone": RESULT.rules["loss"]})
    new = replace(RESULT, ruleset="2027.01", rules={"loss": heavier, "silence": heavier})
    assert refusals(old, new) == (
        "the old one was judged by rule set '2026.11', the new one by '2027.01'",
        "loss: weighs critical in the old one, low in the new one",
        "silence: only the new one knows it, or played a scenario that judges it",
        "gone: only the old one knows it",
    )
    same_name = refusals(RESULT, replace(RESULT, rules={"loss": rephrased}))
    assert same_name[0] == "both name rule set '2026.11', but its rules differ"
    assert same_name[1] == "loss: demands something else: t Now: Nothing may be lost for long."
    assert "no rule that both name" in refusals(RESULT, replace(RESULT, ruleset="2027.01"))[1]
