from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.contract import CAPABILITIES, CONTINUITY, LIVE_CONTROL, RESILIENT_DELIVERY, Contract
from audit.finding import Severity, Verdict
from audit.result import Grade, Judgment
from audit.scoring import LETTERS, MEANINGS, after, grade, score_capabilities

from .making import judgment, rule

CONTINUE = Contract(disconnect="continue")


def at(capability: str, rule: str, verdict: str, severity: str = "critical", **changes: Any) -> Judgment:
    return judgment(rule, verdict, capability=capability, severity=Severity(severity), **changes)


def all_pass(*others: Judgment) -> tuple[Judgment, ...]:
    """One rule of each capability passes, and then some."""
    names = zip(CAPABILITIES, ("text-integrity", "join", "stop"), strict=True)
    return (*(at(capability, name, "pass") for capability, name in names), *others)


def graded(judgments: tuple[Judgment, ...], contract: Contract = CONTINUE) -> Grade:
    rules = tuple(
        rule(each.rule, capability=each.capability, severity=each.severity.value)
        for each in {each.rule: each for each in judgments}.values()
    )
    return grade(judgments, contract, rules)


def test_a_capability_is_the_weighted_mean_of_its_conclusive_rules() -> None:
    scores = score_capabilities(
        (
            at(RESILIENT_DELIVERY, "loss", "pass", "critical"),
            at(RESILIENT_DELIVERY, "hang", "gap", "high"),
            at(RESILIENT_DELIVERY, "order", "inconclusive", "critical"),
            at(RESILIENT_DELIVERY, "buffering", "not_applicable", "medium"),
            at(RESILIENT_DELIVERY, "presence", "gap", "advice"),
        )
    )
    score = scores[RESILIENT_DELIVERY]
    assert score.score == pytest.approx(100 * 10 / 17.5, abs=0.05)
    assert score.floor == pytest.approx(100 * 10 / 27.5, abs=0.05)
    assert score.ceiling == pytest.approx(100 * 20 / 27.5, abs=0.05)
    assert (score.passed, score.gap, score.inconclusive, score.not_applicable) == (1, 2, 1, 1)


def test_a_rule_counts_once_by_its_worst_scenario() -> None:
    twice = (
        at(RESILIENT_DELIVERY, "loss", "pass", scenario="a"),
        at(RESILIENT_DELIVERY, "loss", "gap", scenario="b"),
        at(RESILIENT_DELIVERY, "order", "pass", scenario="a"),
        at(RESILIENT_DELIVERY, "order", "not_applicable", scenario="b"),
        at(RESILIENT_DELIVERY, "hang", "pass", scenario="a"),
        at(RESILIENT_DELIVERY, "hang", "inconclusive", scenario="b"),
    )
    score = score_capabilities(twice)[RESILIENT_DELIVERY]
    assert (score.score, score.passed, score.gap, score.inconclusive) == (50.0, 1, 1, 1)


def test_what_was_not_tested_has_no_score() -> None:
    score = score_capabilities(())[LIVE_CONTROL]
    assert (score.score, score.floor, score.ceiling) == (None, 0.0, 100.0)


@pytest.mark.parametrize(
    ("passed", "failed", "letter"),
    [(9, 1, "A"), (8, 2, "B"), (65, 35, "C"), (5, 5, "D"), (35, 65, "E"), (34, 66, "F"), (0, 1, "F")],
)
def test_the_letter_follows_the_mean(passed: int, failed: int, letter: str) -> None:
    judgments = tuple(
        at(capability, f"{capability}-{number}", "pass" if number < passed else "gap")
        for capability in CAPABILITIES
        for number in range(passed + failed)
    )
    found = graded(judgments)
    assert (found.letter, found.meaning) == (letter, MEANINGS[letter])
    assert found.caps == ()


def test_a_plus_needs_everything_conclusive_in_all_three() -> None:
    assert graded(all_pass()).letter == "A+"
    assert graded(all_pass(at(LIVE_CONTROL, "steer", "not_applicable"))).letter == "A+"
    assert graded(all_pass(at(LIVE_CONTROL, "steer", "inconclusive"))).letter == "A"
    assert graded(all_pass()[:2]).letter == "A"


def test_nothing_conclusive_has_no_grade() -> None:
    found = graded((at(LIVE_CONTROL, "stop", "inconclusive"),))
    assert (found.letter, found.score) == ("?", None)
    assert found.raises == ("Prove stop (? → A, – → 100.0): Nothing is wrong with stop.",)


