"""Who had the processor: one process, this one, everybody else. Linux only: proc(5)."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
_IDLE = (3, 4)  # of /proc/stat: idle, iowait


def used_s(pid: int) -> float:
    """Processor seconds of a process since it began, user and system (fields 14 and 15 of its stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def busy_s() -> float:
    """Processor seconds of the whole machine since it began; a guest's are in those of its host already."""
    fields = [int(field) for field in Path("/proc/stat").read_text(encoding="utf-8").split("\n", 1)[0].split()[1:9]]
    return sum(ticks for at, ticks in enumerate(fields) if at not in _IDLE) / TICKS


class Watch:
    """Looks at a server from outside while this process loads it, on a thread of its own.

    calm_s, storm_s: (from, to) in seconds from now. live: the share of a core that the server took in the calm; others:
    what everybody but the server and this process took in the storm, in cores. Both are 0 until that time is over.
    """

    def __init__(self, pid: int, calm_s: tuple[float, float], storm_s: tuple[float, float]) -> None:
        self.live = self.others = 0.0
        self._pid, self._calm_s, self._storm_s, self._at = pid, calm_s, storm_s, time.monotonic()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Until all of it was seen."""
        self._thread.join()

    def _look(self) -> None:
        first, last = self._wait(self._calm_s[0]), self._wait(self._calm_s[1])
        self.live = (last[1] - first[1]) / (last[0] - first[0])
        first, last = self._wait(self._storm_s[0]), self._wait(self._storm_s[1])
        ours = last[1] - first[1] + last[2] - first[2]
        self.others = max(0.0, last[3] - first[3] - ours) / (last[0] - first[0])

    def _wait(self, seconds: float) -> tuple[float, float, float, float]:
        """At that instant: when it is, and what the server, this process and the machine have used."""
        time.sleep(max(0.0, self._at + seconds - time.monotonic()))
        return time.monotonic(), used_s(self._pid), used_s(os.getpid()), busy_s()
