"""How many devices follow a session on this server, told to those that ask. Nothing of it is in any log.

A count is not history: whoever missed one needs only the next. A device counts from its subscription until its
connection is over; one whose network is gone without a word counts until that is found out (transports/stream.py).
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from .session.event import dumps
from .session.frames import Form, sse_event, ws_text

_PAUSE_S = 0.1  # a page that is loaded again leaves and comes back: nobody needs to be told
_PAUSE_EACH_S = 0.001  # a device to tell: however many there are, at most 1,000 are told in a second


class Writer(Protocol):
    """A device's stream."""

    def write(self, frames: bytes) -> None:
        """Write whole frames; does nothing when the stream is over."""
        ...


class Presence:
    """The devices of one session."""

    def __init__(self) -> None:
        self._devices: dict[Writer, Form | None] = {}  # None: counts, and does not want to be told
        self._told = 0
        self._due: asyncio.TimerHandle | None = None

    def join(self, device: Writer, tell: Form | None) -> None:
        """The device follows from now on. tell: how messages to it are framed, None when it did not ask for them."""
        self._devices[device] = tell
        if tell is not None:
            self._told = 0  # there is somebody who does not know yet
        self._soon()

    def leave(self, device: Writer) -> None:
        """The device is gone. Does nothing when it never joined."""
        if device in self._devices:
            del self._devices[device]
            self._soon()

    def _soon(self) -> None:
        if self._due is None:
            asked = sum(form is not None for form in self._devices.values())
            pause_s = _PAUSE_S + _PAUSE_EACH_S * asked
            self._due = asyncio.get_running_loop().call_later(pause_s, self._tell) if asked else None

    def _tell(self) -> None:
        self._due = None
        if len(self._devices) == self._told:
            return
        self._told = len(self._devices)
        message = dumps({"type": "presence", "devices": self._told})
        frames = {"sse": sse_event("presence", message), "ws": ws_text(message)}
        for device, form in tuple(self._devices.items()):
            if form is not None:
                device.write(frames[form])
