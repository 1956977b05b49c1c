from __future__ import annotations

import asyncio

from audit.waiting import Waiting


async def test_what_holds_already_is_not_waited_for() -> None:
    assert await Waiting().until(lambda: True, 0)


async def test_those_are_woken_whose_condition_holds() -> None:
    waiting, state = Waiting(), {"count": 0}
    two = asyncio.create_task(waiting.until(lambda: state["count"] >= 2, 5))
    one = asyncio.create_task(waiting.until(lambda: state["count"] >= 1, 5))
    await asyncio.sleep(0)
    state["count"] = 1
    waiting.wake()
    assert await one
    assert not two.done()
    state["count"] = 2
    waiting.wake()
    waiting.wake()  # twice before it runs
    assert await two


async def test_nothing_is_forgotten_by_one_that_gave_up() -> None:
    waiting, seen = Waiting(), [0]
    assert not await waiting.until(lambda: seen[0] > 0, 0.01)
    seen[0] = 1
    waiting.wake()
    assert await waiting.until(lambda: seen[0] > 0, 0)


async def test_a_condition_that_became_true_without_a_wake_counts_at_the_end() -> None:
    waiting, seen = Waiting(), [0]
    task = asyncio.create_task(waiting.until(lambda: seen[0] > 0, 0.01))
    await asyncio.sleep(0)
    seen[0] = 1
    assert await task


async def test_one_that_is_canceled_waits_no_longer() -> None:
    waiting = Waiting()
    asked: list[int] = []

    def condition() -> bool:
        asked.append(1)
        return False

    task = asyncio.create_task(waiting.until(condition, 5))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    asked.clear()
    waiting.wake()
    assert not asked
