from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.wilson import wilson


@pytest.mark.parametrize(
    ("hits", "trials", "interval"),
    [
        (0, 0, (0.0, 1.0)),
        (0, 10, (0.0, 0.2775)),
        (1, 30, (0.0059, 0.1667)),
        (3, 3, (0.4385, 1.0)),
        (5, 10, (0.2366, 0.7634)),
    ],
)
def test_intervals_as_published_tables_have_them(hits: int, trials: int, interval: tuple[float, float]) -> None:
    assert wilson(hits, trials) == pytest.approx(interval, abs=1e-4)


@given(st.integers(1, 10_000).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials))))
def test_the_rate_lies_in_its_interval(case: tuple[int, int]) -> None:
    hits, trials = case
    low, high = wilson(hits, trials)
    assert 0.0 <= low <= hits / trials + 1e-4
    assert hits / trials - 1e-4 <= high <= 1.0
