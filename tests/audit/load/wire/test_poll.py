"""Sockets that are read in sweeps."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from audit.load.wire.forecast import UNKNOWN, Forecast
from audit.load.wire.poll import FEW_BYTES, READ, Poll, can_poll

pytestmark = [pytest.mark.sockets, pytest.mark.skipif(not can_poll(), reason="no epoll here")]
PATIENCE_S = 5.0


class Reader:
    """One end of a pair, and what a poll tells of it. The other end writes."""

    def __init__(self, poll: Poll) -> None:
        self.poll = poll
        self.ours, self.other = socket.socketpair()
        self.ours.setblocking(False)
        self.taken: list[bytes] = []
        self.told: list[int] = []
        self.instants: list[float] = []
        self.then: Any = lambda: None

    @property
    def descriptor(self) -> int:
        return self.ours.fileno()

    def watch(self) -> None:
        self.poll.watch(self.descriptor, READ, self)

    def swept(self, forecast: Forecast = UNKNOWN) -> None:
        self.watch()
        self.poll.expect(self.descriptor, forecast)

    def ready(self, events: int, at: float) -> None:
        self.told.append(events)
        self.ours.recv(FEW_BYTES)

    def took(self, data: bytes, at: float) -> None:
        self.taken.append(data)
        self.instants.append(at)
        self.then()

    def close(self) -> None:
        self.poll.forget(self.descriptor)
        self.ours.close()


class Next(Forecast):
    """Foresees one read."""

    def __init__(self, coming: bytes) -> None:
        super().__init__()
        self.coming = coming
        self.seen: list[bytes] = []

    def came(self, data: bytes, at: float) -> None:
        self.seen.append(data)
        self.coming = None


@pytest.fixture
async def three() -> AsyncIterator[list[Reader]]:
    poll = Poll(asyncio.get_running_loop())
    readers = [Reader(poll) for _ in range(3)]
    yield readers
    for each in readers:
        if each.descriptor >= 0:
            each.close()
        each.other.close()


async def until(condition: Any) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - the loop has to turn
            await asyncio.sleep(0)


async def test_what_is_foreseen_is_told_to_its_forecast_and_all_else_to_the_reader(three: list[Reader]) -> None:
    known, forecast = three[0], Next(b"one")
    known.swept(forecast)
    three[1].swept()
    for each in three[:2]:
        each.other.send(b"one")
    await until(lambda: forecast.seen and three[1].taken)
    assert (forecast.seen, known.taken, three[1].taken) == ([b"one"], [], [b"one"])
    known.other.send(b"two")
    await until(lambda: known.taken)
    assert known.taken == [b"two"]


async def test_who_reads_for_itself_is_told_that_it_can(three: list[Reader]) -> None:
    three[0].watch()
    three[0].other.send(b"x")
    await until(lambda: three[0].told)
    assert three[0].told[0] & READ
    assert not three[0].taken


async def test_one_sweep_has_one_instant(three: list[Reader]) -> None:
    for each in three:
        each.swept()
        each.other.send(b"x")
    await until(lambda: all(each.taken for each in three))
    assert len({each.instants[0] for each in three}) == 1


async def test_the_end_is_told_as_nothing(three: list[Reader]) -> None:
    three[0].swept()
    three[0].other.shutdown(socket.SHUT_WR)
    await until(lambda: three[0].taken)
    assert three[0].taken[0] == b""


async def test_a_reader_that_breaks_costs_the_others_nothing(three: list[Reader]) -> None:
    told: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(repr(context["exception"])))

    def break_down() -> None:
        raise RuntimeError("broken")

    for each in three:
        each.then = break_down
        each.swept()
        each.other.send(b"x")
    await until(lambda: all(each.taken for each in three))
    asyncio.get_running_loop().set_exception_handler(None)
    assert told == ["RuntimeError('broken')"] * 3


async def test_what_was_read_from_a_socket_that_is_closed_meanwhile_is_nobody_elses(three: list[Reader]) -> None:
    late: list[Reader] = []

    def close_the_others() -> None:
        for each in three:
            if not each.taken:
                number = each.descriptor
                each.close()
                late.append(Reader(three[0].poll))  # has a number that was in this sweep
                late[-1].swept()
                assert {late[-1].descriptor, late[-1].other.fileno()} & {number}

    three[0].then = three[1].then = three[2].then = close_the_others
    for each in three:
        each.swept()
        each.other.send(b"mine")
    await until(lambda: late)
    await asyncio.sleep(0.01)
    assert [each.taken for each in late] == [[], []]
    assert sum(len(each.taken) for each in three) == 1
    for each in late:
        each.close()
        each.other.close()


async def test_a_socket_that_is_watched_for_nothing_is_left_alone(three: list[Reader]) -> None:
    three[0].swept()
    three[0].poll.watch(three[0].descriptor, 0, three[0])
    three[0].other.close()
    await asyncio.sleep(0.01)
    assert (three[0].taken, three[0].told) == ([], [])
