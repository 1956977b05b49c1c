"""What the next read of a connection brings, if all goes as it should. What is known need not be taken apart."""

from __future__ import annotations

from typing import Protocol


class Forecast:
    """coming: exactly the bytes of the next read; None when they are not known (any more)."""

    __slots__ = ("coming",)

    def __init__(self) -> None:
        self.coming: bytes | None = None

    def came(self, data: bytes, at: float) -> None:
        """They (data) came, at this instant (monotonic seconds). It changes `coming` to those after them."""
        raise NotImplementedError


class Seer(Protocol):
    """Whoever has just taken a message in, and can tell what comes after it."""

    def foresee(self, data: bytes) -> Forecast | None:
        """data: a whole read, in which that message came alone."""
        ...


UNKNOWN = Forecast()
