from __future__ import annotations

import asyncio
from time import monotonic

import pytest

from audit.load.timers import Timers


async def test_acts_come_in_the_order_in_which_they_are_due() -> None:
    told: list[float] = []
    late: list[float] = []
    timers, over = Timers(asyncio.get_running_loop(), late.append), asyncio.Event()
    begun = monotonic()
    dues = [begun + wait for wait in (0.03, 0.01, 0.02, 0.01)]
    for due in dues:
        timers.at(due, told.append)
    timers.at(begun + 0.04, lambda _: over.set())
    assert told == []
    await asyncio.wait_for(over.wait(), 2.0)
    assert told == sorted(dues)
    assert len(late) == 5
    assert min(late) >= 0.0  # nothing begins before it is due


async def test_what_is_due_already_is_done_in_the_next_turn() -> None:
    told: list[float] = []
    timers = Timers(asyncio.get_running_loop(), lambda _: None)
    timers.at(0.0, told.append)
    assert told == []
    await asyncio.sleep(0.005)
    assert told == [0.0]


async def test_what_raises_does_not_keep_the_rest_from_being_done() -> None:
    loop, broken, told = asyncio.get_running_loop(), [], asyncio.Event()
    loop.set_exception_handler(lambda _, context: broken.append(context["exception"]))
    timers, now = Timers(loop, lambda _: None), monotonic()

    def breaks(_: float) -> None:
        raise ZeroDivisionError

    timers.at(now, breaks)
    timers.at(now, lambda _: told.set())
    await asyncio.wait_for(told.wait(), 2.0)
    loop.set_exception_handler(None)
    assert [type(error) for error in broken] == [ZeroDivisionError]


@pytest.mark.parametrize("first", [True, False])
async def test_what_is_cancelled_is_not_done(first: bool) -> None:
    told: list[float] = []
    timers, over, now = Timers(asyncio.get_running_loop(), lambda _: None), asyncio.Event(), monotonic()
    kept = [timers.at(now + 0.01, told.append), timers.at(now + 0.01, told.append)]
    kept[0 if first else 1].cancel()
    timers.at(now + 0.02, lambda _: over.set())
    await asyncio.wait_for(over.wait(), 2.0)
    assert told == [now + 0.01]
