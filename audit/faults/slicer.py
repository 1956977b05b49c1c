"""Slicer: what was sent in one piece arrives in many, as over small segments; event boundaries mean nothing to TCP."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from .base import Action, Direction, Fin, Flow, Forward
from .passing import Passing, marked
from .settings import NS_PER_US, REACHES, SPANS, Reaches, Settings, Span, one_of, spans, whole


@dataclass(frozen=True)
class Slicer(Settings):
    """Cuts chunks into slices of `average_size_bytes` ± `size_variation_bytes`, `delay_us` apart.

    Without a delay the slices are sent one by one, but the receiver may read several of them together.
    """

    average_size_bytes: int
    size_variation_bytes: int = 0
    delay_us: int = 0
    direction: Span = "both"
    reaches: Reaches = "both"
    id: ClassVar[str] = "slicer"

    def __post_init__(self) -> None:
        whole("average_size_bytes", self.average_size_bytes, 1)
        whole("size_variation_bytes", self.size_variation_bytes, 0, self.average_size_bytes - 1)
        whole("delay_us", self.delay_us, 0)
        one_of("direction", self.direction, SPANS)
        one_of("reaches", self.reaches, REACHES)

    def begin(self, direction: Direction, rng: Random) -> Flow | None:
        """A knife for each direction asked for."""
        return _Sliced(self, rng) if spans(self.direction, direction) else None


class _Sliced(Passing):
    def __init__(self, knife: Slicer, rng: Random) -> None:
        self._knife = knife
        self._rng = rng
        self._last_ns = 0
        self._next_ns = 0

    def on_data(self, data: bytes, now_ns: int) -> Iterable[Action]:
        return marked([Forward(piece, self._departure(now_ns)) for piece in self._cut(data)], now_ns)

    def on_eof(self, now_ns: int) -> Iterable[Action]:
        return marked([Fin(max(now_ns, self._last_ns))], now_ns)

    def _cut(self, data: bytes) -> Iterator[bytes]:
        average, variation = self._knife.average_size_bytes, self._knife.size_variation_bytes
        start = 0
        while start < len(data):
            end = start + average + self._rng.randint(-variation, variation)
            yield data[start:end]
            start = end

    def _departure(self, now_ns: int) -> int:
        self._last_ns = max(now_ns, self._next_ns)
        self._next_ns = self._last_ns + self._knife.delay_us * NS_PER_US
        return self._last_ns
