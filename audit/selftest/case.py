"""What a selftest plays, one audit each, and what came of it; both are plain JSON, as they cross processes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from ..contract import ConcurrentSend
from ..scenario import Scenario

SENTINELS = ("network-drop", "device-join", "midstream-stop")
"""What every mutant plays, whatever it breaks: one scenario of each capability, so that an alarm elsewhere can show."""

CLEAN = "clean"
USUAL: ConcurrentSend = "queue"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A planted defect, as the selftest knows it. rows: of the defect taxonomy. rules: those that must notice; may: of
    other capabilities, those that are right when they do. policy: what the server does with a prompt during a run."""

    id: str
    title: str
    rows: tuple[int, ...]
    rules: tuple[str, ...]
    may: tuple[str, ...] = ()
    policy: ConcurrentSend = USUAL


@dataclass(frozen=True, slots=True)
class Case:
    """One audit. mutant: its id, or CLEAN for the reference as it is. scenarios: the ids of those that are played.
    rules: those that must notice. policy: what the server does with a prompt that comes during a run."""

    mutant: str
    seed: int
    profile: str
    jobs: int
    scenarios: tuple[str, ...]
    rules: tuple[str, ...] = ()
    policy: ConcurrentSend = USUAL

    @property
    def clean(self) -> bool:
        """Nothing is planted."""
        return self.mutant == CLEAN

    @property
    def name(self) -> str:
        """What to call it in front of people."""
        return f"clean, seed {self.seed}" if self.clean else self.mutant

    def dump(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, line: str) -> Case:
        """What `dump` wrote."""
        row = json.loads(line)
        return cls(**{**row, "scenarios": tuple(row["scenarios"]), "rules": tuple(row["rules"])})


@dataclass(frozen=True, slots=True)
class Seen:
    """What an audit said. gaps: rule → `scenario: why` of its first gap. judged: rules with a conclusive verdict.
    unproven: rules of which a scenario was inconclusive → why. error: why there is no verdict at all; empty otherwise.
    """

    gaps: dict[str, str] = field(default_factory=dict)
    judged: tuple[str, ...] = ()
    unproven: dict[str, str] = field(default_factory=dict)
    trials: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    error: str = ""

    def dump(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, line: str) -> Seen:
        """What `dump` wrote."""
        row = json.loads(line)
        return cls(**{**row, "judged": tuple(row["judged"])})


def cases(
    mutants: Sequence[Mutant], scenarios: Sequence[Scenario], *, clean: int, profile: str, seed: int, jobs: int
) -> tuple[Case, ...]:
    """Every audit of a selftest: the mutants, then clean audits with a seed each, in all scenarios."""
    planted = (Case(each.id, seed, profile, jobs, played(each, scenarios), each.rules, each.policy) for each in mutants)
    everything = tuple(scenario.id for scenario in scenarios)
    return (*planted, *(Case(CLEAN, seed + number, profile, jobs, everything) for number in range(clean)))


def played(mutant: Mutant, scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """The scenarios whose histories can answer a rule that the mutant must trip, and the sentinels."""
    wanted = set(mutant.rules)
    return tuple(each.id for each in scenarios if each.id in SENTINELS or wanted & {rule.id for rule in each.checks})
