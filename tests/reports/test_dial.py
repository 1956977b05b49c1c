from __future__ import annotations

import re
from dataclasses import replace
from math import dist

import pytest

from reports.dial import arc, dial, tone

from .test_figures import SCORE

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def ends(path: str) -> tuple[tuple[float, float], tuple[float, float]]:
    numbers = [float(found) for found in NUMBER.findall(path)]
    return (numbers[0], numbers[1]), (numbers[-2], numbers[-1])


@pytest.mark.parametrize(("start", "end"), [(0, 100), (0, 1), (40, 60), (-5, 130)])
def test_arcs_stand_on_the_circle(start: float, end: float) -> None:
    first, last = ends(arc(start, end))
    assert dist(first, (60, 60)) == pytest.approx(48, abs=0.02)
    assert dist(last, (60, 60)) == pytest.approx(48, abs=0.02)


def test_scores_run_from_left_to_right() -> None:
    first, last = ends(arc(0, 100))
    assert first[0] < 60 < last[0]
    assert first[1] == last[1]


def test_half_a_score_points_straight_up() -> None:
    assert ends(arc(0, 50))[1] == (60.0, 12.0)


def test_an_arc_of_no_length_is_not_drawn() -> None:
    assert arc(0, 0) == ""


def test_the_range_is_drawn_only_when_there_is_one() -> None:
    assert dial("Resilient Delivery", SCORE).spread
    exact = dial("Resilient Delivery", replace(SCORE, floor=48.4, ceiling=48.4))
    assert (exact.spread, exact.summary) == ("", "Resilient Delivery: 48 of 100.")


def test_no_score_is_told_and_not_drawn_as_zero() -> None:
    found = dial("Live Control", replace(SCORE, score=None, floor=0.0, ceiling=100.0))
    assert (found.value, found.score, found.tone) == ("", "?", "unsure")
    assert found.summary == "Live Control: no score, nothing could be concluded; between 0–100."


def test_tones() -> None:
    assert [tone(80), tone(79.9), tone(50), tone(49.9), tone(None)] == ["good", "fair", "fair", "poor", "unsure"]
