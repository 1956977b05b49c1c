"""What a server is made of: the classes that the hub and the transports make instances of, each of them replaceable."""

from __future__ import annotations

from dataclasses import dataclass

from .access.door import Door
from .access.gate import Pass
from .live import LiveSession
from .observe.measured import MeasuredStore
from .session.log import Log
from .session.subscription import Subscription
from .transports.stream import Stream


@dataclass(frozen=True, slots=True)
class Parts:
    """log, session: one of each a session. stream, subscription: one of each a device that follows it. allowed: one for
    each request. store, door: one of each a server."""

    log: type[Log] = Log
    session: type[LiveSession] = LiveSession
    stream: type[Stream] = Stream
    subscription: type[Subscription] = Subscription
    allowed: type[Pass] = Pass
    store: type[MeasuredStore] = MeasuredStore
    door: type[Door] = Door
