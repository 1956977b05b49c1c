"""The garbage collector of a process that holds many connections.

A full collection walks every object alive: half a second of silence for all devices when thousands are connected.
Connections and streams are written so that reference counts alone free them (a test holds them to it); what is left for
the collector is little, so it may come by rarely.
"""

from __future__ import annotations

import gc

_YOUNG = 20_000  # objects more than freed: then the youngest are looked at
_MIDDLE = 20  # … times that
_FULL = 1_000  # … times that: some hundred million objects apart


def seldom() -> None:
    """Collect rarely from now on, and never what is alive now (imported modules). For a server's own process only."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _FULL)
