"""JUnit XML, for CI systems that show test results: a suite is a scenario, a case is a rule.

A gap is a failure, inconclusive is an error (it needs a look, but accuses nobody), not applicable is skipped, and so is
a gap that a baseline knows: a build must not be red for it. The
command that plays the trial again is in system-out. Schema: the common subset that Jenkins and GitLab read.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from audit.finding import Verdict
from audit.result import AuditResult, Judgment

from . import baselines, figures
from .text import visible
from .verdicts import rule_info, scenario_title, target_name

_COUNTED = {"failure": "failures", "error": "errors", "skipped": "skipped"}
_OUTCOMES = {Verdict.GAP: "failure", Verdict.INCONCLUSIVE: "error", Verdict.NOT_APPLICABLE: "skipped"}


def render(result: AuditResult) -> str:
    """One result as an XML document. Valid XML 1.0 whatever its texts hold."""
    name = visible(target_name(result))
    root = Element("testsuites", {"name": name, **_counts(result, result.findings)})
    for scenario, found in groupby(sorted(result.findings, key=_by_scenario), key=_by_scenario):
        _suite(root, result, scenario, list(found))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _by_scenario(found: Judgment) -> str:
    return found.scenario


def _counts(result: AuditResult, found: Iterable[Judgment]) -> dict[str, str]:
    outcomes = [_outcome(result, one) for one in found]
    return {"tests": str(len(outcomes)), **{name: str(outcomes.count(outcome)) for outcome, name in _COUNTED.items()}}


def _outcome(result: AuditResult, found: Judgment) -> str:
    return "skipped" if baselines.entry(result, found) else _OUTCOMES.get(found.verdict, "")


def _suite(root: Element, result: AuditResult, scenario: str, found: list[Judgment]) -> None:
    suite = SubElement(root, "testsuite", {"name": visible(scenario), **_counts(result, found)})
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
    if outcome := _outcome(result, found):
        SubElement(case, outcome, _message(result, found)).text = _body(result, found)
    if found.replay:
        SubElement(case, "system-out").text = visible(found.replay)


def _message(result: AuditResult, found: Judgment) -> dict[str, str]:
    told = {"message": visible(baselines.note(result, found) or found.why)}
    return told if _outcome(result, found) == "skipped" else {**told, "type": found.severity.value}


def _body(result: AuditResult, found: Judgment) -> str | None:
    """What a gap means and what to do about it, one statement a line."""
    if found.verdict is not Verdict.GAP:
        return None
    info = rule_info(result, found)
    lines = {
        "": found.why,
        "Must be true": info.truth,
        "Users feel": info.felt,
        "Known gap": baselines.note(result, found).removeprefix("known "),
        "Broken in": f"{figures.rate(found)} trials ({figures.interval(found)})" if found.trials else "",
        "Measured": figures.measured(found),
        "Remedy": info.remedy.action,
        "History": found.run,
    }
    return "\n".join(visible(f"{name}: {text}" if name else text) for name, text in lines.items() if text)
