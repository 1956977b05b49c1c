"""The whole run: every server in turn at every task, so that what disturbs the machine disturbs them all."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from ..load.children import Failed
from .measure import Live, Row, Storm, held, live, storms
from .servers import FILE, MEMORY, OURS, Server

ROUNDS = 3
DEADLINE_S = 330.0  # no round is begun that would not end by then
# One agent that speaks at an easy pace, and several at once that keep the server busy.
LIVE = {"live": Live(100, 100, 20.0), "busy": Live(100, 400, 200.0)}
FANOUT = {"fanout": Live(500, 100, 20.0), "fanout-busy": Live(500, 400, 200.0)}
FILE_PER_S = 20.0  # more than the vendor's file mode can carry already
STORMS = {"storm": Storm(readers=1_000, missed=500), "resume": Storm(readers=20, missed=10_000)}
HELD = (10, 2_000)

Measured: TypeAlias = dict[str, Any]


@dataclass
class Rounds:
    """Everything that was measured, one row a measurement; `failed` says what could not be."""

    rows: list[Measured] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def add(self, names: Sequence[str], number: int, server: Server, measure: Callable[[], Sequence[Row]]) -> None:
        """Measure once, and keep the rows under these names."""
        try:
            found = measure()
        except Failed as error:
            self.failed.append(f"round {number}, {', '.join(names)}, {server.name}: {error}")
            print(self.failed[-1], file=sys.stderr)
            return
        for name, row in zip(names, found, strict=True):
            self.rows.append({"what": name, "round": number, "server": server.name, **row})
            shown = " ".join(f"{key}={value:.4g}" for key, value in row.items())
            print(f"{name} round={number} {server.name} {shown}", file=sys.stderr, flush=True)


def run(drain: Path, rounds: int = ROUNDS) -> Rounds:
    """As many rounds as there is time for."""
    found, began, longest = Rounds(), time.monotonic(), 0.0
    for number in range(1, rounds + 1):
        at = time.monotonic()
        if at + longest > began + DEADLINE_S:
            found.failed.append(f"round {number}: no time left for it")
            break
        _round(found, number, drain)
        longest = max(longest, time.monotonic() - at)
    return found


def _round(found: Rounds, number: int, drain: Path) -> None:
    for name, shape in LIVE.items():
        for server in (OURS, FILE, MEMORY):
            if server is not FILE or shape.per_s <= FILE_PER_S:
                found.add([name], number, server, partial(_one, live, drain, server, shape))
    for name, shape in FANOUT.items():
        for server in (OURS, MEMORY):
            found.add([name], number, server, partial(_one, live, drain, server, shape))
    for server in (OURS, MEMORY):
        found.add([*STORMS], number, server, partial(storms, drain, server, tuple(STORMS.values())))
        found.add(["held"], number, server, partial(_one, held, drain, server, *HELD))


def _one(measure: Callable[..., Row], *given: Any) -> list[Row]:
    return [measure(*given)]
