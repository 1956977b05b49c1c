from __future__ import annotations

from dataclasses import replace

import pytest

from audit.finding import Verdict
from audit.result import CapabilityScore
from reports import figures

from .samples import judgment

SCORE = CapabilityScore(score=48.4, floor=41.2, ceiling=55.1, passed=5, gap=5, inconclusive=2, not_applicable=0)


def test_only_a_perfect_score_reads_100() -> None:
    assert [figures.score(99.97), figures.score(100.0), figures.score(None)] == ["99", "100", "?"]


def test_the_range_never_looks_narrower_than_it_is() -> None:
    assert figures.span(SCORE) == "41–56"


def test_an_exact_score_has_no_range() -> None:
    assert figures.span(replace(SCORE, floor=48.4, ceiling=48.4)) == ""


def test_without_a_score_the_range_is_always_told() -> None:
    assert figures.span(replace(SCORE, score=None, floor=0.0, ceiling=0.0)) == "0–0"


@pytest.mark.parametrize(
    ("value", "unit", "spread", "told"),
    [
        (1_240.4, "ms", (180.0, 4_020.0), "1,240 ms (180–4,020)"),
        (0.8734, "share", None, "87.3 %"),
        (3.0, "words", (3.0, 3.0), "3 words"),
        (0.25, "", None, "0.25"),
        (None, "ms", None, ""),
    ],
)
def test_measured(value: float | None, unit: str, spread: tuple[float, float] | None, told: str) -> None:
    assert figures.measured(judgment("loss", "x", Verdict.GAP, value=value, unit=unit, spread=spread)) == told


def test_rate_and_interval() -> None:
    found = judgment("loss", "x", Verdict.GAP, gaps=1, trials=3, low=0.0615, high=0.7923)
    assert (figures.rate(found), figures.interval(found)) == ("1/3", "6–79 %")
    nothing = replace(found, trials=0)
    assert (figures.rate(nothing), figures.interval(nothing)) == ("", "")


def test_milliseconds() -> None:
    assert [figures.milliseconds(1_240_000_000), figures.milliseconds(412_345, 2)] == ["1,240", "0.41"]
