from __future__ import annotations

import pytest

from audit.load.steps import Knee, Step, knee, levels


def step(devices: float, rate: float, p95_ms: float | None = 20.0) -> Step:
    return Step(devices, rate, p95_ms)


@pytest.mark.parametrize(
    ("first", "last", "steps", "found"),
    [
        (100, 2_000, 6, (100, 480, 860, 1_240, 1_620, 2_000)),
        (10, 12, 6, (10, 11, 12)),
        (5, 5, 3, (5,)),
        (1, 9, 1, (9,)),
    ],
)
def test_levels_rise_evenly_to_the_last(first: int, last: int, steps: int, found: tuple[int, ...]) -> None:
    assert levels(first, last, steps) == found


def test_a_target_that_keeps_up_has_no_knee() -> None:
    assert knee([step(100, 500), step(200, 990), step(400, 1_960)]) is None
    assert knee([]) is None
    assert knee([step(100, 0), step(200, 0)]) is None


def test_the_knee_is_where_throughput_is_a_tenth_short() -> None:
    assert knee([step(100, 500), step(200, 950), step(400, 1_780), step(800, 1_800)]) == Knee(
        400, "throughput is 11% short of proportional at 400 devices"
    )


def test_the_knee_is_where_the_delay_doubles() -> None:
    assert knee([step(100, 500, 60), step(200, 1_000, 119), step(400, 2_000, 121)]) == Knee(
        400, "the p95 delay grew from 60 to 121 ms at 400 devices"
    )


def test_a_delay_that_nobody_feels_is_no_knee() -> None:
    assert knee([step(100, 500, 0.4), step(200, 1_000, 30.0), step(400, 2_000, None)]) is None


def test_a_hiccup_is_no_knee() -> None:
    assert knee([step(100, 500, 2), step(200, 1_000, 400), step(400, 2_000, 3)]) is None
