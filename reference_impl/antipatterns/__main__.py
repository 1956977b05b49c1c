"""`python -m reference_impl.antipatterns naive-sse --port 8801`: serve one until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal

from . import ANTIPATTERNS, Antipattern
from .serve import serving


def main() -> None:
    """Parse the command line and serve until SIGINT or SIGTERM."""
    known = {antipattern.id: antipattern for antipattern in ANTIPATTERNS}
    parser = argparse.ArgumentParser(prog="python -m reference_impl.antipatterns", description=__doc__)
    parser.add_argument("id", choices=known, help="which one to serve")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes any free one (default)")
    chosen = parser.parse_args()
    # Devices hang up all day here; aiohttp would log a traceback for each write that comes too late.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    asyncio.run(_serve(known[chosen.id], chosen.port))


async def _serve(antipattern: Antipattern, port: int) -> None:
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    async with serving(antipattern.build_app(), port) as url:
        print(f"listening on {url}", flush=True)
        await told.wait()


if __name__ == "__main__":
    main()
