"""JUnit XML, for CI systems that show test results: a suite is a scenario, a case is a rule.

A gap is a failure, inconclusive is an error (it needs a look, but accuses nobody), not applicable is skipped. The
command that plays the trial again is in system-out. Schema: the common subset that Jenkins and GitLab read.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from audit.finding import Verdict
from audit.result import AuditResult, Judgment

from . import figures
from .text import visible
from .verdicts import rule_info, scenario_title, target_name

_COUNTED = {Verdict.GAP: "failures", Verdict.INCONCLUSIVE: "errors", Verdict.NOT_APPLICABLE: "skipped"}
_OUTCOMES = {Verdict.GAP: "failure", Verdict.INCONCLUSIVE: "error", Verdict.NOT_APPLICABLE: "skipped"}


def render(result: AuditResult) -> str:
    """One result as an XML document. Valid XML 1.0 whatever its texts hold."""
    name = visible(target_name(result))
    root = Element("testsuites", {"name": name, **_counts(result.findings)})
    for scenario, found in groupby(sorted(result.findings, key=_by_scenario), key=_by_scenario):
        _suite(root, result, scenario, list(found))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _by_scenario(found: Judgment) -> str:
    return found.scenario


def _counts(found: Iterable[Judgment]) -> dict[str, str]:
    verdicts = [one.verdict for one in found]
    counted = {name: str(verdicts.count(verdict)) for verdict, name in _COUNTED.items()}
    return {"tests": str(len(verdicts)), **counted}


def _suite(root: Element, result: AuditResult, scenario: str, found: list[Judgment]) -> None:
    suite = SubElement(root, "testsuite", {"name": visible(scenario), **_counts(found)})
    properties = SubElement(suite, "properties")
    told = {
        "scenario": scenario_title(result, scenario),
        "seed": result.seed,
        "profile": result.profile,
        "ruleset": result.ruleset,
        "grade": result.verdict.letter,
    }
    for name, value in told.items():
        SubElement(properties, "property", {"name": name, "value": visible(value)})
    for one in found:
        _case(suite, result, one)


def _case(suite: Element, result: AuditResult, found: Judgment) -> None:
    where = f"{target_name(result)}.{found.scenario}"
    case = SubElement(suite, "testcase", {"name": visible(found.rule), "classname": visible(where)})
    outcome = _OUTCOMES.get(found.verdict)
    if outcome is not None:
        SubElement(case, outcome, _message(found)).text = _body(result, found)
    if found.replay:
        SubElement(case, "system-out").text = visible(found.replay)


def _message(found: Judgment) -> dict[str, str]:
    told = {"message": visible(found.why)}
    return told if found.verdict is Verdict.NOT_APPLICABLE else {**told, "type": found.severity.value}


def _body(result: AuditResult, found: Judgment) -> str | None:
    """What a gap means and what to do about it, one statement a line."""
    if found.verdict is not Verdict.GAP:
        return None
    info = rule_info(result, found)
    lines = {
        "": found.why,
        "Must be true": info.truth,
        "Users feel": info.felt,
        "Broken in": f"{figures.rate(found)} trials ({figures.interval(found)})" if found.trials else "",
        "Measured": figures.measured(found),
        "Remedy": info.remedy.action,
        "History": found.run,
    }
    return "\n".join(visible(f"{name}: {text}" if name else text) for name, text in lines.items() if text)
