from __future__ import annotations

from dataclasses import replace

import pytest

from audit.finding import Verdict
from audit.result import AuditResult
from reports.chapter import Chapter, chapter
from reports.gaps import Budget

from . import samples


def told(result: AuditResult) -> Chapter:
    return chapter(result, "t1", Budget())


@pytest.mark.parametrize(
    ("result", "headline"),
    [
        (samples.bad(), "9 promises to users broken, in 7 of 8 scenarios. The heaviest: “Nothing is lost”."),
        (samples.reference(), "No gap in 8 scenarios: every promise that applies was kept."),
        (samples.inconclusive(), "Nothing could be proven in 8 scenarios: this is neither good nor bad news."),
    ],
)
def test_the_headline_says_what_was_found(result: AuditResult, headline: str) -> None:
    assert told(result).headline == headline


def test_no_gap_is_not_praised_when_something_could_not_be_proven() -> None:
    perfect = samples.reference()
    doubtful = replace(
        perfect, findings=(replace(perfect.findings[0], verdict=Verdict.INCONCLUSIVE), *perfect.findings[1:])
    )
    assert told(doubtful).headline == "No gap found in 8 scenarios, but 1 judgment could not be proven."


def test_what_users_feel_is_told_worst_first_and_once() -> None:
    felt = told(samples.bad()).felt
    assert felt[0] == "The answer stops in the middle of a sentence, and the rest never comes."
    assert len(felt) == len(set(felt)) == 3


def test_coverage_says_how_much_a_score_rests_on() -> None:
    delivery, continuity, _ = told(samples.bad()).capabilities
    assert delivery.coverage == "11 of 13 rules proven, range 41–56"
    assert continuity.coverage == "4 of 4 rules proven"


def test_proof_leads_to_the_gap_where_it_is_told() -> None:
    (trap, _) = told(samples.bad()).diagnoses
    assert [(link.text, link.anchor) for link in trap.proof][:2] == [
        ("loss@network-drop", "t1g1-2"),
        ("loss@dead-air", "t1g1-1"),
    ]
    assert [remedy.effort for remedy in trap.remedies] == ["configuration", "session layer"]


def test_proof_of_a_gap_that_is_not_there_is_shown_without_a_link() -> None:
    result = samples.bad()
    lost = replace(result, diagnoses=(replace(result.diagnoses[0], proof=("loss@nowhere", "free words")),))
    assert [link.anchor for link in told(lost).diagnoses[0].proof] == ["", ""]


def test_rules_that_held_are_kept_with_what_was_measured() -> None:
    kept = {rule.title: rule.where for rule in told(samples.bad()).kept["Resilient Delivery"]}
    assert kept["Coming back is quick"] == (("The network drops and comes back", "41.5 ms (12–80)"),)
    assert len(kept["Everything arrives in order"]) == 2


def test_the_command_can_be_pasted_into_a_shell() -> None:
    odd = replace(samples.bad(), argv=("durable-audit", "run", "my target.toml", "--name", "it's"))
    assert told(odd).command == """durable-audit run 'my target.toml' --name 'it'"'"'s'"""


def test_the_target_is_told_key_by_key() -> None:
    facts = dict(told(samples.bad()).facts)
    assert facts["architecture.surfaces"] == "web-tab, mobile"
    assert facts["contract.concurrent_send"] == "not declared"
    assert facts["contract.stop_budget_ms"] == "1000"
    assert facts["options.resume"] == "yes"
    assert facts["headers.authorization"] == "•••"
