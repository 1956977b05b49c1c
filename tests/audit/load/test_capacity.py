from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from audit.load.capacity import Estimate, Knee, Step, busy_until, knee, modelled, steps_of
from audit.load.churn import PRESETS, fitted, schedule
from audit.load.result import Window
from audit.load.scaling import Law

from .samples import window

CURVED = Law(5.0, 2e-4, 1e-7)


def staircase(law: Law, levels: list[int], each: int = 4, noise: float = 0.01, seed: int = 3) -> list[Window]:
    """Windows of a load in steps: in the first of each level the devices are still arriving."""
    rng, found, at = np.random.default_rng(seed), [], 0.0
    for before, devices in zip([0, *levels], levels, strict=False):
        for number in range(each):
            here = (before + devices) / 2 if number == 0 else devices * float(np.exp(rng.normal(0, 0.005)))
            words = law.throughput(max(here, 1)) * float(np.exp(rng.normal(0, noise))) * 10
            found.append(window(at, round(devices if number == 0 else here), round(words)))
            at += 10.0
    return found


def step(devices: float, rate: float, p95_ms: float | None = 20.0) -> Step:
    return Step(devices, rate, p95_ms, ((devices, rate),))


# -- steps ------------------------------------------------------------------------------------------------------------


def test_a_level_is_its_windows_but_for_the_one_in_which_devices_arrive() -> None:
    windows = [
        window(0, 100, 3_000, 5.0),
        window(10, 101, 10_000, 10.0),
        window(20, 99, 9_000, 30.0),
        window(30, 200, 12_000),
        window(40, 201, 19_000, None),
    ]
    first, second = steps_of(windows)
    assert (first.devices, first.rate, first.p95_ms) == (100.0, 950.0, 20.0)
    assert first.points == ((99.0, 900.0), (101.0, 1_000.0))
    assert (second.devices, second.rate, second.p95_ms) == (201.0, 1_900.0, None)


def test_a_level_that_comes_back_is_the_same_step() -> None:
    windows = [window(at * 10, devices, 100) for at, devices in enumerate([100, 100, 500, 500, 100, 100])]
    assert [(step.devices, len(step.points)) for step in steps_of(windows)] == [(100.0, 2), (500.0, 1)]


def test_a_ramp_has_no_levels() -> None:
    assert steps_of([window(at * 10, 100 + 100 * at, 100) for at in range(8)]) == ()


def test_resumes_can_be_what_is_counted() -> None:
    windows = [window(0, 100, 1, resumes=50), window(10, 100, 1, resumes=70)]
    assert steps_of(windows, of="resumes")[0].rate == 7.0


def test_an_unknown_measure_gives_no_delay() -> None:
    assert steps_of([window(0, 9, 9), window(10, 9, 9)], measure="stop_delay")[0].p95_ms is None


def test_the_end_of_a_plan_does_not_count_because_nobody_asks_any_more() -> None:
    churn = fitted(PRESETS["office"], devices=40, seconds=120.0, shape="step", stop_share=0.0)
    prompts = [act.at_s for act in schedule(churn, seed=1).acts if act.what == "prompt"]
    quiet = busy_until(churn)
    assert max(prompts) <= churn.seconds - churn.run_s
    assert quiet == churn.seconds - churn.run_s - churn.think_s
    windows = [window(at * 10.0, 40, 100) for at in range(12)]
    assert len(steps_of(windows, until_s=quiet)[0].points) == 9  # of 12: the first, and those after 106 s, are left out


# -- the knee ---------------------------------------------------------------------------------------------------------


def test_a_target_that_keeps_up_has_no_knee() -> None:
    assert knee([step(100, 500), step(200, 990), step(400, 1_960)]) is None
    assert knee([]) is None


def test_the_knee_is_where_throughput_is_a_tenth_short() -> None:
    assert knee([step(100, 500), step(200, 950), step(400, 1_800), step(800, 1_800)]) == Knee(
        400, "throughput is 10% short of proportional at 400 devices"
    )


def test_the_knee_is_where_the_delay_doubles() -> None:
    assert knee([step(100, 500, 20), step(200, 1_000, 39), step(400, 2_000, 41)]) == Knee(
        400, "the p95 delay grew from 20 to 41 ms at 400 devices"
    )


def test_a_delay_that_nobody_feels_is_no_knee() -> None:
    assert knee([step(100, 500, 0.4), step(200, 1_000, 3.0), step(400, 2_000, None)]) is None


# -- the model --------------------------------------------------------------------------------------------------------


def test_a_load_in_steps_gives_back_the_law_it_followed() -> None:
    model, reason = modelled(steps_of(staircase(CURVED, [500, 1_000, 1_500, 2_000, 3_000])))
    assert model is not None and reason == ""
    assert model.rate.low <= 5.0 <= model.rate.high
    assert model.contention.value == pytest.approx(2e-4, rel=0.3)
    assert model.crosstalk.value == pytest.approx(1e-7, rel=0.3)
    assert model.r2 > 0.99
    assert model.steps == 5
    assert model.peak == pytest.approx(CURVED.peak(), rel=0.15)
    assert model.comfortable.value == pytest.approx(CURVED.point(0.7), rel=0.1)
    assert "not a measurement" in model.caveat and "driven to its limit" not in model.caveat


def test_instances_are_counted_at_the_comfortable_point() -> None:
    model, _ = modelled(steps_of(staircase(CURVED, [500, 1_000, 1_500, 2_000, 3_000])))
    assert model is not None
    assert replace(model, comfortable=Estimate(1_000, 800, 1_250)).instances(10_001) == Estimate(11, 9, 13)


def test_what_was_never_reached_is_not_promised() -> None:
    model, _ = modelled(steps_of(staircase(Law(5.0, 1e-6, 0.0), [100, 200, 300, 400, 500])))
    assert model is not None
    assert model.comfortable.value == model.largest <= 520
    assert model.instances(5_000).value >= 9
    assert "counted at the most that was measured" in model.caveat


@pytest.mark.parametrize("levels", [[], [500], [500, 1_000, 1_500]])
def test_fewer_than_four_steps_carry_no_model(levels: list[int]) -> None:
    model, reason = modelled(steps_of(staircase(CURVED, levels)))
    assert model is None
    assert reason == f"needs 4 different numbers of devices, there are {len(levels)} (use a load in steps)"


def test_a_target_that_went_silent_carries_no_model() -> None:
    steps = [step(100, 500), step(200, 900), step(300, 1_100), step(400, 0)]
    assert modelled(steps) == (None, "nothing arrived for ten seconds at 400 devices")


def test_throughput_that_does_not_follow_devices_carries_no_model() -> None:
    level = [step(devices, rate) for devices, rate in [(100, 900), (200, 300), (300, 1_200), (400, 250), (500, 1_000)]]
    model, reason = modelled(level)
    assert model is None and "no better than a flat line" in reason


def test_a_model_is_plain_json_and_the_same_again() -> None:
    steps = steps_of(staircase(CURVED, [500, 1_000, 1_500, 2_000]))
    one, other = (modelled(steps, seed=5, draws=100)[0] for _ in range(2))
    assert one is not None and other is not None
    assert json.dumps(asdict(one), allow_nan=False) == json.dumps(asdict(other), allow_nan=False)
