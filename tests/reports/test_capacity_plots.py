from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from reports.capacity_plots import Charts, charts
from reports.load_plots import Line

from . import capacity_runs
from .load_runs import sure


def drawn() -> Charts:
    found = charts(capacity_runs.broke())
    assert found is not None
    return found


def line(found: Charts, name: str) -> Line:
    return next(line for plot in found.plots for line in plot.lines if line.name == name)


def test_no_line_joins_two_measurements() -> None:
    found = drawn()
    for name in ("measured", "words late", "resumes"):
        values = line(found, name).values
        assert sum(value is not None for value in values) == 5
        assert all(one is None or other is None for one, other in pairwise(values))


def test_the_model_has_a_value_wherever_it_reaches_and_stays_in_its_band() -> None:
    found = drawn()
    low, best, high = (line(found, name).values for name in ("95 % low", "model", "95 % high"))
    inside = [row for row in zip(low, best, high, strict=True) if None not in row]
    assert len(inside) == len(found.places)  # from the first step to beyond the last
    assert all(a <= b <= c for a, b, c in inside if a is not None and b is not None and c is not None)


def test_what_was_measured_stands_where_it_was_measured() -> None:
    found, result = drawn(), capacity_runs.broke()
    values = dict(zip(found.places, line(found, "measured").values, strict=True))
    assert {place: value for place, value in values.items() if value is not None} == {
        float(rung.devices): rung.words_per_s for rung in result.rungs
    }


def test_beyond_the_knee_is_shaded_to_the_end() -> None:
    assert drawn().spans == ((2_000, drawn().axis.high),)
    calm = charts(replace(capacity_runs.broke(), knee=None))
    assert calm is not None and calm.spans == ()


def test_a_void_step_is_not_drawn_and_without_a_step_there_is_nothing() -> None:
    found = charts(capacity_runs.voided())
    assert found is not None
    assert sum(value is not None for value in line(found, "measured").values) == 2
    assert charts(capacity_runs.empty()) is None


def test_a_band_without_end_is_left_out() -> None:
    model = capacity_runs.model()
    endless = replace(model, curve=(*model.curve[:-1], (3_125.0, float("inf"), 0.0, float("nan"))))
    found = charts(replace(capacity_runs.broke(), model=endless))
    assert found is not None and found.axis.high < 10_000


def test_a_band_that_begins_at_nothing_is_not_drawn() -> None:
    broke = capacity_runs.broke()
    assert broke.model is not None
    curve = tuple((devices, middle, 0.0, 1e300) for devices, middle, _, _ in broke.model.curve)
    found = charts(replace(broke, model=replace(broke.model, curve=curve)))
    assert found is not None
    throughput, _ = found.plots
    assert (throughput.kind, [line.name for line in throughput.lines]) == ("lines", ["model", "measured"])
    assert "too few to be sure of" in throughput.hint


def test_delays_have_whiskers() -> None:
    broke = capacity_runs.broke()
    found = charts(
        replace(broke, rungs=tuple(replace(rung, item_delay_ms=sure(rung.item_delay_ms)) for rung in broke.rungs))
    )
    assert found is not None
    assert sum(ends is not None for ends in line(found, "words late").ranges) == 5
