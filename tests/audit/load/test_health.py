from __future__ import annotations

import asyncio
import json
from time import monotonic

from audit.load.figures import Histogram
from audit.load.health import PROBE_S, Health, memory_mb


async def test_a_blocked_loop_is_noticed() -> None:
    health = Health()
    health.start()
    await asyncio.sleep(0)
    blocked = monotonic()
    while monotonic() - blocked < 2.5 * PROBE_S:
        pass
    await asyncio.sleep(0.01)
    health.stop()
    assert Histogram.load(health.dump()["lag"]).largest > PROBE_S * 1e3


async def test_a_busy_process_is_noticed() -> None:
    health = Health()
    await asyncio.sleep(0.1)
    health.turn()
    began = monotonic()
    while monotonic() - began < 0.1:
        pass
    health.turn()
    ((idle, busy),) = health.dump()["cpu"]
    assert idle < 0.5 < busy


async def test_it_can_be_written_down_and_folded_again() -> None:
    health = Health()
    health.behind += [0.001, 0.25]
    health.errors += [0.002]
    health.fold()
    health.behind += [0.5]
    told = json.loads(json.dumps(health.dump()))
    assert Histogram.load(told["behind"]).count == 3
    assert Histogram.load(told["behind"]).largest == 500
    assert Histogram.load(told["delay_error"]).count == 1
    assert health.behind == []


def test_memory_is_that_of_a_python_process() -> None:
    assert 5 < memory_mb() < 20_000
