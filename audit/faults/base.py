"""What a fault is: a pure function from bytes and time to actions on one TCP connection.

Attribute names follow Toxiproxy's. Two laws hold for every fault (tests/audit/faults/test_laws.py): what is forwarded
is a prefix of what came in, and nothing is forwarded after a Fin or Rst. FIN and RST are different actions because on
the wire they are: only SO_LINGER(1, 0) sends RST. TCP is reliable, so a fault never drops bytes from the middle.

A connection has two flows, `down` (target → device) and `up` (device → target); a fault may act on either or both.
Each flow of each connection gets its own state by `begin`; randomness comes only from the generator handed in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import Literal, Protocol, TypeAlias

from ..event import Value

Direction: TypeAlias = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Forward:
    """Pass these bytes on, not before `at_ns` (0: now). Forwards of one flow keep their order."""

    data: bytes
    at_ns: int = 0


@dataclass(frozen=True, slots=True)
class Fin:
    """End the connection in good order, both ways (what was forwarded before is still delivered).

    After `on_eof` it only passes on what the sender said: the other direction stays open.
    """

    at_ns: int = 0


@dataclass(frozen=True, slots=True)
class Rst:
    """Kill the connection with a reset, both ways; what is still in flight may be lost."""

    at_ns: int = 0


@dataclass(frozen=True, slots=True)
class Wake:
    """Call `on_wake` at this time (bytes are held by the flow itself until then)."""

    at_ns: int


@dataclass(frozen=True, slots=True)
class Strike:
    """From here on this connection is not what it would have been: something is swallowed, held, delayed or sliced.

    Makes the receipt `struck`, once per fault and connection. Fin and Rst strike by themselves, when they are executed.
    """


Action: TypeAlias = Forward | Fin | Rst | Wake | Strike


class Flow(Protocol):
    """One direction of one connection under one fault. `now_ns` never runs back."""

    def on_start(self, now_ns: int) -> Iterable[Action]:
        """The fault takes hold of this flow: at once on a live connection, or when a new one opens."""
        ...

    def on_data(self, data: bytes, now_ns: int) -> Iterable[Action]:
        """Bytes arrived. Bytes that are not forwarded are held, or swallowed, by the flow."""
        ...

    def on_eof(self, now_ns: int) -> Iterable[Action]:
        """The sender said FIN. Without a Fin action the other side never learns (a blackhole swallows it)."""
        ...

    def on_wake(self, now_ns: int) -> Iterable[Action]:
        """A time asked for with Wake has come."""
        ...

    def on_lift(self, now_ns: int) -> Iterable[Action]:
        """The fault is lifted while the connection lives: forward what is held, or keep swallowing by doing nothing."""
        ...


class Fault(Protocol):
    """Settings of one fault; immutable. `begin` gives fresh state for one flow of one connection."""

    @property
    def id(self) -> str:
        """What happens on the wire: the file's name with dashes (`reset`, `stall`)."""
        ...

    @property
    def refuses(self) -> bool:
        """True when new connections are refused (closed with RST before a byte is read) while the fault is on."""
        ...

    @property
    def reaches(self) -> Literal["live", "new", "both"]:
        """Which connections it takes hold of: those open when it is injected, those opened later, or both."""
        ...

    def begin(self, direction: Direction, rng: Random) -> Flow | None:
        """The flow for one direction of one connection; None leaves that direction alone."""
        ...

    def settings(self) -> Value:
        """The settings as JSON, for the receipt."""
        ...
