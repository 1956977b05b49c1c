"""Beginning nothing new while this process is behind with what it has begun.

Devices strike when they have seen a word, and a loop that is late sees it late: the fault then comes after the answer
has ended. Opening many connections at once is what makes an audit late, most of all on a busy machine.
"""

from __future__ import annotations

import asyncio

STEP_S = 0.02
LAG_S = 0.01  # a sleeper that wakes up so late has waited for other work
TRIES = 20  # then begin all the same: a machine may be slow for good


async def calm() -> None:
    """Wait until the loop wakes a sleeper in time; at most TRIES times."""
    loop = asyncio.get_running_loop()
    for _ in range(TRIES):
        due = loop.time() + STEP_S
        await asyncio.sleep(STEP_S)
        if loop.time() - due < LAG_S:
            return
