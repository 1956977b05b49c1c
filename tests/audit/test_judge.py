from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.contract import LIVE_CONTROL
from audit.finding import Finding, Verdict
from audit.history import History
from audit.judge import judge

from .checks.story import Story, dropped
from .making import rule

GAP = Finding("loss", Verdict.GAP, "phone never showed tok-0006", "phone", (1, 2), 1.0, "words")
PASS = Finding("loss", Verdict.PASS, "nothing is missing", "laptop")


def only(history: History, *findings: Finding, twin_failed: str = "") -> Finding:
    (found,) = judge(history, (rule("loss", *findings),), twin_failed)
    return found


def test_findings_are_passed_on_in_the_order_of_the_rules() -> None:
    order = Finding("order", Verdict.PASS, "in order")
    rules = (rule("order", order), rule("loss", GAP, PASS))
    assert judge(dropped().history(), rules) == (order, GAP, PASS)


def test_a_rule_without_a_case_does_not_apply() -> None:
    assert only(dropped().history()).verdict is Verdict.NOT_APPLICABLE


def test_a_capability_that_is_not_needed_is_not_judged_at_all() -> None:
    history = dropped(needs=["continuity"]).history()
    found = only(history, GAP)
    assert (found.verdict, found.why) == (
        Verdict.NOT_APPLICABLE,
        "This product declares that it does not need Resilient Delivery.",
    )


def test_a_fault_without_a_receipt_proves_nothing() -> None:
    story = Story("phone", expects_fault=True)
    story.note("link:phone", "fault", fault="close", settings={}, state="armed")
    found = only(story.history(), GAP)
    assert (found.verdict, found.why) == (
        Verdict.INCONCLUSIVE,
        "The fault left no receipt: it did not happen, so this trial proves nothing.",
    )


def test_a_fault_with_a_receipt_counts_and_a_twin_needs_none() -> None:
    assert only(dropped(expects_fault=True).history(), GAP) == GAP
    assert only(Story("phone", "x", expects_fault=True, twin=True).history(), PASS) == PASS


def spared(*more: str) -> History:
    story = Story("phone", expects_fault=True)
    story.note("stage", "spared", why="the phone held no stream for the close to strike")
    for device in more:
        story.strikes(device)
    return story.history()


def test_a_stream_that_ended_before_the_fault_proves_gaps_and_no_passes() -> None:
    gap = replace(GAP, evidence=(1,))
    unproven = Finding("loss", Verdict.INCONCLUSIVE, "nothing to compare with", "phone")
    assert judge(spared(), (rule("loss", gap, unproven),)) == (gap, unproven)
    why = "The stream had ended before the fault could strike."
    measured = replace(PASS, evidence=(1,), value=3.0, unit="ms")
    assert only(spared(), measured) == Finding("loss", Verdict.NOT_APPLICABLE, why, "laptop")


def test_a_fault_that_struck_elsewhere_makes_the_trial_count() -> None:
    assert only(spared("phone"), PASS) == PASS


def test_a_failed_twin_makes_everything_inconclusive() -> None:
    found = only(dropped().history(), PASS, twin_failed="In the fault-free twin nobody saw a word.")
    assert (found.verdict, found.why) == (Verdict.INCONCLUSIVE, "In the fault-free twin nobody saw a word.")


def test_what_is_not_needed_stays_so_when_the_twin_failed() -> None:
    found = judge(dropped(needs=[]).history(), (rule("stop", capability=LIVE_CONTROL),), "the twin failed")
    assert [each.verdict for each in found] == [Verdict.NOT_APPLICABLE]


def test_a_trial_that_the_audit_gave_up_accuses_nobody() -> None:
    story = dropped()
    story.note("stage", "aborted", error="the trial did not end within 90 s")
    found = only(story.history(), GAP)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "did not end within 90 s" in found.why


def test_a_trial_that_was_cut_short_proves_only_what_is_there() -> None:
    history = replace(dropped().history(), whole=False)
    assert only(history, GAP).verdict is Verdict.INCONCLUSIVE
    assert only(history, PASS).why == "This trial was cut short. Up to there: nothing is missing"
    twice = Finding("duplication", Verdict.GAP, "phone showed tok-0001 twice", "phone", (3,))
    assert judge(history, (rule("duplication", twice),)) == (twice,)


def test_a_rule_that_raises_breaks_alone() -> None:
    def broken(history: History) -> Iterator[Finding]:
        yield PASS
        raise KeyError("cursor")

    rules = (replace(rule("loss"), judge=broken), rule("order", Finding("order", Verdict.PASS, "in order")))
    found = judge(dropped().history(), rules)
    assert [(each.rule, each.verdict) for each in found] == [
        ("loss", Verdict.INCONCLUSIVE),
        ("order", Verdict.PASS),
    ]
    assert found[0].why == "The rule loss itself broke on this history (KeyError: 'cursor')."


def test_half_a_character_in_a_reason_is_made_printable() -> None:
    assert only(dropped().history(), replace(GAP, why="showed \ud83d")).why == "showed \ufffd"


@pytest.mark.parametrize(
    ("finding", "complaint"),
    [
        (replace(GAP, evidence=()), "no evidence"),
        (replace(GAP, evidence=(1, 999)), "outside the history"),
        (replace(GAP, evidence=(-1,)), "outside the history"),
        (replace(GAP, rule="order"), "spoke as 'order'"),
        (replace(GAP, value=float("nan")), "measured nan"),
        (replace(GAP, why=""), "no reason"),
    ],
)
def test_a_finding_that_does_not_keep_its_promises_breaks_its_rule(finding: Finding, complaint: str) -> None:
    found = only(dropped().history(), PASS, finding)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert complaint in found.why


@given(
    st.lists(
        st.builds(
            Finding,
            rule=st.sampled_from(["loss", "order"]),
            verdict=st.sampled_from(Verdict),
            why=st.text(max_size=3),
            evidence=st.lists(st.integers(-5, 60), max_size=3).map(tuple),
            value=st.none() | st.floats(),
        )
    ),
    st.booleans(),
)
def test_whatever_a_rule_says_a_gap_has_evidence_that_exists(findings: list[Finding], whole: bool) -> None:
    history = replace(dropped().history(), whole=whole)
    found = judge(history, (rule("loss", *findings),))
    assert found
    for each in found:
        assert each.rule == "loss"
        assert all(0 <= index < len(history.events) for index in each.evidence)
        assert each.verdict is not Verdict.GAP or each.evidence
