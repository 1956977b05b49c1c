from __future__ import annotations

import json
import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.load.figures import Histogram, merged, middle

values = st.floats(1e-3, 1e7)
many = st.lists(values, max_size=50)


def counted(found: list[float]) -> Histogram:
    histogram = Histogram()
    for value in found:
        histogram.add(value)
    return histogram


def same(one: Histogram, other: Histogram) -> None:
    assert one.buckets == other.buckets
    assert (one.count, one.largest) == (other.count, other.largest)
    assert one.total == pytest.approx(other.total)


@given(values)
def test_a_bucket_stands_for_its_values(value: float) -> None:
    (key,) = counted([value]).buckets
    assert middle(key) == pytest.approx(value, rel=0.011)


@pytest.mark.parametrize("spread", [0.1, 1.0, 3.0])
@pytest.mark.parametrize("at_once", [False, True])
def test_quantiles_are_within_two_percent(spread: float, at_once: bool) -> None:
    rng = Random(5)
    found = [rng.lognormvariate(2, spread) for _ in range(5_000)]
    histogram = Histogram()
    if at_once:
        histogram.add_all(found)
    else:
        histogram = counted(found)
    for share in (0.5, 0.95, 0.99, 0.999):
        truth = sorted(found)[math.ceil(share * len(found)) - 1]
        assert histogram.quantile(share) == pytest.approx(truth, rel=0.02)
    assert histogram.largest == max(found)


@given(many, st.sampled_from([1.0, 1e3]))
def test_many_at_once_are_as_good_as_one_by_one(found: list[float], scale: float) -> None:
    histogram = Histogram()
    histogram.add_all(found, scale)
    plain = counted([value * scale for value in found])
    assert histogram.count == plain.count
    assert histogram.total == pytest.approx(plain.total)
    assert histogram.largest == pytest.approx(plain.largest)
    for share in (0.25, 0.5, 0.75, 1.0):
        expected = plain.quantile(share)
        assert histogram.quantile(share) == (None if expected is None else pytest.approx(expected, rel=0.03))


def test_nothing_at_all_takes_no_time() -> None:
    histogram = Histogram()
    histogram.add_all([0.0, 0.0, 5.0], 1e3)
    assert histogram.quantile(0.5) == 0.0
    assert histogram.quantile(1.0) == pytest.approx(5_000, rel=0.02)


@given(many, many, many)
def test_merging_is_associative(a: list[float], b: list[float], c: list[float]) -> None:
    left = merged([merged([counted(a), counted(b)]), counted(c)])
    right = merged([counted(a), merged([counted(b), counted(c)])])
    same(left, right)
    same(left, counted([*a, *b, *c]))


@given(many)
def test_what_is_dumped_can_be_loaded(found: list[float]) -> None:
    histogram = counted(found)
    same(Histogram.load(json.loads(json.dumps(histogram.dump()))), histogram)


def test_too_few_say_nothing() -> None:
    histogram = counted([1.0] * 99)
    assert histogram.quantile(0.95) == pytest.approx(1.0, rel=0.02)
    assert histogram.quantile(0.99) is None
    assert Histogram().quantile(0.5) is None


def test_no_quantile_exceeds_the_largest() -> None:
    assert counted([7.0]).quantile(0.5) == 7.0
