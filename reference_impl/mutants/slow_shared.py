"""One device that reads slowly holds up everyone else in its session.

The slow reader that throttles the rest (row 39): an event is written to one device after the other, and each write is
awaited until the device's network has taken it. That takes time only when the network holds no more: with the smallest
buffers on both ends that is about a hundred short words, which a slow reader has to be behind before anyone feels it.
"""

from __future__ import annotations

import socket
from contextlib import suppress

from ..live import LiveSession
from ..parts import Parts
from ..transports.stream import Stream
from .kind import Dose, Mutant, Trips

_SEND_BYTES = 2_048  # the kernel doubles it, and takes no less than about 4,600


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class AwaitedStream(Stream):
        """Can be waited for."""

        _narrow = False

        async def taken(self) -> None:
            """Return when nothing that was written is left here, or the connection is gone."""
            if not self._narrow:
                self._hold_little()
            with suppress(ConnectionError):
                await self._drain()

        def _hold_little(self) -> None:
            self._narrow = True
            self._transport.set_write_buffer_limits(high=0)
            sock = self._transport.get_extra_info("socket")
            if sock is not None:
                with suppress(OSError):
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BYTES)

    class SequentialSession(LiveSession):
        """Goes round its devices, and waits for each."""

        _news = _going_round = False

        def _publish(self) -> None:
            if not chance.hit():
                super()._publish()
                return
            self._news = True
            if not self._going_round:
                self._going_round = True
                self._in_background(self._go_round())

        async def _go_round(self) -> None:
            while self._news:
                self._news = False
                for listener in tuple(self.listeners):
                    listener.wake()
                    if isinstance(listener, AwaitedStream):
                        await listener.taken()
            self._going_round = False

    return Parts(session=SequentialSession, stream=AwaitedStream)


MUTANT = Mutant(
    id="slow-shared",
    title="A device that reads slowly holds up the others",
    rows=(39,),
    trips=Trips(rules=("backpressure",), counts=("item_delay",)),
    settings=Dose(rate=1.0),
    build=_build,
)
