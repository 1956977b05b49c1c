from __future__ import annotations

import re
from dataclasses import replace

from audit.load.result import StormResult
from reports.load_storms import BOTTOM, LEFT, MOST, RIGHT, TOP, spans, storms, told

from . import load_runs


def test_what_came_of_each_storm() -> None:
    first, second = storms(load_runs.stormy())
    assert (first.title, first.recovered, first.never) == ("At 20 s: 5,000 devices cut at once", "3.21 s", False)
    assert (second.recovered, second.never) == ("never", True)
    assert [live.label for live in first.live] == ["during the storm", "whole run"]
    assert first.live[0].cells == ("9.4", "26.3", "51.7")


def test_the_way_back_is_drawn_when_it_was_kept() -> None:
    first, second = storms(load_runs.stormy())
    assert second.curve is None
    assert first.curve and first.curve.when
    heights = [float(y) for y in re.findall(r"V([\d.]+)", first.curve.path)]
    assert heights == sorted(heights, reverse=True)
    assert heights[-1] == TOP
    assert all(TOP <= y <= BOTTOM for y in heights)
    assert all(LEFT <= float(x) <= RIGHT for x in re.findall(r"H([\d.]+)", first.curve.path))


def test_a_sentence_for_those_who_have_no_picture() -> None:
    result = load_runs.stormy()
    assert told(result.storms[0], result) == (
        "At 20 s, 5,000 devices cut at once: 99 % of them had everything again after 3.21 s, 41 resumes refused."
    )
    calm = replace(result.storms[0], refused=0)
    assert told(calm, result).endswith("after 3.21 s, no resume refused.")


def test_spans_stay_inside_the_run() -> None:
    result = load_runs.stormy()
    assert spans(result, 60.0) == ((20.0, 23.21), (40.0, 60.0))
    assert spans(result, 22.0) == ((20.0, 22.0),)


def test_many_storms_are_cut() -> None:
    many = tuple(StormResult(float(at), 5, 1.0, 0, load_runs.NONE) for at in range(50))
    assert len(storms(replace(load_runs.stormy(), storms=many))) == MOST
