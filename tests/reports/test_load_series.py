from __future__ import annotations

from dataclasses import replace

from reports.load_series import MOST, series

from . import load_runs


def test_a_point_a_window_with_rates_per_second() -> None:
    found = series(load_runs.held())
    assert found.each == 1
    assert len(found.points) == 30
    first = found.points[0]
    assert (first.window.at_s, first.until_s, first.middle_s) == (0.0, 10.0, 5.0)
    assert first.rate(first.window.words) == 9_800.0


def test_the_last_window_is_as_long_as_the_plan_left_it() -> None:
    found = series(replace(load_runs.held(), windows=load_runs.held().windows[:3], seconds=24.0))
    assert [point.until_s for point in found.points] == [10.0, 20.0, 24.0]
    assert found.points[-1].rate(40) == 10.0


def test_after_the_plan_there_are_counts_but_no_rates() -> None:
    found = series(replace(load_runs.held(), windows=load_runs.held().windows[:3], seconds=20.0))
    assert [point.after for point in found.points] == [False, False, True]
    assert found.points[-1].rate(40) is None


def test_a_long_run_is_thinned_and_loses_no_fault() -> None:
    long = load_runs.long()
    found = series(long)
    assert found.each == 16
    assert len(found.points) == MOST
    for key in ("words", "resumes", "lost"):
        assert sum(getattr(point.window, key) for point in found.points) == sum(
            getattr(window, key) for window in long.windows
        )


def test_merged_delays_are_the_worst_of_them() -> None:
    long = load_runs.long()
    point = series(long).points[3]
    inside = [window for window in long.windows if point.window.at_s <= window.at_s < point.until_s]
    worst = max(window.measures["item_delay"].p99 or 0.0 for window in inside)
    assert point.measure("item_delay").p99 == worst
    assert point.measure("item_delay").count == 16 * 4_000
    assert point.measure("stop_delay").p99 is None
    assert point.measure("nothing").count == 0


def test_no_window_is_no_point() -> None:
    assert series(load_runs.empty()).points == ()
    assert series(load_runs.empty()).end_s == 0.0


def test_a_run_that_was_ended_early_has_no_rate_for_its_last_window() -> None:
    held = load_runs.held()
    found = series(replace(held, windows=held.windows[:3], partial="stopped")).points
    assert [point.rate(10) for point in found] == [1.0, 1.0, None]
