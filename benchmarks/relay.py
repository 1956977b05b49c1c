"""What the relay adds: round trips of one small message through a link against the same without one, interleaved."""

from __future__ import annotations

import asyncio
import statistics
import time
from random import Random

from audit.faults.link import Link

ROUNDS, TRIPS = 5, 400


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(4096):
        writer.write(data)
    writer.close()


async def _median_us(port: int) -> float:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    times = []
    for _ in range(TRIPS):
        begun = time.perf_counter_ns()
        writer.write(b"x" * 115)
        await reader.readexactly(115)
        times.append((time.perf_counter_ns() - begun) / 1e3)
    writer.close()
    return statistics.median(times)


async def measure() -> dict[str, float]:
    """Median microseconds of a round trip, direct and relayed, and what is added each way."""
    server = await asyncio.start_server(_echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    link = await Link.open("127.0.0.1", port, rng=Random(1), receipt=lambda *_: None)
    pairs = [(await _median_us(port), await _median_us(link.port)) for _ in range(ROUNDS)]
    await link.close()
    server.close()
    direct, relayed = (statistics.median(column) for column in zip(*pairs, strict=True))
    return {"direct_us": direct, "relayed_us": relayed, "added_each_way_us": (relayed - direct) / 2}


def main() -> dict[str, float]:
    """Run it."""
    return asyncio.run(measure())
