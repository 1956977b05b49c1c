from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from audit.faults import Latency
from audit.faults.base import Fin, Forward

from .drive import MS, Data, Eof, Step, Trace, Wait, begin, drive
from .settings_of import LAW


def arrivals(trace: Trace) -> list[int]:
    """Milliseconds after the start."""
    return [(a.at_ns - trace.start_ns) // MS for a in trace.actions if isinstance(a, Forward | Fin)]


def test_everything_comes_later_by_the_latency() -> None:
    trace = drive(begin(Latency(50)), [Data(b"a"), Wait(10), Data(b"b"), Wait(100), Eof()])
    assert arrivals(trace) == [50, 60, 160]


@LAW
@given(st.integers(0, 2**32))
def test_jitter_stays_within_its_bounds(seed: int) -> None:
    trace = drive(begin(Latency(50, jitter_ms=20), seed=seed), [Data(b"a"), Wait(100), Data(b"b")])
    first, second = arrivals(trace)
    assert 30 <= first <= 70
    assert 130 <= second <= 170


@LAW
@given(st.integers(0, 2**32))
def test_jitter_bunches_but_never_swaps(seed: int) -> None:
    trace = drive(begin(Latency(50, jitter_ms=50), seed=seed), [Data(b"a"), Wait(1), Data(b"b"), Wait(1), Data(b"c")])
    assert arrivals(trace) == sorted(arrivals(trace))


def test_jitter_is_drawn_from_the_generator_handed_in() -> None:
    script: list[Step] = [Data(b"a"), Wait(100), Data(b"b"), Wait(100), Data(b"c")]
    runs = [arrivals(drive(begin(Latency(50, jitter_ms=20), seed=seed), script)) for seed in range(20)]
    assert len({tuple(run) for run in runs}) > 10


def test_it_can_be_one_way() -> None:
    assert Latency(50, direction="up").begin("down", Random(0)) is None
