from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.load.scaling import Fit, Floats, Law, fit

STEPS = np.repeat(np.linspace(400.0, 3_200.0, 8), 3)
FEW = np.linspace(400.0, 2_000.0, 5)
CURVED = Law(5.0, 2e-4, 1e-7)


def measured(law: Law, devices: Floats, noise: float, seed: int) -> Floats:
    exact = np.array([law.throughput(each) for each in devices])
    return np.asarray(exact * np.exp(np.random.default_rng(seed).normal(0, noise, len(devices))))


def held(found: Fit, law: Law) -> tuple[bool, bool, bool]:
    """Whether the truth lies in the intervals."""
    return (
        found.lows.rate <= law.rate <= found.highs.rate,
        found.lows.contention <= law.contention <= found.highs.contention,
        found.lows.crosstalk <= law.crosstalk <= found.highs.crosstalk,
    )


# -- the law ----------------------------------------------------------------------------------------------------------


def test_one_device_gets_its_rate_and_without_penalties_each_one_does() -> None:
    assert CURVED.throughput(1) == 5.0
    assert Law(5.0, 0.0, 0.0).throughput(700) == 3_500.0
    assert (Law(5.0, 0.0, 0.0).peak(), Law(5.0, 0.0, 0.0).point(0.7)) == (math.inf, math.inf)


def test_contention_alone_levels_off_crosstalk_makes_it_fall() -> None:
    amdahl = Law(5.0, 0.01, 0.0)
    assert amdahl.throughput(1e9) == pytest.approx(500.0, rel=1e-3)
    assert amdahl.peak() == math.inf
    assert CURVED.peak() == pytest.approx(math.sqrt((1 - 2e-4) / 1e-7))
    assert CURVED.throughput(CURVED.peak()) > CURVED.throughput(CURVED.peak() * 1.5)


def test_what_is_done_in_single_file_has_its_peak_at_one_device() -> None:
    assert (Law(5.0, 1.5, 0.0).peak(), Law(5.0, 1.5, 0.0).point(0.7)) == (1.0, 1.0)


@given(st.floats(0, 0.5), st.floats(1e-9, 0.1), st.floats(0.05, 0.95))
def test_the_point_is_where_the_curve_reaches_that_share_of_its_top(sigma: float, kappa: float, share: float) -> None:
    law = Law(3.0, sigma, kappa)
    point, top = law.point(share), law.throughput(law.peak())
    assert point <= law.peak() * (1 + 1e-9)
    if point > 1:
        assert law.throughput(point) == pytest.approx(share * top, rel=1e-6)
    else:
        assert law.throughput(1) >= share * top * (1 - 1e-6)


@given(st.floats(1e-6, 0.5), st.floats(0.05, 0.95))
def test_the_point_without_crosstalk_is_a_share_of_the_level(sigma: float, share: float) -> None:
    law = Law(3.0, sigma, 0.0)
    if law.point(share) > 1:
        assert law.throughput(law.point(share)) == pytest.approx(share * 3.0 / sigma, rel=1e-6)


# -- fitting ----------------------------------------------------------------------------------------------------------


@given(st.floats(0.1, 100), st.floats(0, 2e-3), st.floats(0, 1e-6))
@settings(max_examples=40, deadline=2_000)
def test_without_noise_the_law_is_found_again(rate: float, sigma: float, kappa: float) -> None:
    law = Law(rate, sigma, kappa)
    found = fit(STEPS, measured(law, STEPS, 0.0, 1), seed=1, draws=20)
    assert found.law.rate == pytest.approx(rate, rel=1e-4)
    assert found.law.contention == pytest.approx(sigma, rel=1e-3, abs=1e-8)
    assert found.law.crosstalk == pytest.approx(kappa, rel=1e-3, abs=1e-11)
    assert found.r2 == pytest.approx(1.0, abs=1e-6)


def test_with_noise_it_is_found_within_bounds() -> None:
    found = fit(STEPS, measured(CURVED, STEPS, 0.02, 3), seed=1, draws=300)
    assert found.law.rate == pytest.approx(5.0, rel=0.1)
    assert found.law.contention == pytest.approx(2e-4, rel=0.4)
    assert found.law.crosstalk == pytest.approx(1e-7, rel=0.4)
    assert 0.98 < found.r2 < 1.0
    assert found.adjusted < found.r2


@pytest.mark.parametrize(
    ("law", "devices"),
    [(CURVED, STEPS), (CURVED, FEW), (Law(5.0, 0.0, 2e-7), STEPS), (Law(5.0, 1e-3, 0.0), FEW)],
    ids=["24 points", "5 points", "crosstalk alone", "contention alone"],
)
def test_the_intervals_hold_the_truth_nineteen_times_of_twenty(law: Law, devices: Floats) -> None:
    trials = 100
    found = [fit(devices, measured(law, devices, 0.03, seed), seed, draws=200) for seed in range(trials)]
    shares = np.mean([held(each, law) for each in found], axis=0)
    assert (shares >= 0.89).all()  # 0.95 less three standard errors of 100 trials
    if law is CURVED:
        assert (shares <= 0.99).all()  # intervals so wide that they always hold would say nothing


def test_the_estimate_lies_in_its_interval_and_no_part_of_it_is_below_zero() -> None:
    for seed in range(20):
        found = fit(STEPS, measured(Law(5.0, 0.0, 0.0), STEPS, 0.05, seed), seed, draws=100)
        assert found.law.contention >= 0 and found.law.crosstalk >= 0
        for name in ("rate", "contention", "crosstalk"):
            low, best, high = (getattr(law, name) for law in (found.lows, found.law, found.highs))
            assert 0 <= low <= best <= high
        assert all(law.contention >= 0 and law.crosstalk >= 0 for law in found.draws)


def test_more_noise_gives_wider_intervals() -> None:
    widths = [
        (found.highs.contention - found.lows.contention)
        for noise in (0.005, 0.05)
        for found in [fit(STEPS, measured(CURVED, STEPS, noise, 3), 1, 200)]
    ]
    assert widths[1] > 5 * widths[0]


def test_the_same_seed_gives_the_same_intervals() -> None:
    rates = measured(CURVED, STEPS, 0.02, 3)
    assert fit(STEPS, rates, 7, 50) == fit(STEPS, rates, 7, 50) != fit(STEPS, rates, 8, 50)


def test_a_level_throughput_is_explained_by_nothing() -> None:
    noise = np.exp(np.random.default_rng(5).normal(0, 0.02, len(STEPS)))
    assert fit(STEPS, 1_000 * noise, 1, 50).adjusted < 0.3


def test_what_grows_faster_than_devices_is_a_straight_line_at_best() -> None:
    law = fit(STEPS, STEPS**1.3, 1, 50).law
    assert (law.contention, law.crosstalk) == (0.0, 0.0)


@given(st.lists(st.floats(1e-3, 1e6), min_size=8, max_size=8), st.integers(0, 99))
@settings(max_examples=60, deadline=2_000)
def test_any_measurements_give_finite_numbers(rates: list[float], seed: int) -> None:
    found = fit(np.linspace(10.0, 800.0, 8), np.array(rates), seed, draws=20)
    for law in (found.law, found.lows, found.highs):
        assert all(map(math.isfinite, (law.rate, law.contention, law.crosstalk)))
        assert law.contention >= 0 and law.crosstalk >= 0
    assert math.isfinite(found.r2)
