"""What is kept of the first devices that something went wrong on: the last things they had seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..event import Value
from ..halves import without_halves

DEVICES = 20
KEPT = 40  # things seen, per device
KEPT_BYTES = 2_000  # of each


@dataclass(slots=True)
class Samples:
    """The first devices with a fault, in order."""

    found: list[Value] = field(default_factory=list)

    def keep(self, device: int, session: str, fault: str, at_s: float, seen: Iterable[bytes]) -> None:
        """Keep one, while there is room."""
        if len(self.found) < DEVICES:
            texts = [without_halves(each[-KEPT_BYTES:].decode("utf-8", "replace")) for each in seen]
            self.found.append(
                {"device": device, "session": session, "fault": fault, "at_s": round(at_s, 3), "seen": texts}
            )
