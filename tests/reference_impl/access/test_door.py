from __future__ import annotations

import asyncio

import pytest

from reference_impl.access.door import Door
from reference_impl.errors import Full, Refused


def test_a_door_lets_in_as_many_as_there_is_room_for() -> None:
    door = Door(2)
    with door.stream(), door.stream():
        with pytest.raises(Full) as problem, door.stream():
            pass
        assert (problem.value.code, problem.value.status) == ("full", 503)
        assert problem.value.retry_ms is not None
        assert door.streams == 2
    with pytest.raises(ZeroDivisionError), door.stream():
        raise ZeroDivisionError
    assert door.streams == 0


async def test_a_door_that_closes_lets_nobody_in_and_throws_nobody_out() -> None:
    door = Door(2)
    with door.stream():
        draining = asyncio.create_task(door.drain(60))
        await asyncio.sleep(0)
        with pytest.raises(Refused) as problem, door.stream():
            pass
        assert (problem.value.code, problem.value.status, door.streams) == ("draining", 503, 1)
        assert not draining.done()
        draining.cancel()
