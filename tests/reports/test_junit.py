from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from audit.finding import Verdict
from audit.result import AuditResult
from reports.junit import render

from . import samples


def parsed(result: AuditResult) -> ElementTree.Element:
    return ElementTree.fromstring(render(result).encode())


def test_a_suite_a_scenario_and_a_case_a_rule() -> None:
    root, result = parsed(samples.bad()), samples.bad()
    found = {(suite.get("name"), case.get("name")) for suite in root for case in suite.iter("testcase")}
    assert found == {(judgment.scenario, judgment.rule) for judgment in result.findings}
    assert len({suite.get("name") for suite in root}) == len(root) == 8


def test_verdicts_are_told_apart() -> None:
    root = parsed(samples.bad())
    outcomes = {
        (suite.get("name"), case.get("name")): [child.tag for child in case if child.tag != "system-out"]
        for suite in root
        for case in suite.iter("testcase")
    }
    for judgment in samples.bad().findings:
        wanted = {Verdict.GAP: ["failure"], Verdict.INCONCLUSIVE: ["error"], Verdict.NOT_APPLICABLE: ["skipped"]}
        assert outcomes[judgment.scenario, judgment.rule] == wanted.get(judgment.verdict, [])


def test_the_counts_add_up() -> None:
    root = parsed(samples.bad())
    assert [root.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["21", "10", "3", "1"]
    for name in ("tests", "failures", "errors", "skipped"):
        assert sum(int(suite.get(name, "0")) for suite in root) == int(root.get(name, "0"))


def test_a_failure_says_what_happened_what_to_do_and_how_to_see_it_again() -> None:
    (case,) = (case for case in parsed(samples.bad()).iter("testcase") if case.get("name") == "survival")
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("type") == "critical"
    assert str(failure.get("message")).startswith("The run was stopped 40 ms after")
    assert "Remedy: Stop wiring" in str(failure.text)
    assert case.findtext("system-out") == "durable-audit run acme.toml --scenario network-drop --seed 7 --trial 2"


def test_a_hostile_target_stays_inside_its_texts() -> None:
    root = parsed(samples.hostile())
    tags = {
        "testsuites",
        "testsuite",
        "properties",
        "property",
        "testcase",
        "failure",
        "error",
        "skipped",
        "system-out",
    }
    assert {element.tag for element in root.iter()} <= tags


@given(st.text(st.characters(codec=None), max_size=50))
def test_any_text_makes_valid_xml(text: str) -> None:
    found = replace(
        samples.bad().findings[0], rule=text or "x", scenario=text, why=text, replay=text, run=text, unit=text
    )
    (case,) = parsed(replace(samples.bad(), findings=(found,), target={"name": text})).iter("testcase")
    assert case.find("failure") is not None
