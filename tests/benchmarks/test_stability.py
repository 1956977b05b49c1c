from __future__ import annotations

from dataclasses import replace

from audit.contract import CAPABILITIES
from audit.result import AuditResult, Repeated
from benchmarks.stability_page import MARK, Machine, page
from tests.audit.making import judgment
from tests.audit.test_result_file import RESULT
from tests.reports import samples

MACHINE = Machine("2026-11-20", 2, 3.25, "3.11.7")


def test_the_figures_replace_those_below_the_mark_and_nothing_else() -> None:
    first = page(f"# Words of people\n\n{MARK}old figures", {"acme": [samples.bad()]}, MACHINE)
    assert first.startswith(f"# Words of people\n\n{MARK}\n## Scores")
    assert "old figures" not in first
    assert page(first, {"acme": [samples.bad()]}, MACHINE) == first


def test_ranges_are_from_the_lowest_to_the_highest() -> None:
    text = page(MARK, {"acme": [samples.bad(), samples.reference()], "other": [samples.reference()]}, MACHINE)
    assert "| acme | 2 | 7–7 | D × 1, A+ × 1 | 48.6–100.0 |" in text
    assert "| other | 1 | 7–7 | A+ × 1 | 100.0 | 100.0 | 100.0 |" in text
    assert "2 processors that others used too (load average 3.2)" in text


def audited(*findings: str) -> AuditResult:
    told = tuple(judgment(rule, verdict) for rule, _, verdict in (each.partition(":") for each in findings))
    scores = {name: samples.score(told, name) for name in CAPABILITIES}
    return replace(RESULT, findings=told, scores=scores)


def test_verdicts_that_differ_are_counted() -> None:
    often = [audited("loss:pass", "hang:pass")] * 9
    text = page(MARK, {"acme": [*often, audited("loss:inconclusive", "hang:pass")]}, MACHINE)
    assert "1 of 2 judgments" in text
    assert "| acme | `loss` | network-drop | pass × 9, inconclusive × 1 |" in text
    assert "`hang`" not in text.partition("## Measured")[0]


def test_measured_values_are_medians_with_their_range() -> None:
    results = [
        replace(RESULT, findings=(judgment("hang", "pass", value=value, unit="ms"),), scores=samples.bad().scores)
        for value in (10.0, 40.0, 20.0)
    ]
    added = replace(results[0], repeated=(Repeated("network-drop", 3, ("hang",)),))
    text = page(MARK, {"acme": [added, *results[1:]]}, MACHINE)
    assert "| acme | `hang` | network-drop | 20 ms | 10 ms | 40 ms |" in text
    assert text.endswith("Trials added because a value lay near its threshold: 3.\n")
