from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from audit.load.result import LoadResult
from reports import load_hooks, load_scale, load_storms
from reports.load_data import data
from reports.load_plots import Line, Plot, plots
from reports.load_series import series

from . import load_runs


def block(result: LoadResult) -> str:
    found = series(result)
    spans = load_storms.spans(result, found.end_s)
    return data(plots(result, found), found, load_scale.times(found.end_s), spans)


def test_the_script_gets_the_numbers_of_the_tables() -> None:
    found = json.loads(block(load_runs.lossy()))
    assert found["times"][:2] == [5.0, 15.0]
    assert found["stretches"][21] == "3:30 – 3:40"
    assert found["plots"]["words"]["lines"][0]["values"][0] == 9_800.0
    assert found["plots"]["faults"]["lines"][2]["values"][21] == 12.0
    assert found["plots"]["delay0"]["axis"]["log"] is True
    for plot in found["plots"].values():
        assert {len(line["values"]) for line in plot["lines"]} == {30}
        assert len(plot["axis"]["ticks"]) == len(plot["axis"]["texts"])


def test_storms_are_spans() -> None:
    assert json.loads(block(load_runs.stormy()))["spans"] == [[20.0, 23.21], [40.0, 60.0]]


def test_deploys_are_flags_and_intervals_are_ranges() -> None:
    result = load_runs.deployed()
    found = series(result)
    flags = load_hooks.flags(result, found)
    told = json.loads(data(plots(result, found), found, load_scale.times(found.end_s), (), flags))
    assert told["flags"] == [
        {"at": 12.01, "text": "deploy", "tone": "ink"},
        {"at": 42.5, "text": "deploy", "tone": "gap"},
        {"at": 60.0, "text": "", "tone": "muted"},
    ]
    p50, p95, p99 = told["plots"]["delay0"]["lines"]
    assert p50["ranges"] == p99["ranges"] == []
    assert [round(low / value, 3) for (low, _), value in zip(p95["ranges"], p95["values"], strict=True)] == [0.9] * 7


def test_strange_numbers_are_left_out() -> None:
    assert "NaN" not in block(load_runs.hostile())
    assert "Infinity" not in block(load_runs.hostile())


@given(st.text(st.characters(codec=None), max_size=40))
def test_no_name_can_end_the_block(name: str) -> None:
    axis = load_scale.amounts([1.0])
    line = Line(name, "accent", "solid", (1.0,))
    plot = Plot("words", name, name, "lines", "", (line,), axis, name, (name,), ((name,),))
    text = data((plot,), series(load_runs.held()), axis, ())
    text.encode()
    assert not re.search("[<>&\u2028\u2029]", text)
    json.loads(text)
