from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import pytest
from hypothesis import HealthCheck, given, settings

import audit.checks
from audit.checks import RULES, Rule
from audit.contract import CONTINUITY, LIVE_CONTROL, RESILIENT_DELIVERY
from audit.history import History

from .judged import check
from .wild import histories

EFFORTS = ("configuration", "endpoint", "transport", "session layer")
CATALOGUE = {
    RESILIENT_DELIVERY: {
        "loss": "critical",
        "duplication": "high",
        "order": "critical",
        "text-integrity": "high",
        "termination": "high",
        "survival": "critical",
        "hang": "high",
        "resume-delay": "medium",
        "cursor-integrity": "high",
        "cursor-honesty": "high",
        "retention": "medium",
        "early-resume": "high",
        "completion-window": "high",
        "resubmission": "high",
        "silence": "high",
        "buffering": "medium",
        "backpressure": "high",
        "failure-truth": "high",
        "restart": "high",
        "credential-expiry": "medium",
        "refused-reconnect": "medium",
    },
    CONTINUITY: {
        "join": "critical",
        "discovery": "high",
        "live-view": "high",
        "convergence": "critical",
        "echo": "high",
        "independence": "high",
        "handoff": "high",
        "tab-freeze": "high",
        "tab-close": "high",
        "isolation": "critical",
        "subagents": "high",
        "approval": "medium",
        "presence": "advice",
        "replay-cost": "low",
    },
    LIVE_CONTROL: {
        "stop": "critical",
        "stop-visibility": "high",
        "stop-reach": "high",
        "stop-aim": "high",
        "stop-idempotence": "low",
        "resurrection": "high",
        "readiness": "high",
        "concurrency": "medium",
        "interrupt": "medium",
        "steer": "medium",
        "authority": "high",
        "control-delay": "medium",
        "finish-race": "medium",
        "stop-vs-disconnect": "critical",
    },
}

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


def test_the_registry_is_the_catalogue_in_its_order() -> None:
    listed = [(rule.id, rule.capability, rule.severity.value) for rule in RULES]
    assert listed == [(id, part, severity) for part, rules in CATALOGUE.items() for id, severity in rules.items()]


def test_every_rule_file_is_in_the_registry() -> None:
    names = [module.name for module in iter_modules(audit.checks.__path__)]
    defined = [(name, value) for name in names for value in vars(import_module(f"audit.checks.{name}")).values()]
    found = {(name, value.id) for name, value in defined if isinstance(value, Rule)}
    assert found == {(rule.id.replace("-", "_"), rule.id) for rule in RULES}


@each_rule
def test_a_rule_is_exported_under_its_id(rule: Rule) -> None:
    name = rule.id.replace("-", "_").upper()
    assert getattr(audit.checks, name) is rule
    assert name in audit.checks.__all__
    assert rule.judge.__module__ == f"audit.checks.{name.lower()}"


@each_rule
def test_a_rule_has_words_for_people(rule: Rule) -> None:
    for text in (rule.title, rule.truth, rule.felt, rule.why, *rule.source):
        assert text.strip() == text != ""
    for sentence in (rule.truth, rule.felt, rule.why, rule.remedy.action, rule.remedy.gain, rule.remedy.cost):
        assert sentence.endswith("."), sentence
    assert rule.source
    assert rule.remedy.effort in EFFORTS


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories())
def test_no_rule_raises_on_any_history(history: History) -> None:
    for rule in RULES:
        findings = list(rule.judge(history))
        assert len({finding.device for finding in findings}) == len(findings), rule.id
        for finding in findings:
            check(rule, finding, history)
