from __future__ import annotations

import asyncio
import time

from audit.calm import LAG_S, STEP_S, TRIES, calm


async def block(times: int) -> None:
    """Keep the loop busy, with turns between that are too short for anybody."""
    for _ in range(times):
        time.sleep(STEP_S + 2 * LAG_S)  # noqa: ASYNC251
        await asyncio.sleep(0)


async def test_nothing_begins_while_the_loop_is_behind() -> None:
    busy = asyncio.create_task(block(5))
    await asyncio.sleep(0)
    await calm()
    assert busy.done()


async def test_a_loop_that_is_never_in_time_does_not_hold_up_the_audit() -> None:
    busy = asyncio.create_task(block(10 * TRIES))
    await asyncio.sleep(0)
    await calm()
    assert not busy.done()
    busy.cancel()


async def test_a_loop_in_time_is_waited_for_once() -> None:
    begun = time.monotonic()
    await calm()
    assert STEP_S <= time.monotonic() - begun < TRIES * STEP_S