@pytest.mark.parametrize(
    ("name", "letter"), [("survival", "D"), ("loss", "C"), ("duplication", "B"), ("isolation", "F")]
)
def test_some_gaps_cap_the_letter(name: str, letter: str) -> None:
    many = tuple(at(RESILIENT_DELIVERY, f"fine-{number}", "pass") for number in range(40))
    found = graded(all_pass(*many, at(RESILIENT_DELIVERY, name, "gap")))
    assert found.score is not None and found.score > 95
    assert found.letter == letter
    assert [(cap.rule, cap.letter) for cap in found.caps] == [(name, letter)]
    assert found.caps[0].because


def test_a_disconnect_that_was_declared_to_cancel_caps_nothing() -> None:
    gap = at(RESILIENT_DELIVERY, "survival", "gap")
    many = tuple(at(RESILIENT_DELIVERY, f"fine-{number}", "pass") for number in range(40))
    assert graded(all_pass(*many, gap), Contract(disconnect="cancel")).letter == "A"
    assert graded(all_pass(*many, gap), Contract()).caps == ()


def test_caps_come_worst_first_and_the_lowest_rules() -> None:
    gaps = [at(RESILIENT_DELIVERY, name, "gap") for name in ("duplication", "loss", "survival")]
    many = tuple(at(RESILIENT_DELIVERY, f"fine-{number}", "pass") for number in range(60))
    found = graded(all_pass(*many, *gaps))
    assert [cap.letter for cap in found.caps] == ["D", "C", "B"]
    assert found.letter == "D"


def test_what_would_raise_the_grade_comes_by_effect() -> None:
    found = graded(
        (
            at(RESILIENT_DELIVERY, "text-integrity", "pass", "critical"),
            at(RESILIENT_DELIVERY, "buffering", "gap", "medium"),
            at(RESILIENT_DELIVERY, "loss", "gap", "critical"),
            at(CONTINUITY, "join", "pass"),
            at(LIVE_CONTROL, "stop", "pass"),
            at(LIVE_CONTROL, "stop-reach", "inconclusive", "high"),
        )
    )
    assert (found.letter, found.score) == ("C", 80.0)
    assert found.raises == (
        "Close loss (C → A, 80.0 → 93.3): Nothing is wrong with loss. Do it right.",
        "Close buffering (80.0 → 86.7, still C): Nothing is wrong with buffering. Do it right.",
    )


def test_at_most_four_raises() -> None:
    gaps = tuple(at(LIVE_CONTROL, f"gap-{number}", "gap") for number in range(9))
    assert len(graded(gaps).raises) == 4


def test_every_letter_has_a_meaning_of_its_own() -> None:
    assert set(MEANINGS) == {*LETTERS, "?"}
    assert len(set(MEANINGS.values())) == len(MEANINGS)


JUDGMENTS = st.lists(
    st.builds(
        lambda capability, name, verdict, severity, scenario: judgment(
            f"{capability}-{name}", verdict, scenario, capability=capability, severity=severity
        ),
        st.sampled_from(CAPABILITIES),
        st.integers(0, 4),
        st.sampled_from([verdict.value for verdict in Verdict]),
        st.sampled_from(Severity),
        st.sampled_from(["a", "b"]),
    )
).map(tuple)


@given(JUDGMENTS)
def test_a_score_lies_between_its_floor_and_its_ceiling(judgments: tuple[Judgment, ...]) -> None:
    for score in score_capabilities(judgments).values():
        assert 0.0 <= score.floor <= score.ceiling <= 100.0
        assert score.score is None or score.floor <= score.score <= score.ceiling
    found = graded(judgments)
    assert found.letter in MEANINGS
    assert (found.score is None) == (found.letter == "?")


@given(JUDGMENTS, st.integers(0, 30))
def test_closing_a_gap_never_lowers_the_grade(judgments: tuple[Judgment, ...], place: int) -> None:
    gaps = [each.rule for each in judgments if each.verdict is Verdict.GAP]
    if not gaps:
        return
    closed = gaps[place % len(gaps)]
    then = tuple(
        judgment(each.rule, "pass", each.scenario, capability=each.capability, severity=each.severity)
        if each.rule == closed
        else each
        for each in judgments
    )
    order = (*LETTERS, "?")
    assert order.index(graded(then).letter) <= order.index(graded(judgments).letter)


def test_the_grade_after_gaps_are_closed_counts_these_alone() -> None:
    broken = all_pass(
        at(RESILIENT_DELIVERY, "loss", "gap"),
        at(RESILIENT_DELIVERY, "loss", "gap", scenario="dead-air"),
        at(CONTINUITY, "echo", "inconclusive"),
    )
    now = graded(broken)
    assert after(broken, CONTINUE, ()) == (now.letter, now.score)
    assert after(broken, CONTINUE, {"loss@network-drop"}) == after(broken, CONTINUE, ())
    assert after(broken, CONTINUE, {"loss@network-drop", "loss@dead-air", "echo@network-drop"}) == ("A", 100.0)
