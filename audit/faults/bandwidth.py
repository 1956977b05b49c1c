"""Bandwidth: a narrow pipe. Bytes come no faster than it lets them through; what waits is pushed back on the sender."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from .base import Action, Direction, Fin, Flow, Forward
from .passing import Passing, marked
from .settings import NS_PER_MS, REACHES, SPANS, Reaches, Settings, Span, one_of, spans, whole

_PIECE_MS = 10  # bytes trickle in pieces of so much time each, instead of one burst when a large chunk is through


@dataclass(frozen=True)
class Bandwidth(Settings):
    """Lets `rate_kbps` kilobytes (1,000 bytes, as Toxiproxy counts) a second through, in each direction."""

    rate_kbps: int
    direction: Span = "both"
    reaches: Reaches = "both"
    id: ClassVar[str] = "bandwidth"

    def __post_init__(self) -> None:
        whole("rate_kbps", self.rate_kbps, 1)
        one_of("direction", self.direction, SPANS)
        one_of("reaches", self.reaches, REACHES)

    def begin(self, direction: Direction, rng: Random) -> Flow | None:
        """A pipe for each direction asked for."""
        return _Piped(self.rate_kbps) if spans(self.direction, direction) else None


class _Piped(Passing):
    """A piece has arrived when its last byte is through: n bytes take n / rate milliseconds of the pipe's time."""

    def __init__(self, rate_kbps: int) -> None:
        self._bytes_per_ms = rate_kbps
        self._free_ns = 0

    def on_data(self, data: bytes, now_ns: int) -> Iterable[Action]:
        return marked([*self._trickle(data, now_ns)], now_ns)

    def on_eof(self, now_ns: int) -> Iterable[Action]:
        return marked([Fin(max(now_ns, self._free_ns))], now_ns)

    def _trickle(self, data: bytes, now_ns: int) -> Iterator[Forward]:
        size = self._bytes_per_ms * _PIECE_MS
        for start in range(0, len(data), size):
            piece = data[start : start + size]
            self._free_ns = max(now_ns, self._free_ns) + len(piece) * NS_PER_MS // self._bytes_per_ms
            yield Forward(piece, self._free_ns)
