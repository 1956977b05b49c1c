from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reference_impl.access.limits import Buckets, spread_ms


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_and_then_the_rate() -> None:
    clock = Clock()
    buckets = Buckets(10.0, 3.0, clock)
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 0]
    assert buckets.take("a") == 0.1
    assert buckets.take("b") == 0
    clock.now += 0.11
    assert buckets.take("a") == 0
    assert buckets.take("a") > 0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 1)), max_size=100))
def test_never_more_than_the_burst_and_the_rate_in_any_time(steps: list[tuple[str, float]]) -> None:
    clock = Clock()
    buckets = Buckets(5.0, 4.0, clock)
    taken: dict[str, list[float]] = {name: [] for name in "abc"}
    for name, pause_s in steps:
        clock.now += pause_s
        wait_s = buckets.take(name)
        assert 0 <= wait_s <= 0.2 + 1e-9
        if not wait_s:
            taken[name].append(clock.now)
    for moments in taken.values():
        for first, began in enumerate(moments):
            for count, moment in enumerate(moments[first:], start=1):
                assert count <= 4 + 5 * (moment - began) + 1e-6


@given(st.floats(0.01, 5))
def test_waiting_as_long_as_told_is_enough(pause_s: float) -> None:
    clock = Clock()
    buckets = Buckets(0.5, 1.0, clock)
    buckets.take("a")
    clock.now += min(pause_s, 1.9)
    clock.now += buckets.take("a") + 1e-6
    assert buckets.take("a") == 0


def test_names_are_forgotten_when_they_matter_no_more() -> None:
    clock = Clock()
    buckets = Buckets(10.0, 20.0, clock)
    for number in range(1_000):
        buckets.take(str(number))
        clock.now += 0.01
    assert len(buckets) <= 201


@given(st.floats(0, 100))
def test_nobody_is_told_to_come_back_too_early_and_not_all_at_once(wait_s: float) -> None:
    told = {spread_ms(wait_s) for _ in range(50)}
    assert min(told) >= wait_s * 1_000
    assert max(told) <= 2 * wait_s * 1_000 + 1_002
    assert len(told) > 10
