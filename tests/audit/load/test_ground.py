from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from time import monotonic

import pytest

from audit.load.ground import FIRST_RETRY_S, LAST_RETRY_S, Ground
from audit.load.health import Health
from audit.load.wire.dial import Dialer, Place

from .seers import Stand


async def ground() -> Ground:
    dialer = Dialer(Place("127.0.0.1", 1, "x", "x", "", {}, "", None), "app", [], 1)
    return Ground(Stand().terms, dialer, asyncio.get_running_loop(), Health())


async def test_waits_grow_with_every_failed_try_but_not_for_ever() -> None:
    stand = await ground()
    for tries in range(12):
        whole = min(FIRST_RETRY_S * 2**tries, LAST_RETRY_S)
        waits = [stand.backoff(tries) for _ in range(50)]
        assert whole / 2 <= min(waits) <= max(waits) <= whole
        assert max(waits) - min(waits) > whole / 10  # not all at once


@pytest.mark.parametrize(("asked", "least", "most"), [
    ("3", 3, 3.3), ("0", 0, 0.3), ("", 0, 0.3), ("soon", 0, 0.3), ("-5", 0, 0.3), ("99999999", 60, 60.3), ("²", 0, 0.3),
    ("Fri, 20 Nov 2020 10:00:00 GMT", 0, 0.3),
])  # fmt: skip
async def test_a_target_may_ask_for_a_longer_wait(asked: str, least: float, most: float) -> None:
    assert least <= (await ground()).backoff(0, asked) <= most


async def test_a_target_may_ask_for_a_date() -> None:
    asked = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert 25 <= (await ground()).backoff(0, asked) <= 30.3


async def test_an_act_is_told_its_intended_instant_and_its_lateness_is_kept() -> None:
    stand = await ground()
    due, done = monotonic() + 0.02, asyncio.Event()
    told: list[float] = []
    stand.at(due, lambda at: (told.append(at), done.set()))  # type: ignore[func-returns-value,arg-type]
    await asyncio.wait_for(done.wait(), 2.0)
    assert told == [due]
    assert 0 <= stand.health.behind[0] < 1.0


async def test_what_can_be_called_off_is_not_done() -> None:
    stand = await ground()
    told: list[float] = []
    stand.at(monotonic() + 0.01, told.append).cancel()
    await asyncio.sleep(0.03)
    assert told == []
