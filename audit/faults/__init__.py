"""What can happen to a connection: one fault a file, pure; `link` makes them happen on real sockets."""

from __future__ import annotations

from .bandwidth import Bandwidth
from .base import Fault
from .blackhole import Blackhole
from .close import Close
from .latency import Latency
from .refuse import Refuse
from .reset import Reset
from .slicer import Slicer
from .stall import Stall

FAULTS: tuple[type[Fault], ...] = (Close, Reset, Blackhole, Stall, Refuse, Latency, Slicer, Bandwidth)

__all__ = [
    "FAULTS",
    "Bandwidth",
    "Blackhole",
    "Close",
    "Fault",
    "Latency",
    "Refuse",
    "Reset",
    "Slicer",
    "Stall",
]
