"""Sights without a device: a session, what is asked in it, and what a device would hear."""

from __future__ import annotations

from typing import Any

from audit.adapters import ADAPTERS
from audit.adapters.base import Adapter, Item
from audit.load.churn import Churn
from audit.load.ledger import Counts
from audit.load.room import Room, Said
from audit.load.sight import Sight
from audit.load.terms import Terms
from audit.target import Target
from audit.target_reading import load_target

TARGET = """
name = "t"
base_url = "http://127.0.0.1:1"
protocol = "{protocol}"
[contract]
disconnect = "continue"
concurrent_send = "queue"
"""


class Seer:
    """Hears what a device hears, and does nothing."""

    def __init__(self, number: int = 0, *, slow: bool = False) -> None:
        self.number, self.slow = number, slow
        self.heard: list[str] = []

    def began(self, said: Said) -> None:
        self.heard.append(f"began {said.number}")

    def granted(self, reply: str) -> bool:
        self.heard.append(f"granted {reply}")
        return reply == "sub-1"

    def replied(self, item: Item, at: float) -> None:
        self.heard.append(f"reply {item.data['reply']}")

    def caught_up(self, at: float) -> None:
        self.heard.append("caught-up")

    def told_end(self, said: Said, at: float) -> None:
        self.heard.append(f"end {said.number}")


def target_of(protocol: str = "session", **changes: Any) -> Target:
    return load_target(TARGET.format(protocol=protocol) + "".join(f"\n[{k}]\n{v}" for k, v in changes.items()), {})


def adapter_of(protocol: str, **options: Any) -> Adapter:
    kind = next(kind for kind in ADAPTERS if kind.id == protocol)
    return kind.configure(options)


class Stand:
    """One session of one device (or several), with `words` words a run, `pace_ms` apart."""

    def __init__(self, adapter: Adapter | None = None, *, words: int = 10, pace_ms: float = 100.0) -> None:
        self.adapter = adapter or adapter_of("session")
        self.terms = Terms.of(target_of(self.adapter.id), self.adapter, Churn(words=words, pace_ms=pace_ms))
        self.room = Room("s")
        self.seer = Seer()
        self.sight = self.seat(self.seer)

    def seat(self, seer: Seer) -> Sight:
        sight = Sight(self.room, self.terms, seer)
        self.room.accounts.append(sight)
        return sight

    def ask(self, number: int = 0, id: str | None = None, at: float = 0.0) -> Said:
        """A prompt that was accepted."""
        said = Said(number, f"key-{number}", self.terms.numbering.items, self.terms.pace, at)
        self.room.ask(said)
        self.room.current = said
        if id:
            self.room.name(said, id)
        self.room.accept(said)
        return said

    @property
    def counts(self) -> Counts:
        return self.terms.tally.counts

    @property
    def faults(self) -> dict[str, int]:
        """Everything that is not 0, but for words and runs."""
        values = {name: getattr(self.counts, name) for name in self.counts.__slots__}
        return {name: value for name, value in values.items() if value and name not in ("words", "runs")}

    def delays(self, measure: str) -> list[float]:
        return [round(seconds, 6) for seconds in self.terms.tally.delays[measure]]
