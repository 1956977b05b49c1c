"""What one client is to do in one measurement."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Task:
    """Follow `words` words a device, `pace_ms` apart, on `devices` devices. folder: the client's own, for its files."""

    port: int
    devices: int
    words: int
    pace_ms: float
    folder: Path

    @property
    def run_s(self) -> float:
        """How long the answers take to say."""
        return self.words * self.pace_ms / 1e3


@dataclass(frozen=True, slots=True)
class Report:
    """What a client says it has verified, and how many words were not what they should have been."""

    verified: int
    wrong: int
