"""What a selftest found, rendered."""

from __future__ import annotations

from audit.selftest.case import Seen
from reports.selftest import markdown, page, summary

from ..audit.selftest.outcomes import HOW, case, found, gaps

POWER = found(
    (case("loses"), gaps("loss", "join", "stop")), (case("stops"), Seen(error="broke")), (case(), gaps("order"))
)


def test_the_terminal_shows_every_mutant_its_rules_and_both_figures() -> None:
    lines = summary(POWER, HOW, width=120).splitlines()
    assert next(line for line in lines if "loses" in line).split()[1:] == ["loses", "✓loss", "+join", "!stop"]
    assert any("! stop: network-drop: stop" in line for line in lines)
    assert any("clean audit, seed 3: order" in line for line in lines)
    assert any("? stops: broke" in line for line in lines)
    assert "Detection: 1 of 1 (100.0 %; 95 % interval 20.6 to 100.0 %)" in lines
    assert "False alarms: 1 of 1 (100.0 %; 95 % interval 20.6 to 100.0 %)" in lines
    assert max(map(len, summary(POWER, HOW, width=50).splitlines())) <= 50


def test_color_only_when_wanted() -> None:
    assert "\x1b" not in summary(POWER, HOW)
    assert "\x1b" in summary(POWER, HOW, color=True)


def test_what_was_not_tried_is_not_measured() -> None:
    assert "False alarms: not measured" in summary(found((case("loses"), gaps("loss"))), HOW)


def test_markdown_has_a_row_for_each_mutant() -> None:
    text = markdown(POWER, HOW)
    assert "| `loses` | Words <are> lost | ✓loss +join !stop |" in text
    assert "- Not measured: stops: broke" in text
    assert "- seed 3: order" in text
    assert "None." in markdown(found((case(), gaps())), HOW)


def test_the_page_shows_the_matrix_and_is_safe() -> None:
    text = page(POWER, HOW)
    assert (
        '<td><span title="network-drop: loss &lt;b&gt;broke&lt;/b&gt;">✓<span class="vh"> found</span></span></td>'
        in text
    )
    assert "Words &lt;are&gt; lost" in text
    assert "<b>broke" not in text
    assert "<script" not in text
    assert "not measured: broke" in text
    assert page(POWER, HOW) == text
