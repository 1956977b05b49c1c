"""What this machine allows: how many sockets a process may hold, how many ports there are to dial from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

PORTS = 28_232  # what Linux offers unless it is told otherwise
_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")


@dataclass(frozen=True, slots=True)
class Machine:
    """descriptors: files that one process may open at most (infinite: no limit). ports: for connections from one of
    its addresses to one port of one host."""

    descriptors: float
    ports: int

    @classmethod
    def here(cls) -> Machine:
        """This one, as far as it tells."""
        return cls(_descriptors(), _ports())


def _descriptors() -> float:
    try:
        import resource  # noqa: PLC0415 - not on every platform
    except ImportError:
        return math.inf
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return math.inf if hard == resource.RLIM_INFINITY else hard


def _ports() -> int:
    try:
        first, last = map(int, _RANGE.read_text(encoding="ascii").split())
    except (OSError, ValueError):
        return PORTS
    return last - first + 1
