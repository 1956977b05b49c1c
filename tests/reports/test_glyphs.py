from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest

from audit.result import Excerpt
from reports.glyphs import LEGEND, MARK_WORDS, label_of, shape_of
from reports.rows import Row, rows


def row(phase: str, what: str, **value: Any) -> Row:
    (found,) = rows(Excerpt(events=({"i": 1, "t": 1, "who": "phone", "phase": phase, "what": what, "value": value},)))
    return found


@pytest.mark.parametrize(
    ("found", "shape", "label"),
    [
        (row("seen", "text", text="a"), "text", ""),
        (row("seen", "end", reason="stopped"), "end", "end: stopped"),
        (row("seen", "closed", how="rst"), "closed", "closed: rst"),
        (row("seen", "gap", reason="expired"), "alert", "gap"),
        (row("seen", "ping"), "dot", ""),
        (row("invoke", "stop", label="run-1"), "flag", "stop run-1 …"),
        (row("fail", "stop"), "fail", ""),
        (row("note", "fault", fault="reset", state="struck"), "fault", "fault: reset"),
        (row("note", "fault", fault="reset", state="armed"), "note", "reset armed"),
        (row("note", "offline"), "", ""),
        (row("note", "forget"), "note", "reloaded"),
    ],
)
def test_every_kind_of_event_has_a_shape_and_the_telling_ones_a_label(found: Row, shape: str, label: str) -> None:
    assert shape_of(found, "") == shape
    assert label_of(found, None)[0] == label


@pytest.mark.parametrize("mark", ["missing", "repeated", "reordered", "late"])
def test_what_went_wrong_goes_before_what_it_was(mark: str) -> None:
    assert shape_of(row("seen", "text"), mark) == mark
    assert mark in LEGEND
    assert mark in MARK_WORDS


def test_evidence_keeps_the_shape_of_what_it_is() -> None:
    assert shape_of(row("seen", "end"), "evidence") == "end"


def test_every_shape_in_the_legend_can_be_drawn() -> None:
    drawn = files("reports").joinpath("templates/timeline.html.j2").read_text(encoding="utf-8")
    assert all(f'id="s-{shape}"' in drawn for shape in (*LEGEND, "dot"))
