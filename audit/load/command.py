"""One prompt, stop or steer of a device, and what has to be known of the device that sends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from ..adapters.base import Call, View
from .room import Said
from .waits import Waits


@dataclass(slots=True)
class Command:
    """A prompt, a stop or a steer. intended, sent: monotonic seconds."""

    operation: Literal["prompt", "stop", "steer"]
    said: Said
    intended: float
    sent: float = 0.0
    tries: int = 0

    @property
    def key(self) -> str:
        """What names it when it is sent again; a stop goes by its prompt's."""
        return f"{self.said.key}-steer" if self.operation == "steer" else self.said.key


class Sender(Protocol):
    """The device that commands."""

    number: int
    waits: Waits

    def view(self, said: Said | None) -> View:
        """What the device knows, for a request about this run."""
        ...

    def knows_end(self, said: Said) -> bool:
        """Was it told that this run is over?"""
        ...

    def busy(self) -> bool:
        """Is it being answered?"""
        ...

    def reachable(self) -> bool:
        """Is it on the network?"""
        ...

    def send(self, text: str) -> bool:
        """Send a frame on its open socket; False when there is none."""
        ...

    def ask(self, step: Call, command: Command) -> bool:
        """Send a prompt whose response is the stream; False while another answer is being read."""
        ...

    def hang_up_on(self, said: Said) -> None:
        """Stop a run in the only way there is."""
        ...
