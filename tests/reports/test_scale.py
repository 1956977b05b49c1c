from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from audit.result import Excerpt
from reports.rows import Row, rows
from reports.scale import scale

LEFT, RIGHT = 100.0, 900.0
MS = 1_000_000


def at(*times: int, who: str = "phone", first: int = 0) -> tuple[Row, ...]:
    return rows(Excerpt(events=tuple({"i": first + n, "t": t, "who": who} for n, t in enumerate(times))))


@given(st.lists(st.tuples(st.integers(0, 10**13), st.sampled_from("abc")), min_size=2, max_size=40))
def test_order_of_time_is_order_of_x_and_lanes_never_crowd(events: list[tuple[int, str]]) -> None:
    shown = rows(Excerpt(events=tuple({"i": n, "t": t, "who": who} for n, (t, who) in enumerate(events))))
    xs = scale(shown, (), LEFT, RIGHT).xs
    assert list(xs) == sorted(xs)
    assert all(LEFT <= x <= RIGHT for x in xs)
    for lane in "abc":
        mine = [x for row, x in zip(shown, xs, strict=True) if row.lane == lane]
        assert len(set(mine)) == len(mine)


def test_one_event_stands_in_the_middle() -> None:
    assert scale(at(5), (), LEFT, RIGHT).xs == (500.0,)


def test_nothing_is_nowhere() -> None:
    assert scale((), (), LEFT, RIGHT).xs == ()


def test_a_long_wait_is_folded_and_told() -> None:
    drawn = scale(at(0, 10 * MS, 20 * MS, 2_020 * MS, 2_030 * MS), (), LEFT, RIGHT)
    assert [note.text for note in drawn.folds] == ["2,000 ms"]
    assert drawn.xs[2] < drawn.folds[0].x < drawn.xs[3]
    assert drawn.xs[3] - drawn.xs[2] < 0.8 * (RIGHT - LEFT)


def test_a_steady_pace_is_not_folded() -> None:
    assert scale(at(*range(0, 3_000 * MS, 300 * MS)), (), LEFT, RIGHT).folds == ()


def test_events_left_out_are_counted_but_bookkeeping_is_not() -> None:
    shown = (*at(0), *at(MS, first=8))
    assert [note.text for note in scale(shown, (), LEFT, RIGHT).cuts] == ["7 more"]
    assert [note.text for note in scale(shown, (3, 4), LEFT, RIGHT).cuts] == ["5 more"]
    assert scale(shown, range(1, 8), LEFT, RIGHT).cuts == ()


def test_times_on_the_axis_are_true_and_apart() -> None:
    drawn = scale(at(*(n * 10 * MS for n in range(40))), (), LEFT, RIGHT)
    assert (drawn.times[0].text, drawn.times[-1].text) == ("0", "390")
    xs = [note.x for note in drawn.times]
    assert all(b - a >= 60 for a, b in pairwise(xs))


def test_microseconds_are_told_apart() -> None:
    drawn = scale(at(120 * MS, 120 * MS + 20_000, 120 * MS + 40_000), (), LEFT, RIGHT)
    assert [note.text for note in drawn.times] == ["120.00", "120.02", "120.04"]
