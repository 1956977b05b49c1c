"""Close: the connection ends with FIN, as when a proxy times out, a tab closes or a server drains."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import ClassVar

from .base import Direction, Fin, Flow
from .cut import Cut
from .settings import REACHES, Reaches, Settings, one_of, whole


@dataclass(frozen=True)
class Close(Settings):
    """FIN to both sides, at once or after `after_bytes` more bytes went down to the device.

    Counting bytes is how a cut lands inside a multi-byte character. A FIN says nothing about completeness: a body
    delimited by the close of its connection looks whole (RFC 9112 section 8).
    """

    after_bytes: int = 0
    reaches: Reaches = "live"
    id: ClassVar[str] = "close"

    def __post_init__(self) -> None:
        whole("after_bytes", self.after_bytes, 0)
        one_of("reaches", self.reaches, REACHES)

    def begin(self, direction: Direction, rng: Random) -> Flow | None:
        """Only the way down is counted; the cut itself goes both ways."""
        return Cut(self.after_bytes, Fin()) if direction == "down" else None
