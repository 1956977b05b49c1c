"""Before and after, in every format."""

from __future__ import annotations

from dataclasses import replace

import pytest

from audit.comparison import Comparison, compare
from audit.result import AuditResult
from reports import compare_html, compare_markdown, compare_terminal
from reports.compare_view import view
from reports.markdown import MAX_BYTES
from reports.text import columns

from . import samples
from .parsed import parse
from .test_html import BARE, VOCABULARY


def mended() -> AuditResult:
    """The bad one a month later: loss closed, order broken elsewhere, a resume slower, one rule not played."""
    changes = {("loss", "network-drop"): samples.PASS, ("termination", "dead-air"): samples.GAP}
    findings = tuple(
        replace(found, verdict=changes.get((found.rule, found.scenario), found.verdict))
        for found in samples.bad().findings
        if found.rule != "isolation"
    )
    slower = tuple(replace(found, value=910.0) if found.rule == "resume-delay" else found for found in findings)
    return replace(samples.bad(), findings=slower, created="2026-12-20T10:00:00Z")


CHANGED = compare(samples.bad(), mended())
CASES = {
    "changed": CHANGED,
    "same": compare(samples.bad(), samples.bad()),
    "all mended": compare(samples.bad(), samples.reference()),
    "nothing proven": compare(samples.reference(), samples.inconclusive()),
    "hostile": compare(samples.hostile(), samples.bad()),
    "hostile after": compare(samples.bad(), samples.hostile()),
    "huge": compare(samples.bad(), samples.huge()),
}
EVERY = pytest.mark.parametrize("found", CASES.values(), ids=CASES.keys())


def test_sections_say_what_changed() -> None:
    told = {section.id: [line.rule for line in section.lines] for section in view(CHANGED).sections}
    assert told["worse"] == ["termination"] and told["better"] == ["loss"]
    assert told["only-old"] == ["isolation"]
    assert "loss" in told["stayed"]  # in another scenario
    assert "only-new" not in told
    assert view(CHANGED).headline == "Of 20 judgments that both made: 1 worse, 1 better, 9 gaps still there."


def test_measured_values_come_with_their_spread() -> None:
    (line,) = [line for line in view(CHANGED).measured if line.rule == "resume-delay"]
    assert line.old and line.new
    assert (line.old.measured, line.new.measured) == ("41.5 ms (12–80)", "910 ms (12–80)")


def test_scores_come_with_floor_and_ceiling() -> None:
    rows = {label: cells for label, *cells in view(CASES["all mended"]).scores}
    assert rows["Grade"] == ["D", "A+", "D → A+"]
    assert rows["Resilient Delivery"] == ["48 (41–56)", "100", "+51.4"]


@EVERY
def test_the_terminal_is_never_overrun(found: Comparison) -> None:
    for width in (40, 80, 140):
        lines = compare_terminal.summary(found, width).splitlines()
        assert max(map(columns, lines)) <= width
        assert not any("\x1b" in line for line in lines)
    assert "\x1b[" in compare_terminal.summary(found, 80, color=True)


@EVERY
def test_markdown_stays_small_and_its_tables_whole(found: Comparison) -> None:
    text = compare_markdown.summary(found)
    assert len(text.encode()) <= MAX_BYTES
    assert "<script" not in text and "@everyone" not in text
    for table in (block.splitlines() for block in text.split("\n\n") if block.startswith("|")):
        widths = {row.replace("\\|", "").count("|") for row in table}
        assert len(widths) == 1


@EVERY
def test_the_page_holds_nothing_but_what_it_may(found: Comparison) -> None:
    page = compare_html.render(found)
    tree = parse(page)
    for element in tree.elements:
        assert element.tag in VOCABULARY or element.tag in BARE, element.tag
        assert set(element.attributes) <= VOCABULARY.get(element.tag, set()), (element.tag, element.attributes)
    assert "<script" not in page and "default-src 'none'" in page
    assert page == compare_html.render(found)


def test_the_page_tells_the_change() -> None:
    text = " ".join(parse(compare_html.render(CHANGED)).one("main").text.split())
    for told in ("1 worse, 1 better", "Tested by the old one only", "910 ms (12–80)", "9 other judgments unchanged."):
        assert told in text
