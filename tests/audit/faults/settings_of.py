"""Hypothesis strategies: any fault with any valid settings."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

from audit.faults import Bandwidth, Blackhole, Close, Fault, Latency, Refuse, Reset, Slicer, Stall
from audit.faults.settings import REACHES, SPANS

LAW = settings(deadline=None)  # how long an example takes says nothing on a machine that does other things too

_REACHES = st.sampled_from(REACHES)
_SPANS = st.sampled_from(SPANS)


def _latency(latency_ms: int, share: float, direction: str, reaches: str) -> Latency:
    return Latency(latency_ms, int(latency_ms * share), direction, reaches)  # type: ignore[arg-type]


def _slicer(average: int, share: float, delay_us: int, direction: str, reaches: str) -> Slicer:
    return Slicer(average, int((average - 1) * share), delay_us, direction, reaches)  # type: ignore[arg-type]


STRATEGIES: dict[type[Fault], st.SearchStrategy[Fault]] = {
    Close: st.builds(Close, st.integers(0, 40), _REACHES),
    Reset: st.builds(Reset, st.integers(0, 40), _REACHES),
    Blackhole: st.builds(Blackhole, _SPANS, _REACHES),
    Stall: st.builds(Stall, st.none() | st.integers(1, 50), _SPANS, _REACHES),
    Refuse: st.builds(Refuse),
    Latency: st.builds(_latency, st.integers(1, 50), st.floats(0, 1), _SPANS, _REACHES),
    Slicer: st.builds(_slicer, st.integers(1, 20), st.floats(0, 1), st.integers(0, 20_000), _SPANS, _REACHES),
    Bandwidth: st.builds(Bandwidth, st.integers(1, 5_000), _SPANS, _REACHES),
}
ANY_FAULT = st.one_of(*STRATEGIES.values())
LOSSLESS_FAULT = st.one_of(*(STRATEGIES[kind] for kind in (Stall, Latency, Slicer, Bandwidth)))
