from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.load.figures import Histogram
from audit.load.intervals import interval, ranks

SHARES = st.sampled_from([0.5, 0.95, 0.99])


def exactly(count: int, share: float, low: int, high: int) -> float:
    """How sure it is that the quantile lies between the samples of these ranks: that so many are below it."""
    return sum(math.comb(count, k) * share**k * (1 - share) ** (count - k) for k in range(max(low, 0), high))


@given(st.integers(1, 300), SHARES)
def test_the_ranks_are_as_sure_as_they_say_and_no_wider_than_they_must_be(count: int, share: float) -> None:
    low, high = ranks(count, share)
    assert 0 <= low <= high <= count + 1
    assert exactly(count, share, low, high) >= 0.95 - 1e-9
    assert exactly(count, share, 0, low + 1) > 0.025  # one rank further in on either side, and that tail is too heavy
    assert exactly(count, share, high - 1, count + 1) > 0.025


@given(st.integers(1, 10**7), SHARES)
def test_any_number_of_samples_has_its_ranks(count: int, share: float) -> None:
    low, high = ranks(count, share)
    spread = math.sqrt(count * share * (1 - share))
    assert low <= count * share + 1
    assert high >= count * share
    assert high - low <= 4.2 * spread + 4


def filled(values: list[float]) -> Histogram:
    found = Histogram()
    found.add_all(values)
    return found


def test_no_interval_without_enough_samples_on_either_side() -> None:
    assert interval(Histogram(), 0.5) is None
    assert [interval(filled([1.0] * count), 0.95) is None for count in (20, 71, 72)] == [True, True, False]
    assert [interval(filled([1.0] * count), 0.99) is None for count in (367, 368)] == [True, False]


def test_nothing_lies_at_zero() -> None:
    assert interval(filled([0.0] * 100), 0.5) == (0.0, 0.0)


@pytest.mark.parametrize(("share", "truth"), [(0.5, math.log(2)), (0.95, math.log(20))])
def test_it_covers_the_truth_as_often_as_it_says(share: float, truth: float) -> None:
    rng, hits = Random(7), 0
    for _ in range(400):
        found = interval(filled([rng.expovariate(1.0) for _ in range(150)]), share)
        assert found is not None
        assert found[0] <= found[1]
        hits += found[0] <= truth <= found[1]
    assert hits / 400 >= 0.93  # 95 %, within two standard deviations of 400 trials


def test_more_samples_are_surer() -> None:
    rng = Random(1)
    few, many = (filled([rng.expovariate(1.0) for _ in range(count)]) for count in (200, 20_000))
    narrow, wide = interval(many, 0.95), interval(few, 0.95)
    assert narrow is not None and wide is not None
    assert narrow[1] - narrow[0] < (wide[1] - wide[0]) / 3
