"""The whole run: every client in turn, A B C … A B C …, so that what disturbs the machine disturbs them all."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from .children import Failed
from .clients import K6, Client, Floor, Ours, Usual
from .delays import delay_errors
from .measure import Row, Shape, answers, reconnects_of_ours, reconnects_of_usual

ROUNDS = 3
DEADLINE_S = 480.0  # no round is begun that would not end by then
# Words a second and device → what each is told: an answer of eight seconds, as a model gives them.
RATES = {20: Shape(500, 160, 50.0), 40: Shape(500, 320, 25.0)}
HELD = Shape(5_000, 48, 250.0)  # for memory: more words than a device keeps, and as many a second as at 40
CLOCKS = ("app", "kernel")

Measured: TypeAlias = dict[str, Any]


@dataclass
class Rounds:
    """Everything that was measured, one row a measurement; `failed` says what could not be."""

    rows: list[Measured] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def add(self, what: Measured, measure: Callable[[], Row]) -> None:
        """Measure once, and keep it under these names."""
        try:
            row = measure()
        except Failed as error:
            self.failed.append(f"{what}: {error}")
            print(f"{what}: {error}", file=sys.stderr)
            return
        self.rows.append({**what, **row})
        shown = {name: round(value, 3) for name, value in row.items()}
        print(" ".join(f"{name}={value}" for name, value in {**what, **shown}.items()), file=sys.stderr, flush=True)


def run(floor: Floor | str, k6: K6 | str, rounds: int = ROUNDS) -> Rounds:
    """As many rounds as there is time for, then the memory. A reason in place of a client: it is left out."""
    clients: list[Client] = [Ours(), Usual(), *(each for each in (floor, k6) if not isinstance(each, str))]
    found, began, longest = Rounds(), time.monotonic(), 0.0
    for number in range(1, rounds + 1):
        at = time.monotonic()
        if at + longest > began + DEADLINE_S:
            found.failed.append(f"round {number}: no time left for it")
            break
        _round(found, number, clients)
        longest = max(longest, time.monotonic() - at)
    found.add({"what": "held", "client": "ours"}, lambda: answers(Ours(), HELD))
    return found


def _round(found: Rounds, number: int, clients: list[Client]) -> None:
    for rate, shape in RATES.items():
        for client in clients:
            what = {"what": "answers", "round": number, "rate": rate, "client": client.name}
            found.add(what, lambda client=client, shape=shape: answers(client, shape))  # type: ignore[misc]
    for name, measure in (("ours", reconnects_of_ours), ("locust", reconnects_of_usual)):
        found.add({"what": "reconnects", "round": number, "client": name}, measure)
    for clock in CLOCKS:
        what = {"what": "delays", "round": number, "clock": clock}
        found.add(what, lambda clock=clock: delay_errors(RATES[40], clock))  # type: ignore[misc]
