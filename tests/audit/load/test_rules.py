from __future__ import annotations

from audit.checks import RULES
from audit.contract import CAPABILITIES
from audit.finding import Severity, Verdict
from audit.load.rules import LOAD_RULES, findings

from .samples import result


def test_the_registry_is_what_the_catalogue_says_of_loads() -> None:
    assert [(rule.id, rule.capability, rule.severity) for rule in LOAD_RULES] == [
        ("storm", "resilient-delivery", Severity.HIGH)
    ]


def test_no_two_rules_share_an_id() -> None:
    ids = [rule.id for rule in (*RULES, *LOAD_RULES)]
    assert len(set(ids)) == len(ids)


def test_a_load_rule_says_everything_that_a_rule_says() -> None:
    for rule in LOAD_RULES:
        assert rule.capability in CAPABILITIES
        assert all((rule.title, rule.truth, rule.felt, rule.why, rule.source, rule.remedy.action, rule.remedy.cost))


def test_every_rule_says_something_of_every_load() -> None:
    assert [(found.rule, found.verdict) for found in findings(result())] == [("storm", Verdict.NOT_APPLICABLE)]
