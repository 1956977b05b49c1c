from __future__ import annotations

import heapq
import math
import time
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.errors import ConfigError
from audit.load.backoff import KINDS, Backoff, Kind
from audit.load.stampede import Outcome, Stampede, left_for_resumes, simulate

ROOM = 10**9  # so much that nobody waits, is refused or gives up
FULL = Backoff("full-jitter", 1.0, 30.0)
USUAL = [
    Backoff("fixed", 3.0),
    Backoff("exponential", 1.0, 8.0),
    Backoff("full-jitter", 1.0, 8.0),
    Backoff("equal-jitter", 1.0, 8.0),
    Backoff("decorrelated", 1.0, 8.0),
    Backoff("server-sent", 1.0, spread_s=9.0),
]


def conserved(found: Outcome) -> bool:
    """Every attempt ended in exactly one way, and nobody came back twice."""
    return found.attempts == found.back + found.refused + found.gave_up + found.open and found.back <= found.devices


# -- conservation -----------------------------------------------------------------------------------------------------


@given(
    st.integers(1, 3_000),
    st.floats(1, 5_000),
    st.integers(1, 3_000),
    st.floats(0.05, 5),
    st.sampled_from(KINDS),
    st.floats(0.05, 4),
    st.floats(1, 20),
    st.integers(0, 9),
)
@settings(max_examples=50, deadline=5_000)
def test_everyone_comes_back_exactly_once(
    devices: int, rate: float, queue: int, timeout: float, kind: Kind, base: float, times: float, seed: int
) -> None:
    backoff = Backoff(kind, base, base * times, base * times if kind == "server-sent" else 0.0)
    found = simulate(Stampede(devices, rate, queue, timeout, limit_s=60.0), backoff, seed, bins=500)
    assert conserved(found)
    if found.all_s is not None:
        assert (found.back, found.open) == (devices, 0)
        assert found.p99_s is not None and found.p99_s <= found.all_s
        assert found.all_s >= (devices - 2) / rate - 2 * found.step_s
    assert found.attempts >= found.peak_per_s >= 0


# -- closed forms -----------------------------------------------------------------------------------------------------


def test_with_room_for_all_a_fixed_retry_brings_everyone_at_once() -> None:
    found = simulate(Stampede(5_000, ROOM, ROOM), Backoff("fixed", 3.0))
    assert found.all_s == found.p99_s == pytest.approx(3.0, abs=2 * found.step_s)
    assert (found.attempts, found.peak_per_s, found.refused, found.gave_up) == (5_000, 5_000, 0, 0)


def test_with_room_for_all_a_spread_is_all_there_is_to_wait_for() -> None:
    found = simulate(Stampede(200_000, ROOM, ROOM), Backoff("server-sent", 2.0, spread_s=10.0))
    assert found.p99_s == pytest.approx(2.0 + 0.99 * 10.0, abs=0.05)
    assert found.all_s == pytest.approx(12.0, abs=0.05)
    assert found.peak_per_s == pytest.approx(20_000, rel=0.03)


def test_a_crowd_that_may_queue_is_served_at_the_rate() -> None:
    found = simulate(Stampede(10_000, 500, ROOM, timeout_s=60), Backoff("fixed", 1.0))
    assert found.p99_s == pytest.approx(1.0 + 9_900 / 500, abs=0.05)
    assert found.all_s == pytest.approx(1.0 + 10_000 / 500, abs=0.05)
    assert found.attempts == 10_000


def test_with_a_short_queue_every_round_takes_a_queue_full() -> None:
    found = simulate(Stampede(10_000, 1_000, 1_000), Backoff("fixed", 2.0))
    rounds = 10  # of 1,000 each, and what is answered while the others arrive
    assert found.all_s == pytest.approx(rounds * 2.0 + 1.0, abs=0.3)
    assert found.refused == pytest.approx(sum(range(9)) * 1_000 + 9_000, rel=0.02)


def test_who_waits_too_long_gives_up_and_the_work_is_lost() -> None:
    found = simulate(Stampede(300, 100, ROOM, timeout_s=2.0), Backoff("fixed", 5.0))
    assert found.gave_up == pytest.approx(100, abs=2)
    assert found.all_s == pytest.approx(5.0 + 2.0 + 5.0 + 1.0, abs=0.1)


def test_a_queue_longer_than_anyone_s_patience_never_recovers() -> None:
    stuck = simulate(Stampede(1_000, 10, 1_000, timeout_s=1.0), Backoff("fixed", 1.0))
    assert (stuck.all_s, stuck.p99_s) == (None, None)
    assert stuck.gave_up > 1_000
    short = simulate(Stampede(1_000, 10, 10, timeout_s=1.0), Backoff("fixed", 1.0))
    assert short.all_s is not None and short.gave_up == 0


# -- against a simulation of each device by itself --------------------------------------------------------------------


def one_by_one(stampede: Stampede, backoff: Backoff, seed: int) -> tuple[float, int]:
    """The same storm, event by event: seconds until 99 % are back, attempts."""
    rng = Random(seed)
    waits = {device: _first(backoff, rng) for device in range(stampede.devices)}
    events = [(wait, device, 0) for device, wait in waits.items()]
    heapq.heapify(events)
    free_at, attempts = 0.0, 0
    line: list[float] = []
    back: list[float] = []
    while len(back) < stampede.devices:
        now, device, tries = heapq.heappop(events)
        attempts += 1
        line = [done for done in line if done > now]
        if len(line) >= stampede.queue:
            again = now
        else:
            free_at = max(free_at, now) + 1 / stampede.rate
            line.append(free_at)
            if free_at - now <= stampede.timeout_s:
                back.append(free_at)
                continue
            again = now + stampede.timeout_s
        waits[device] = _next(backoff, tries + 1, waits[device], rng)
        heapq.heappush(events, (again + waits[device], device, tries + 1))
    return sorted(back)[int(0.99 * stampede.devices)], attempts


