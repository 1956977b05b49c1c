"""How well the generator itself is doing: a saturated one measures itself, not the target."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path
from time import monotonic, process_time

from ..event import Value
from .figures import Histogram

PROBE_S = 0.1
_PAGE_MB = 4096 / 2**20
_STATM = Path("/proc/self/statm")


class Health:
    """Lateness of the event loop and of the plan's acts (ms), CPU and memory of this process.

    behind: seconds by which acts were begun late. errors: seconds by which the application was later than the kernel.
    """

    def __init__(self) -> None:
        self.behind: list[float] = []
        self.errors: list[float] = []
        self.memory_mb = [0.0, 0.0]
        self._shares: list[float] = []
        self._lags: list[float] = []
        self._lag, self._behind, self._error = Histogram(), Histogram(), Histogram()
        self._wall, self._cpu = monotonic(), process_time()
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to probe the running loop."""
        self._due = monotonic() + PROBE_S
        self._timer = asyncio.get_running_loop().call_later(PROBE_S, self._probe)

    def stop(self) -> None:
        """Probe no more."""
        if self._timer is not None:
            self._timer.cancel()

    def turn(self) -> None:
        """A window is over: what was its share of one core?"""
        wall, cpu = monotonic(), process_time()
        self._shares.append(round((cpu - self._cpu) / max(wall - self._wall, 1e-9), 4))
        self._wall, self._cpu = wall, cpu

    def fold(self) -> None:
        """Sort what was measured into the histograms."""
        for seconds, histogram in ((self._lags, self._lag), (self.behind, self._behind), (self.errors, self._error)):
            histogram.add_all(seconds, 1e3)
            seconds.clear()

    def dump(self) -> Value:
        """As JSON; of several processes the histograms and megabytes add up, the CPU shares stand side by side."""
        self.fold()
        return {
            "lag": self._lag.dump(),
            "behind": self._behind.dump(),
            "delay_error": self._error.dump(),
            "memory_mb": list(self.memory_mb),
            "cpu": [list(self._shares)],
        }

    def _probe(self) -> None:
        now = monotonic()
        self._lags.append(max(now - self._due, 0.0))
        self._due = now + PROBE_S
        self._timer = asyncio.get_running_loop().call_later(PROBE_S, self._probe)


def memory_mb() -> float:
    """What this process holds in memory now; what it held at most where the platform does not tell."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(_STATM.read_text().split()[1]) * _PAGE_MB
    import resource  # noqa: PLC0415 - not on every platform

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (2**20 if sys.platform == "darwin" else 2**10)
