"""`python -m audit.selftest.worker`: plays the cases that come in, a line of JSON each, and answers each with a line.

A worker is a process of its own, so that every core has one. It ends when there is nothing more to read, or on SIGTERM,
and leaves no server behind.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import suppress

from scenarios import SCENARIOS

from .case import Case
from .play import play


async def work() -> None:
    """Until there is nothing more to read, or somebody says stop."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    with suppress(NotImplementedError):
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
    while line := await asyncio.to_thread(sys.stdin.readline):
        seen = await play(Case.load(line), SCENARIOS)
        print(seen.dump(), flush=True)


def main() -> None:
    """Work; to be stopped is no failure."""
    with suppress(asyncio.CancelledError):
        asyncio.run(work())


if __name__ == "__main__":
    main()
