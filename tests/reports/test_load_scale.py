from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import load_scale
from reports.load_scale import Axis

ANY = st.floats(allow_nan=True, allow_infinity=True)


def sound(axis: Axis) -> None:
    assert axis.low < axis.high
    assert all(math.isfinite(edge) for edge in (axis.low, axis.high))
    values = [value for value, _ in axis.ticks]
    assert values == sorted(set(values))
    assert all(axis.low * 0.99 <= value <= axis.high * 1.01 for value in values)
    assert 2 <= len(values) <= 20


@given(st.lists(ANY, max_size=8))
def test_any_delays_have_an_axis(values: list[float]) -> None:
    axis = load_scale.delays(values)
    sound(axis)
    inside = [value for value in values if load_scale.FLOOR_MS < value < load_scale.CEILING]
    assert all(axis.low * 0.99 <= value <= axis.high * 1.01 for value in inside)


@given(st.lists(st.floats(0, 1e9), max_size=8))
def test_any_amounts_have_an_axis_from_zero(values: list[float]) -> None:
    axis = load_scale.amounts(values)
    assert axis.low == 0
    assert axis.high >= max(values, default=0.0) * 0.999
    assert 2 <= len(axis.ticks) <= 6


@given(st.floats(0, 1e6))
def test_any_run_has_a_time_axis(seconds: float) -> None:
    axis = load_scale.times(seconds)
    assert axis.ticks[0][0] == 0
    assert 2 <= len(axis.ticks) <= 9
    assert axis.ticks[-1][0] <= axis.high


@given(st.floats(0.02, 1e6), st.floats(allow_nan=False))
def test_nothing_is_drawn_outside(largest: float, value: float) -> None:
    assert 0 <= load_scale.delays([largest]).at(value) <= 1
    assert 0 <= load_scale.amounts([largest]).at(value) <= 1


def test_a_delay_axis_is_logarithmic_with_round_numbers() -> None:
    axis = load_scale.delays([14.0, 77.0])
    assert [text for _, text in axis.ticks] == ["10 ms", "20 ms", "50 ms", "100 ms"]
    assert axis.at(math.sqrt(10.0 * 100.0)) == pytest.approx(0.5)
    wide = load_scale.delays([1.2, 70_000.0])
    assert [text for _, text in wide.ticks] == ["1 ms", "10 ms", "100 ms", "1 s", "10 s", "100 s"]
    for a, b in pairwise(value for value, _ in load_scale.delays([1.0, 700.0]).ticks):
        assert 3 <= b / a <= 3.5


def test_hours_are_told_apart_from_minutes() -> None:
    assert [text for _, text in load_scale.times(28_800.0).ticks] == ["0:00 h", "2:00 h", "4:00 h", "6:00 h", "8:00 h"]
    assert [text for _, text in load_scale.times(300.0).ticks][1] == "1:00"


def test_one_value_alone_is_not_stretched_into_mountains() -> None:
    axis = load_scale.delays([10.0])
    assert axis.high / axis.low >= 5


@pytest.mark.parametrize(
    ("at_s", "longest_s", "told"),
    [
        (40.0, 60.0, "40 s"),
        (7.25, 60.0, "7.2 s"),
        (750.0, 900.0, "12:30"),
        (4_350.0, 9_000.0, "1:12:30"),
        (0.0, 300.0, "0:00"),
    ],
)
def test_clocks(at_s: float, longest_s: float, told: str) -> None:
    assert load_scale.clock(at_s, longest_s) == told
