from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from audit.load.capacity import BEYOND, modelled
from audit.load.capacity_result import Estimate
from audit.load.scaling import Law
from audit.load.steps import Step

CURVED = Law(5.0, 2e-4, 1e-7)


def staircase(law: Law, levels: list[int], each: int = 3, noise: float = 0.01, seed: int = 3) -> list[Step]:
    """Steps of a target that follows a law, each level measured a few times."""
    rng = np.random.default_rng(seed)
    return [
        step(devices, law.throughput(devices) * float(np.exp(rng.normal(0, noise))))
        for devices in levels
        for _ in range(each)
    ]


def step(devices: float, rate: float, p95_ms: float | None = 20.0) -> Step:
    return Step(devices, rate, p95_ms)


# -- the model --------------------------------------------------------------------------------------------------------


def test_a_load_in_steps_gives_back_the_law_it_followed() -> None:
    model, reason = modelled(staircase(CURVED, [500, 1_000, 1_500, 2_000, 3_000]))
    assert model is not None and reason == ""
    assert model.rate.low <= 5.0 <= model.rate.high
    assert model.contention.value == pytest.approx(2e-4, rel=0.3)
    assert model.crosstalk.value == pytest.approx(1e-7, rel=0.3)
    assert model.r2 > 0.99
    assert model.steps == 5
    assert model.peak == pytest.approx(CURVED.peak(), rel=0.15)
    assert model.comfortable.value == pytest.approx(CURVED.point(0.7), rel=0.1)
    assert "not a measurement" in model.caveat and "showed no limit" not in model.caveat


def test_instances_are_counted_at_the_comfortable_point() -> None:
    model, _ = modelled(staircase(CURVED, [500, 1_000, 1_500, 2_000, 3_000]))
    assert model is not None
    assert replace(model, comfortable=Estimate(1_000, 800, 1_250)).instances(10_001) == Estimate(11, 9, 13)


def test_what_was_never_reached_is_not_promised() -> None:
    model, _ = modelled(staircase(Law(5.0, 1e-6, 0.0), [100, 200, 300, 400, 500]))
    assert model is not None
    assert model.comfortable.value == model.largest <= 520
    assert model.instances(5_000).value >= 9
    assert "counted at the most that held" in model.caveat


def test_an_instance_is_never_counted_beyond_what_held() -> None:
    model, _ = modelled(staircase(Law(5.0, 1e-6, 0.0), [100, 200, 300, 400, 500]), held=400)
    assert model is not None
    assert (model.largest, model.comfortable.value) == (500, 400)
    assert model.instances(5_000).value == 13


@pytest.mark.parametrize("levels", [[], [500], [500, 1_000, 1_500]])
def test_fewer_than_four_steps_carry_no_model(levels: list[int]) -> None:
    model, reason = modelled(staircase(CURVED, levels))
    assert model is None
    assert reason == f"needs 4 different numbers of devices, there are {len(levels)} that prove something"


def test_a_target_that_went_silent_carries_no_model() -> None:
    steps = [step(100, 500), step(200, 900), step(300, 1_100), step(400, 0)]
    assert modelled(steps) == (None, "nothing arrived in time at 400 devices")


def test_throughput_that_does_not_follow_devices_carries_no_model() -> None:
    level = [step(devices, rate) for devices, rate in [(100, 900), (200, 300), (300, 1_200), (400, 250), (500, 1_000)]]
    model, reason = modelled(level)
    assert model is None and "no better than a flat line" in reason


def test_a_model_is_plain_json_and_the_same_again() -> None:
    steps = staircase(CURVED, [500, 1_000, 1_500, 2_000])
    one, other = (modelled(steps, seed=5, draws=100)[0] for _ in range(2))
    assert one is not None and other is not None
    assert json.dumps(asdict(one), allow_nan=False) == json.dumps(asdict(other), allow_nan=False)


def test_the_curve_runs_through_the_measurements_inside_its_band_and_beyond_them() -> None:
    steps = staircase(CURVED, [500, 1_000, 1_500, 2_000, 3_000])
    model, _ = modelled(steps, draws=200)
    assert model is not None
    assert model.curve[0][0] == 500 and model.curve[-1][0] == pytest.approx(3_000 * BEYOND)
    for devices, best, low, high in model.curve:
        assert low <= best <= high
        if devices <= 3_000:
            assert best == pytest.approx(CURVED.throughput(devices), rel=0.03)
    (_, _, near_low, near_high), (_, _, far_low, far_high) = model.curve[20], model.curve[-1]
    assert far_high - far_low > near_high - near_low  # beyond what was measured it knows less
