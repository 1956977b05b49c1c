from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest

from audit.load.wire.opening import Opening


class Told:
    """What an opening told."""

    def __init__(self) -> None:
        self.told: list[Exception | None] = []
        self.once = asyncio.Event()

    def __call__(self, error: Exception | None) -> None:
        self.told.append(error)
        self.once.set()


def started(coroutine: Any) -> tuple[Opening, Told]:
    told = Told()
    opening = Opening(coroutine, told)
    opening.start(asyncio.get_running_loop())
    return opening, told


async def test_it_goes_from_one_future_to_the_next() -> None:
    first, second = (asyncio.get_running_loop().create_future() for _ in range(2))
    seen: list[str] = []

    async def waits() -> None:
        seen.append(await first)
        seen.append(await second)

    _, told = started(waits())
    first.set_result("a")
    await asyncio.sleep(0)
    assert (seen, told.told) == (["a"], [])
    second.set_result("b")
    await told.once.wait()
    assert (seen, told.told) == (["a", "b"], [None])


async def test_what_a_future_brings_is_told() -> None:
    waited = asyncio.get_running_loop().create_future()

    async def waits() -> None:
        await waited

    _, told = started(waits())
    waited.set_exception(ConnectionRefusedError())
    await told.once.wait()
    assert isinstance(told.told[0], ConnectionRefusedError)


async def test_what_fails_at_once_is_told_later() -> None:
    async def fails() -> None:
        raise OSError("no descriptor left")

    _, told = started(fails())
    assert told.told == []
    await told.once.wait()
    assert str(told.told[0]) == "no descriptor left"


async def test_what_needs_no_waiting_is_told_later() -> None:
    async def returns() -> None:
        return

    _, told = started(returns())
    assert told.told == []
    await told.once.wait()
    assert told.told == [None]


async def test_a_cancelled_one_cleans_up_and_tells_nothing() -> None:
    waited = asyncio.get_running_loop().create_future()
    cleaned: list[str] = []

    async def waits() -> None:
        try:
            await waited
        finally:
            cleaned.append("up")

    opening, told = started(waits())
    opening.cancel()
    opening.cancel()
    await asyncio.sleep(0)
    opening.cancel()
    assert (cleaned, told.told, waited.cancelled()) == (["up"], [], True)


@pytest.mark.parametrize("ends", [True, False])
async def test_nothing_is_left_of_it(ends: bool) -> None:
    waited = asyncio.get_running_loop().create_future()

    async def waits() -> None:
        await waited

    opening, _ = started(waits())
    if ends:
        waited.set_result(None)
    else:
        opening.cancel()
    await asyncio.sleep(0)
    del opening
    gc.collect()
    assert not [each for each in gc.get_objects() if isinstance(each, Opening)]
