"""Latency: everything arrives later, by a delay that may vary, in the order it was sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from .base import Action, Direction, Fin, Flow, Forward
from .passing import Passing, marked
from .settings import NS_PER_MS, REACHES, SPANS, Reaches, Settings, Span, one_of, spans, whole


@dataclass(frozen=True)
class Latency(Settings):
    """Delays each chunk by `latency_ms` ± `jitter_ms` (uniform). TCP keeps order: jitter bunches chunks.

    In both directions, as by default, a round trip takes twice as long.
    """

    latency_ms: int
    jitter_ms: int = 0
    direction: Span = "both"
    reaches: Reaches = "both"
    id: ClassVar[str] = "latency"

    def __post_init__(self) -> None:
        whole("latency_ms", self.latency_ms, 1)
        whole("jitter_ms", self.jitter_ms, 0, self.latency_ms)
        one_of("direction", self.direction, SPANS)
        one_of("reaches", self.reaches, REACHES)

    def begin(self, direction: Direction, rng: Random) -> Flow | None:
        """A delay line for each direction asked for."""
        return _Delayed(self.latency_ms, self.jitter_ms, rng) if spans(self.direction, direction) else None


class _Delayed(Passing):
    def __init__(self, latency_ms: int, jitter_ms: int, rng: Random) -> None:
        self._latency_ns = latency_ms * NS_PER_MS
        self._jitter_ns = jitter_ms * NS_PER_MS
        self._rng = rng
        self._last_ns = 0

    def on_data(self, data: bytes, now_ns: int) -> Iterable[Action]:
        return marked([Forward(data, self._arrival(now_ns))], now_ns)

    def on_eof(self, now_ns: int) -> Iterable[Action]:
        return marked([Fin(self._arrival(now_ns))], now_ns)

    def _arrival(self, now_ns: int) -> int:
        delay_ns = self._latency_ns + self._rng.randint(-self._jitter_ns, self._jitter_ns)
        self._last_ns = max(self._last_ns, now_ns + delay_ns)
        return self._last_ns
