"""Thousands of plain sockets behind one descriptor of the event loop's (epoll, Linux), read in sweeps.

What costs is not what is done with a word, but that processor caches hold neither it nor its code: the kernel's network
code and this program drive each other out, and so do thousands of devices. So all that is there is read first, in one
call of the interpreter's, and looked at afterwards; and a word that was foreseen touches its forecast and nothing else.
While it was, more has come: it is looked again, some times, before the event loop's own turn, which costs as much as a
word. To let reads gather for a moment first does not pay: a sleep costs more than the sweeps that it saves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from itertools import repeat
from os import read
from time import monotonic
from typing import Protocol

from .forecast import UNKNOWN, Forecast
from .native import epoll

READ, WRITE = 1, 4  # EPOLLIN, EPOLLOUT: uapi/linux/eventpoll.h
EDGE = 1 << 31 | 0x2000  # EPOLLET, EPOLLRDHUP: tell once what came, and tell an end as such. It spares the kernel a
# second look at each socket, which finds nothing
FEW_BYTES = 479  # of one read: nearly always all that there is, and an object that the interpreter keeps room for
BATCH = 40  # looked after in one sweep
SWEEPS = 8  # before the loop gets its turn again


class Polled(Protocol):
    """A socket that is watched. Instants: when it was known that there is something (monotonic seconds)."""

    def ready(self, events: int, at: float) -> None:
        """epoll says READ, WRITE or something else (errors). It may be about another socket, gone in this very sweep,
        whose number this one has now: then there is nothing to be done."""
        ...

    def took(self, data: bytes, at: float) -> None:
        """A sweep has read this, at most FEW_BYTES; nothing at the end. Only for those that are read in sweeps."""
        return


def can_poll() -> bool:
    """Does this platform have epoll?"""
    return epoll is not None


class Poll:
    """Sockets, by descriptor. It is a reader of the loop's while it has any. What raises is told to the loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        assert epoll is not None
        self.loop = loop
        self._epoll = epoll()
        self._polled: dict[int, Polled] = {}
        self._forecasts: list[Forecast | None] = []  # by descriptor, of those that are read in sweeps
        self._fresh: set[int] = set()  # whose number may have been another's when the sweep began

    def watch(self, descriptor: int, events: int, polled: Polled) -> None:
        """Watch a socket for these from now on; for none: not at all, errors included."""
        if not events:
            self._epoll.unregister(descriptor)
            self.forget(descriptor)
        elif descriptor in self._polled:
            self._epoll.modify(descriptor, events)
            self._polled[descriptor] = polled
        else:
            self._epoll.register(descriptor, events)
            if not self._polled:
                self.loop.add_reader(self._epoll.fileno(), self._look)
            self._polled[descriptor] = polled
            self._fresh.add(descriptor)

    def expect(self, descriptor: int, forecast: Forecast) -> None:
        """Read this one in sweeps; when it brings what is foreseen, nobody but the forecast has to know."""
        if descriptor >= len(self._forecasts):
            self._forecasts.extend(repeat(None, descriptor + 1 - len(self._forecasts)))
        self._forecasts[descriptor] = forecast

    def forget(self, descriptor: int) -> None:
        """A socket that may be watched is closed next, which makes the kernel forget it too."""
        if self._polled.pop(descriptor, None) is not None and not self._polled:
            self.loop.remove_reader(self._epoll.fileno())
        if descriptor < len(self._forecasts):
            self._forecasts[descriptor] = None

    def _look(self) -> None:
        """Tell whoever has something, as long as somebody has."""
        for _ in range(SWEEPS):
            found: list[tuple[int, int]] = self._epoll.poll(0, BATCH)
            if not found:
                break
            self._tell(found, monotonic())

    def _tell(self, found: Sequence[tuple[int, int]], now: float) -> None:
        self._fresh.clear()
        forecasts, size = self._forecasts, len(self._forecasts)
        swept = [each for each, events in found if events == READ and each < size and forecasts[each] is not None]
        self._sweep(swept, now)
        if len(swept) < len(found):
            self._single(set(found).difference(zip(swept, repeat(READ))), now)

    def _sweep(self, descriptors: Sequence[int], now: float) -> None:
        """Read them all, then look at what came."""
        came: list[bytes] = []
        try:
            came.extend(map(read, descriptors, repeat(FEW_BYTES)))
        except OSError:  # of the one after those that were read
            self._single(zip(descriptors[len(came) :], repeat(READ)), now)
        forecasts = self._forecasts
        for descriptor, data in zip(descriptors, came):  # noqa: B905 - fewer came when one of them failed
            forecast = forecasts[descriptor] or UNKNOWN
            try:
                if data == forecast.coming:
                    forecast.came(data, now)
                elif descriptor in self._polled and descriptor not in self._fresh:
                    self._polled[descriptor].took(data, now)
            except Exception as error:  # what the others brought is read already
                self.loop.call_exception_handler({"message": "a socket's reader broke", "exception": error})

    def _single(self, found: Iterable[tuple[int, int]], now: float) -> None:
        """One by one: those that are not read in sweeps, or have something else to tell."""
        for descriptor, events in found:
            polled = self._polled.get(descriptor)
            if polled is not None:
                polled.ready(events, now)
