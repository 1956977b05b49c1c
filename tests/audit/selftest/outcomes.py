"""Small selftests: what audits said, made up."""

from __future__ import annotations

from audit.selftest.case import CLEAN, Case, Mutant, Seen
from audit.selftest.export import Circumstances
from audit.selftest.figures import Power, power

CAPABILITIES = {"loss": "delivery", "order": "delivery", "join": "continuity", "stop": "control"}
LOSES = Mutant("loses", "Words <are> lost", (4, 8), ("loss",), ("join",))
STOPS = Mutant("stops", "Stops are lost", (67,), ("stop",))

HOW = Circumstances(
    created="2026-11-20T12:00:00+00:00",
    argv=("durable-audit", "selftest"),
    profile="standard",
    seed=3,
    workers=2,
    jobs=8,
    versions={"tool": "1", "ruleset": "2026.11", "python": "3"},
    machine="a machine, 2 cores",
    wall_s=61.04,
    cpu_s=100.26,
)


def case(mutant: str = CLEAN, seed: int = 3) -> Case:
    return Case(mutant, seed, "standard", 8, ("network-drop",))


def gaps(*rules: str) -> Seen:
    return Seen({rule: f"network-drop: {rule} <b>broke</b>" for rule in rules}, rules, {}, 10, 1.0, 2.0)


def found(*told: tuple[Case, Seen], interrupted: bool = False) -> Power:
    return power(told, (LOSES, STOPS), CAPABILITIES, 9 if interrupted else len(told), interrupted)
