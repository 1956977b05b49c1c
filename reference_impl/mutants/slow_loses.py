"""A device that reads slowly goes on at the newest word when it has caught up: what did not fit is dropped.

The slow reader that loses quietly (row 41): each device has a queue of its own, and what comes while it is full is
thrown away. It holds as much as the smallest buffers on both ends do, which is about a hundred short words.
"""

from __future__ import annotations

import socket
from contextlib import suppress

from ..parts import Parts
from ..session.subscription import Subscription
from ..transports.stream import Source, Stream
from .kind import Dose, Mutant, Trips

_SEND_BYTES = 2_048  # the kernel doubles it, and takes no less than about 4,600
_QUEUE_BYTES = 16 * 1024


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class SkippingSubscription(Subscription):
        """Can be told to leave out what there is."""

        def skip(self) -> None:
            """Go on at the newest event."""
            if self._history is None:
                self.position = self._log.head

    class DroppingStream(Stream):
        """Has a queue, and throws away what does not fit."""

        def follow(self, subscription: Source) -> None:
            sock = self._transport.get_extra_info("socket")
            if sock is not None:
                with suppress(OSError):
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BYTES)
            super().follow(subscription)

        def wake(self) -> None:
            full = self._transport.get_write_buffer_size() > _QUEUE_BYTES
            if full and isinstance(self._subscription, SkippingSubscription) and chance.hit():
                self._subscription.skip()
            else:
                super().wake()

    return Parts(stream=DroppingStream, subscription=SkippingSubscription)


MUTANT = Mutant(
    id="slow-loses",
    title="A device that reads slowly has holes in the answer",
    rows=(41,),
    trips=Trips(rules=("backpressure",)),
    settings=Dose(rate=1.0),
    build=_build,
)
