from __future__ import annotations

import asyncio
import time

import pytest

from audit.lag import LATE_MS, watch
from audit.stage import Stage

from .playing import played, reference


async def watched(standstill_s: float) -> list[float]:
    """What is told while the loop stands still for so long."""
    told: list[float] = []
    probe = asyncio.create_task(watch(told.append))
    await asyncio.sleep(0.01)
    time.sleep(standstill_s)  # noqa: ASYNC251  # this is what it is about
    await asyncio.sleep(0.12)
    probe.cancel()
    return told


async def test_a_loop_that_stands_still_is_told_of() -> None:
    told = await watched(0.4)
    assert told and max(told) >= 300


async def test_a_loop_that_runs_has_nothing_to_tell() -> None:
    assert all(late >= LATE_MS for late in await watched(0.0))


@pytest.mark.sockets
async def test_a_trial_records_how_late_it_was() -> None:
    async def script(stage: Stage) -> None:
        await stage.pause(0.01)
        time.sleep(0.4)  # noqa: ASYNC251
        await stage.pause(0.12)

    async with reference() as made:
        history = await played(made, script)
    lags = [event.value["ms"] for event in history.of("stage") if event.what == "lag"]
    assert lags and max(lags) >= 300
