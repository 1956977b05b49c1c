from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.finding import Verdict
from reports.terminal import summary
from reports.text import columns

from . import samples

ANSI = re.compile(r"\x1b\[\d+m")


def test_the_grade_the_scores_and_every_gap() -> None:
    told = summary(samples.bad())
    assert told.startswith("acme-chat: grade D\n")
    assert re.search(r"Resilient Delivery +48 .*\(41–56\)", told)
    assert "10 gaps, worst first:" in told
    gaps = [found for found in samples.bad().findings if found.verdict is Verdict.GAP]
    for gap in gaps:
        assert len([line for line in told.split("\n") if f"{gap.rule} @ {gap.scenario} " in line]) == 1


def test_what_is_not_known_is_counted() -> None:
    told = summary(samples.bad())
    for line in ("? 3 inconclusive", "– 1 not applicable", "– 2 things not tested at all", "? 2 promises not declared"):
        assert line in told


def test_nothing_proven_is_not_shown_as_zero() -> None:
    told = summary(samples.inconclusive())
    assert re.search(r"Live Control +\? .*\(0–100\)", told)
    assert "Partial: interrupted after 4 of 8 scenarios" in told


def test_colors_only_when_asked_for_and_they_change_no_text() -> None:
    plain, colored = summary(samples.bad()), summary(samples.bad(), color=True)
    assert not ANSI.search(plain)
    assert ANSI.sub("", colored) == plain
    assert colored != plain


@settings(max_examples=25, deadline=1_000)
@given(st.integers(0, 200))
def test_no_line_is_wider_than_the_console(width: int) -> None:
    for result in (samples.bad(), samples.inconclusive()):
        assert max(map(columns, summary(result, width).split("\n"))) <= max(width, 40)


@pytest.mark.parametrize("width", [40, 80, 140])
def test_a_hostile_target_cannot_steer_the_terminal(width: int) -> None:
    told = summary(samples.hostile(), width)
    told.encode()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", told)
    assert max(map(columns, told.split("\n"))) <= width
