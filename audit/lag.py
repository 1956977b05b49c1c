"""How late our own loop is: recorded in every history, so that no target is blamed for a machine that was busy."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

STEP_S = 0.05
LATE_MS = 100.0  # what is sooner changes no verdict: the shortest time that a rule judges is longer than that


async def watch(tell: Callable[[float], None]) -> None:
    """Sleep in short steps, and tell of each one that the loop ended late, by how many milliseconds. Until canceled."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + STEP_S
        await asyncio.sleep(STEP_S)
        late_ms = (loop.time() - due) * 1e3
        if late_ms >= LATE_MS:
            tell(late_ms)
