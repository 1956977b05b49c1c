"""Reset: the connection dies with RST, as when a process crashes, a NAT forgets or a phone kills its sockets."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import ClassVar

from .base import Direction, Flow, Rst
from .cut import Cut
from .settings import REACHES, Reaches, Settings, one_of, whole


@dataclass(frozen=True)
class Reset(Settings):
    """RST to both sides, at once or after `after_bytes` more bytes went down to the device.

    Unlike Toxiproxy's `reset_peer` it does not wait for the next byte, so it kills idle connections as well. What was
    forwarded and not yet read may be lost with it (RFC 9293 section 3.10.4, abort).
    """

    after_bytes: int = 0
    reaches: Reaches = "live"
    id: ClassVar[str] = "reset"

    def __post_init__(self) -> None:
        whole("after_bytes", self.after_bytes, 0)
        one_of("reaches", self.reaches, REACHES)

    def begin(self, direction: Direction, rng: Random) -> Flow | None:
        """Only the way down is counted; the reset itself goes both ways."""
        return Cut(self.after_bytes, Rst()) if direction == "down" else None
