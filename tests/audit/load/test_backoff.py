from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import ConfigError
from audit.load.backoff import KINDS, Backoff, Floats, Kind


def climbed(backoff: Backoff, attempts: int, devices: int = 20_000) -> list[Floats]:
    """The waits of a crowd that is refused every time."""
    ladder, rng = backoff.ladder(), np.random.default_rng(4)
    rungs, found = np.zeros(devices, dtype=np.int64), []
    for _ in range(attempts):
        waits = ladder.waits(rungs, rng)
        rungs = ladder.after(rungs, waits)
        found.append(waits)
    return found


def ends(backoff: Backoff, attempts: int) -> list[tuple[float, float]]:
    return [(round(float(waits.min()), 1), round(float(waits.max()), 1)) for waits in climbed(backoff, attempts)]


@pytest.mark.parametrize(
    ("backoff", "expected"),
    [
        (Backoff("fixed", 3.0), [(3, 3)] * 4),
        (Backoff("exponential", 1.0, 5.0), [(1, 1), (2, 2), (4, 4), (5, 5)]),
        (Backoff("full-jitter", 1.0, 5.0), [(0, 1), (0, 2), (0, 4), (0, 5)]),
        (Backoff("equal-jitter", 1.0, 5.0), [(0.5, 1), (1, 2), (2, 4), (2.5, 5)]),
        (Backoff("server-sent", 1.0, spread_s=9.0), [(1, 10)] * 4),
        (Backoff("decorrelated", 1.0, 5.0), [(1, 3), (1, 5), (1, 5), (1, 5)]),
    ],
    ids=lambda value: value.kind if isinstance(value, Backoff) else "",
)
def test_waits_grow_as_the_policy_says(backoff: Backoff, expected: list[tuple[float, float]]) -> None:
    assert ends(backoff, 4) == expected


def test_decorrelated_waits_follow_the_rule_they_are_named_after() -> None:
    """sleep = min(cap, uniform(base, 3 × sleep)), device by device, without rungs."""
    rng, sleeps = np.random.default_rng(1), np.full(20_000, 0.5)
    for waits in climbed(Backoff("decorrelated", 0.5, 60.0), 8):
        sleeps = np.minimum(60.0, rng.uniform(0.5, sleeps * 3))
        assert waits.mean() == pytest.approx(sleeps.mean(), rel=0.04)
        assert np.quantile(waits, 0.9) == pytest.approx(np.quantile(sleeps, 0.9), rel=0.06)


@given(st.sampled_from(KINDS), st.floats(0.01, 100), st.floats(1, 100), st.floats(0, 1_000))
def test_no_wait_leaves_its_bounds(kind: Kind, base: float, times: float, spread: float) -> None:
    backoff = Backoff(kind, base, base * times, spread if kind == "server-sent" else 0.0)
    longest = backoff.ladder().longest()
    for waits in climbed(backoff, 12, devices=50):
        assert waits.min() >= 0 and waits.max() <= longest * (1 + 1e-12)


def test_a_policy_is_named_with_its_settings() -> None:
    assert [str(Backoff(kind, 1.0, 30.0, 9.0 if kind == "server-sent" else 0.0)) for kind in KINDS] == [
        "fixed 1 s",
        "exponential 1 s to 30 s",
        "full-jitter 1 s to 30 s",
        "equal-jitter 1 s to 30 s",
        "decorrelated 1 s to 30 s",
        "server-sent 1 s + up to 9 s",
    ]
    assert str(Backoff("server-sent", 0.0, spread_s=9.0)) == "server-sent up to 9 s"


def test_a_single_device_waits_half_the_spread() -> None:
    assert Backoff("server-sent", 1.0, spread_s=10.0).alone_s() == 6.0
    assert Backoff("full-jitter", 1.0, 30.0).alone_s() == 0.5
    assert Backoff("fixed", 3.0).alone_s() == 3.0


def test_the_first_wave_is_at_most_everyone() -> None:
    assert Backoff("fixed", 3.0).first_wave(500) == 500
    assert Backoff("server-sent", 1.0, spread_s=10.0).first_wave(500) == 50


def test_every_impossible_setting_is_named() -> None:
    with pytest.raises(ConfigError) as caught:
        Backoff("exponential", 10.0, 5.0, 3.0)
    assert [problem.where for problem in caught.value.problems] == ["cap_s", "spread_s"]
    with pytest.raises(ConfigError):
        Backoff("fixed", 0.0)
