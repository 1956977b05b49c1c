"""One connection through a link: two sockets, and the chain of faults between them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from random import Random

from .base import Direction, Fault
from .chain import DIRECTIONS, Chain, Deliver, Finish, Outcome
from .end import WINDOW_BYTES, End
from .stage import How

_SHORTEST_WAIT_S = 0.001  # what both loops can time; a wake that comes early finds nothing due and waits again


class Connection:
    """Passes bytes and endings from each socket through the chain to the other, and keeps memory bounded.

    number: from 1, in order of arrival at the link. seed: of its faults' generators. connect: dials the target.
    passed: bytes handed on, by direction. done: set when nothing of the connection is left.
    """

    def __init__(
        self,
        number: int,
        *,
        seed: int,
        connect: Callable[[End], Awaitable[None]],
        on_open: Callable[[Connection], None],
        on_struck: Callable[[Connection, Fault], None],
        on_done: Callable[[Connection], None],
    ) -> None:
        self.number = number
        self.passed: dict[Direction, int] = {"down": 0, "up": 0}
        self.done = asyncio.get_running_loop().create_future()
        self.device = End("up", self)
        self._target = End("down", self)
        self._receivers: dict[Direction, End] = {"down": self.device, "up": self._target}
        self._seed = seed
        self._connect, self._on_open, self._on_struck, self._on_done = connect, on_open, on_struck, on_done
        self._dialing: asyncio.Task[None] | None = None
        self._chain = Chain()
        self._timer: asyncio.TimerHandle | None = None
        self._severed = False  # nothing passes from one socket to the other any more
        self._dark = False  # … because the device's network is gone

    # -- what the link does to it ----------------------------------------------------------------------------------

    def widen(self) -> None:
        """Take as much as usual from the target ahead of what the device reads."""
        self._target.widen()

    def attach(self, fault: Fault) -> None:
        """The fault takes hold. Each flow has its own generator, so that no other connection shifts its draws."""
        place = f"{self._seed}/{self.number}/{len(self._chain)}"
        flows = {direction: fault.begin(direction, Random(f"{place}/{direction}")) for direction in DIRECTIONS}
        self._execute(self._chain.attach(fault, flows, time.monotonic_ns()))

    def lift(self, fault: Fault) -> None:
        """The fault lets go."""
        self._execute(self._chain.lift(fault, time.monotonic_ns()))

    def cut(self, how: How) -> None:
        """End both sockets now, whatever the faults have scheduled."""
        self._sever()
        for end in (self.device, self._target):
            self._finish(end, how, cut=True)

    def darken(self) -> None:
        """The device's interface went down: its socket dies at once, and the target hears nothing of it."""
        self._sever()
        self._dark = True
        self.device.reset()
        if self._target.opened:
            self._target.read(False)
        else:
            self._target.close()

    def lighten(self) -> None:
        """The network is back, and the first packet of the target meets a device that has forgotten it."""
        self._target.reset()

    def close(self) -> None:
        """Let go of everything; `done` follows."""
        self._sever()
        self.device.abort()
        if self._dark:
            self._target.reset()
        else:
            self._target.abort()

    # -- what its sockets tell it ----------------------------------------------------------------------------------

    def opened(self, end: End) -> None:
        """First the device's socket opens, and the target is dialed; then the target's."""
        if end is self.device and not self._severed:
            self._dialing = asyncio.get_running_loop().create_task(self._dial())
            self._dialing.add_done_callback(lambda _: self.settle())
            self._on_open(self)
        self.regulate()

    def received(self, direction: Direction, data: bytes) -> None:
        """Bytes came in."""
        self._execute(self._chain.receive(direction, data, time.monotonic_ns()))

    def ended(self, direction: Direction, how: How) -> None:
        """One side said FIN, or reset."""
        self._execute(self._chain.end(direction, how, time.monotonic_ns()))

    def regulate(self) -> None:
        """Read from each side only while the other takes it and the network between them is not full."""
        if not self._severed:
            for source in (self.device, self._target):
                taken = not self._receivers[source.direction].full
                source.read(source.hung_up or (taken and self._chain.held(source.direction) <= WINDOW_BYTES))

    def settle(self) -> None:
        """Is anything left?"""
        if self._target.gone:
            self._stop_dialing()
        if self.device.gone and self._target.gone and (self._dialing is None or self._dialing.done()):
            self._sever()
            if not self.done.done():
                self.done.set_result(None)
                self._on_done(self)

    # -- inside ----------------------------------------------------------------------------------------------------

    async def _dial(self) -> None:
        """A target that cannot be reached resets the device: what is refused behind the link is refused before it."""
        try:
            await self._connect(self._target)
        except OSError:
            self.device.reset()
        finally:
            if not self._target.opened:
                self._target.close()

    def _stop_dialing(self) -> None:
        if self._dialing is not None:
            self._dialing.cancel()

    def _sever(self) -> None:
        self._severed = True
        if self._timer is not None:
            self._timer.cancel()

    def _execute(self, outcomes: list[Outcome]) -> None:
        if self._severed:
            return
        for outcome in outcomes:
            if isinstance(outcome, Deliver):
                if self._receivers[outcome.direction].write(outcome.data):
                    self.passed[outcome.direction] += len(outcome.data)
            elif isinstance(outcome, Finish):
                self._finish(self._receivers[outcome.direction], outcome.how, outcome.cut)
            else:
                self._on_struck(self, outcome.fault)
        if len(self._chain):
            self.regulate()
            self._schedule()

    def _finish(self, end: End, how: How, cut: bool) -> None:
        if how == "rst":
            end.reset()
        elif cut:
            end.hang_up()
        else:
            end.finish()

    def _schedule(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due_ns = self._chain.due()
        if due_ns is not None:
            wait_s = max((due_ns - time.monotonic_ns()) / 1e9, _SHORTEST_WAIT_S)
            self._timer = asyncio.get_running_loop().call_later(wait_s, self._tick)

    def _tick(self) -> None:
        self._execute(self._chain.tick(time.monotonic_ns()))