def _first(backoff: Backoff, rng: Random) -> float:
    return _next(backoff, 0, backoff.base_s, rng)


def _next(backoff: Backoff, tries: int, before: float, rng: Random) -> float:
    highest = min(backoff.cap_s, backoff.base_s * 2.0**tries)
    match backoff.kind:
        case "fixed":
            return backoff.base_s
        case "server-sent":
            return backoff.base_s + rng.random() * backoff.spread_s
        case "exponential":
            return highest
        case "full-jitter":
            return rng.random() * highest
        case "equal-jitter":
            return highest / 2 + rng.random() * highest / 2
        case "decorrelated":
            return min(backoff.cap_s, rng.uniform(backoff.base_s, before * 3))


@pytest.mark.parametrize("backoff", USUAL, ids=lambda backoff: backoff.kind)
def test_counting_devices_tells_the_same_as_following_each(backoff: Backoff) -> None:
    stampede = Stampede(1_500, 100, 40, timeout_s=5.0, limit_s=1_000.0)
    seconds, attempts = one_by_one(stampede, backoff, seed=2)
    found = simulate(stampede, backoff, seed=2)
    assert found.p99_s == pytest.approx(seconds, rel=0.08)
    assert found.attempts == pytest.approx(attempts, rel=0.08)


# -- more of one thing is less of another -----------------------------------------------------------------------------


def seconds(found: Outcome) -> float:
    assert found.p99_s is not None
    return found.p99_s


def test_a_faster_server_is_never_later() -> None:
    times = [seconds(simulate(Stampede(20_000, rate, 200), FULL, bins=1_000)) for rate in (200, 800, 3_200)]
    assert times == sorted(times, reverse=True)


def test_more_devices_take_longer() -> None:
    times = [seconds(simulate(Stampede(devices, 500, 500), FULL, bins=1_000)) for devices in (1_000, 8_000, 64_000)]
    assert times == sorted(times)


def test_a_wider_spread_lowers_the_peak_and_the_attempts() -> None:
    spreads = [Backoff("server-sent", 1.0, spread_s=spread) for spread in (5.0, 10.0, 20.0, 40.0)]
    found = [simulate(Stampede(20_000, 1_000, 100), each, bins=1_000) for each in spreads]
    assert [each.peak_per_s for each in found] == sorted((each.peak_per_s for each in found), reverse=True)
    assert [each.attempts for each in found] == sorted((each.attempts for each in found), reverse=True)


def test_the_same_seed_gives_the_same_storm() -> None:
    stampede = Stampede(500, 50, 10)
    assert simulate(stampede, FULL, 3) == simulate(stampede, FULL, 3) != simulate(stampede, FULL, 4)


# -- live streams -----------------------------------------------------------------------------------------------------


def test_live_streams_take_from_resumes_as_devices_return() -> None:
    calm, busy = (
        simulate(Stampede(10_000, 1_000, ROOM, 60.0, live=live), Backoff("fixed", 1.0)) for live in (0.0, 0.6)
    )
    assert calm.all_s == pytest.approx(11.0, abs=0.1)
    assert busy.all_s == pytest.approx(1.0 + 10.0 * -math.log(0.4) / 0.6, rel=0.01)  # the integral of 1/(1 - 0.6 x)
    assert Stampede(10_000, 1_000, ROOM, live=0.6).least_s == pytest.approx(seconds_of(busy) - 1.0, rel=0.01)


def seconds_of(found: Outcome) -> float:
    assert found.all_s is not None
    return found.all_s


def test_what_is_left_for_resumes_is_all_without_live_streams() -> None:
    assert left_for_resumes(0.0) == 1.0
    assert left_for_resumes(1e-6) == pytest.approx(1.0, abs=1e-5)
    assert left_for_resumes(0.6) == pytest.approx(0.655, abs=0.001)


# -- a million --------------------------------------------------------------------------------------------------------


def cpu(devices: int, backoff: Backoff) -> tuple[float, Outcome]:
    """Seconds of processor time, the better of two; 500 seconds' worth of work for the server."""
    took = []
    for _ in range(2):
        begun = time.process_time()
        found = simulate(Stampede(devices, devices / 500, devices // 500), backoff)
        took.append(time.process_time() - begun)
    return min(took), found


@pytest.mark.parametrize("backoff", [FULL, Backoff("fixed", 3.0)], ids=["full-jitter", "fixed"])
def test_a_million_devices_cost_little_more_than_ten_thousand(backoff: Backoff) -> None:
    few, small = cpu(10_000, backoff)
    many, large = cpu(1_000_000, backoff)
    assert many <= 20 * few + 0.05  # a hundred times the devices
    assert seconds(large) == pytest.approx(seconds(small), rel=0.06)
    assert large.back == 1_000_000 and conserved(large)


def test_every_impossible_number_is_named() -> None:
    with pytest.raises(ConfigError) as caught:
        Stampede(0, -1.0, 0, timeout_s=0.0, live=1.0)
    assert [problem.where for problem in caught.value.problems] == ["devices", "rate", "queue", "timeout_s", "live"]
