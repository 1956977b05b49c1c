"""What the devices of one process stand on: the terms of the load, the dialer, the loop's timers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from random import Random
from time import time

from .health import Health
from .terms import Terms
from .timers import Act, Timer, Timers
from .wire.dial import Dialer

FIRST_RETRY_S, LAST_RETRY_S = 0.25, 10.0


@dataclass
class Ground:
    """Shared by all devices. open_lines: streams that stand now. refusals: attempts that failed so far."""

    terms: Terms
    dialer: Dialer
    loop: asyncio.AbstractEventLoop
    health: Health
    random: Random = field(default_factory=Random)
    open_lines: int = 0
    refusals: int = 0

    def __post_init__(self) -> None:
        self._timers = Timers(self.loop, self.health.behind.append)

    def at(self, due: float, act: Act) -> Timer:
        """Call `act` with its intended instant (monotonic seconds) when that has come."""
        return self._timers.at(due, act)

    def backoff(self, tries: int, retry_after: str = "") -> float:
        """Seconds to wait after so many failed tries: exponential, half of it at random, never less than was asked for
        (Retry-After: RFC 9110, 10.2.3)."""
        whole = min(FIRST_RETRY_S * 2.0**tries, LAST_RETRY_S)
        return _asked(retry_after) + whole * (0.5 + self.random.random() / 2)


def _asked(retry_after: str) -> float:
    if not retry_after:
        return 0.0
    if retry_after.isascii() and retry_after.isdigit():
        return min(float(retry_after), 60.0)
    try:
        return min(max(parsedate_to_datetime(retry_after).timestamp() - time(), 0.0), 60.0)
    except ValueError:
        return 0.0
