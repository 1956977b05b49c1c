"""What an append costs in each storage backend: `python -m benchmarks.storage`, half a minute.

One event of 115 bytes an append, acknowledged before the producer makes the next one; every producer has a session of
its own. Redis syncs its file for every append (appendfsync always), NATS writes to a file stream and syncs later, so
the two rates do not compare: docs/durability.md. CPU is that of the Python process; a server's own is not in it. Rates
are of this machine and this disk; the ratios to memory travel further.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from reference_impl.__main__ import _loop_factory
from reference_impl.storage.base import Store
from reference_impl.storage.named import named
from tests.reference_impl import servers

ROUNDS = 3
BODY = (b"x" * 115,)
APPENDS = {  # by backend: with many producers, with one
    "memory": (100_000, 100_000),
    "sqlite": (30_000, 3_000),
    "redis": (10_000, 500),
    "nats": (20_000, 3_000),
}
PRODUCERS = (64, 1)

Address: TypeAlias = Callable[[], str]  # of an empty place, another one each time
Cost: TypeAlias = tuple[float, float]  # appends a second, microseconds of CPU an append


async def _produce(store: Store, session: str, count: int) -> None:
    epoch = (await store.load(session)).epoch
    for offset in range(1, count + 1):
        await store.append(session, epoch, offset, BODY)


async def _cost(store: Store, producers: int, appends: int) -> Cost:
    await store.open()
    each = appends // producers
    begun, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(_produce(store, f"s{n}", each) for n in range(producers)))
    took, used = time.perf_counter() - begun, time.process_time() - cpu
    await store.close()
    return each * producers / took, used / (each * producers) * 1e6


def _measured(address: str, producers: int, appends: int) -> Cost:
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_cost(named(address), producers, appends))


@contextmanager
def _places() -> Iterator[dict[str, Address]]:
    """Real servers, and where in them nobody has written yet."""
    numbers = iter(range(1, 1_000_000))
    with tempfile.TemporaryDirectory() as root:
        folders = {name: Path(root) / name for name in ("sqlite", "redis", "nats")}
        for folder in folders.values():
            folder.mkdir()
        with servers.redis(folders["redis"]) as redis, servers.nats(folders["nats"]) as nats:
            yield {
                "memory": lambda: "memory",
                "sqlite": lambda: f"sqlite:{folders['sqlite'] / f'{next(numbers)}.db'}",
                "redis": lambda: f"redis://127.0.0.1:{redis.port}?prefix=b{next(numbers)}:",
                "nats": lambda: f"nats://127.0.0.1:{nats.port}?stream=b{next(numbers)}",
            }


def measure() -> dict[str, dict[str, float]]:
    """Medians of interleaved rounds: by backend, for each number of producers."""
    found: dict[tuple[str, int], list[Cost]] = {}
    with _places() as places:
        for _ in range(ROUNDS):
            for name, address in places.items():
                for producers, appends in zip(PRODUCERS, APPENDS[name], strict=True):
                    found.setdefault((name, producers), []).append(_measured(address(), producers, appends))
    figures: dict[str, dict[str, float]] = {name: {} for name in APPENDS}
    for (name, producers), costs in found.items():
        rate, cpu = (statistics.median(column) for column in zip(*costs, strict=True))
        memory_rate = statistics.median(rate for rate, _ in found["memory", producers])
        figures[name] |= {
            f"appends_per_s_{producers}": round(rate),
            f"of_memory_{producers}": round(rate / memory_rate, 5),
            f"cpu_us_per_append_{producers}": round(cpu, 1),
        }
    return figures


def main() -> dict[str, dict[str, float]]:
    """Run it, and write the figures to standard output and out/bench/storage.json."""
    figures = measure()
    text = json.dumps(figures, indent=1)
    path = Path("out/bench/storage.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")
    print(text)
    return figures


if __name__ == "__main__":
    main()
