"""What a scenario is, and the plan of its trials: same seed, same plan."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Literal, TypeAlias

from .checks.base import Rule

if TYPE_CHECKING:
    from .stage import Stage

Script: TypeAlias = "Callable[[Stage], Awaitable[None]]"
PointKind: TypeAlias = Literal["early", "middle", "late", "end", "split", "burst"]

Feature: TypeAlias = Literal[
    "fails",
    "pauses",
    "approves",
    "delegates",
    "steers",
    "stranger",
    "restart",
    "renewal",
    "observable",
    "apart",
    "stop",
]
"""What a scenario needs of a target: see features.py."""

RULESET = "2026.11"
TWIN = 0
PROFILES = {"quick": 3, "standard": 10, "deep": 30}
ALONE = 3  # one trial of a scenario that is played alone takes the place of so many


@dataclass(frozen=True, slots=True)
class Scenario:
    """One disturbance, told as a script and judged by rules. Stateless; the id is the file's name with dashes.

    points: where in the stream it strikes, one a trial, in turn: after the first words (`early`), somewhere in the
    `middle`, at the last words (`late`), right after the ending (`end`), inside a multi-byte character (`split`), or
    while words come back to back (`burst`). arms: variants of the script, one a trial, in turn.
    expects_fault: it injects a fault, so a trial without a receipt proves nothing.
    prompts, seconds: what one trial costs, for the plan that is shown first.
    needs: what a target must offer, or the scenario is left out of the plan (`features.missing` says why).
    alone: it would disturb others, so its trials are played one by one after all the rest, and fewer of them.
    """

    id: str
    title: str
    why: str
    capability: str
    script: Script
    checks: tuple[Rule, ...]
    points: tuple[PointKind, ...] = ("middle",)
    arms: tuple[str, ...] = ()
    expects_fault: bool = False
    prompts: int = 1
    seconds: float = 3.0
    needs: tuple[Feature, ...] = ()
    alone: bool = False


@dataclass(frozen=True, slots=True)
class TrialPlan:
    """One trial: everything that is random in it follows from `seed`, `scenario` and `number`. 0 is the twin.

    attempt: a trial whose fault did not happen is played again, by the same plan in another session.
    """

    scenario: Scenario
    number: int
    seed: int
    profile: str
    attempt: int = 1

    @property
    def twin(self) -> bool:
        """The fault-free run of the same script, against which the others are read."""
        return self.number == TWIN

    @property
    def point(self) -> PointKind:
        """Where in the stream this trial strikes."""
        return self.scenario.points[(self.number - 1) % len(self.scenario.points)]

    @property
    def arm(self) -> str:
        """Which variant of the script this trial plays."""
        return self.scenario.arms[(self.number - 1) % len(self.scenario.arms)] if self.scenario.arms else ""

    @property
    def name(self) -> str:
        """Name of the trial and of its history file."""
        return f"{self.scenario.id}-{self.number}"

    def rng(self) -> Random:
        """A fresh generator for this trial."""
        return Random(f"{self.seed}/{self.scenario.id}/{self.number}")


def plan(scenarios: tuple[Scenario, ...], profile: str, seed: int) -> tuple[TrialPlan, ...]:
    """All trials of an audit, twins first, then trial by trial over the scenarios."""
    most = PROFILES[profile]
    return tuple(
        TrialPlan(scenario, number, seed, profile)
        for number in range(TWIN, most + 1)
        for scenario in scenarios
        if number <= (most // ALONE if scenario.alone else most)
    )
