"""One audit from target to result, and the same result again from what it left behind."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import starmap
from pathlib import Path

from . import __version__
from .assemble import assemble
from .checks import RULES
from .errors import HistoryError
from .features import left_out, missing
from .files import shown_path
from .hooks import means_of
from .progress import Tell
from .repeating import Repeating
from .result import AuditResult, Untested
from .run import RunMeta
from .runner import adapter_of, bench_of, reach, run, versions
from .scenario import PROFILES, RULESET, Scenario, TrialPlan, plan
from .store import RunStore, StoredRun, load_run
from .target import Target

DAMAGED = "Restore the file, or remove it: the other trials are judged without it, and the run is told to be partial."
DEVICES = 2.3  # links that one trial opens on average; each may open several connections


@dataclass(frozen=True, slots=True)
class Order:
    """What to run: scenarios (in the order of the report), profile, seed; trial: only this one and its twin.

    hooks: those of the target file may be run. untested: what was left out, and why.
    """

    scenarios: tuple[Scenario, ...]
    profile: str
    seed: int
    jobs: int
    trial: int | None = None
    hooks: bool = False
    untested: tuple[Untested, ...] = ()

    def fitting(self, target: Target) -> Order:
        """Without the scenarios that need something which this target does not offer."""
        lacking = missing(target, adapter_of(target).traits, self.hooks)
        left = {scenario.id: why for scenario in self.scenarios if (why := left_out(scenario, lacking))}
        kept = tuple(scenario for scenario in self.scenarios if scenario.id not in left)
        return replace(self, scenarios=kept, untested=self.untested + tuple(starmap(Untested, left.items())))

    def plans(self) -> tuple[TrialPlan, ...]:
        """Every trial, twins first."""
        plans = plan(self.scenarios, self.profile, self.seed)
        if self.trial is None:
            return plans
        wanted = [TrialPlan(each, self.trial, self.seed, self.profile) for each in self.scenarios]
        return (*(each for each in plans if each.twin), *wanted)


@dataclass(frozen=True, slots=True)
class Cost:
    """What an audit asks of a target: prompts sent, devices played, and roughly how long it takes."""

    trials: int
    prompts: int
    devices: int
    seconds: float

    @classmethod
    def of(cls, order: Order) -> Cost:
        """Prompts are exact unless a run breaks off; seconds assume that words come every 10 ms."""
        plans = order.plans()
        seconds = sum(each.scenario.seconds for each in plans) / max(1, min(order.jobs, len(plans)))
        prompts = sum(each.scenario.prompts for each in plans)
        return cls(len(plans), prompts, round(DEVICES * len(plans)), seconds)


async def audit(
    target: Target,
    order: Order,
    root: Path,
    argv: Sequence[str],
    target_file: str,
    tell: Tell,
    begun: Callable[[RunStore], None] = lambda _: None,
) -> RunStore:
    """Run it and leave `runs/<id>/` behind; `begun` is told of that folder before the first trial.

    Unreachable when nothing answers; then nothing is left behind.
    """
    if order.hooks and (target.hooks.token or target.hooks.restart):
        target = replace(target, means=means_of(target))
    bench, order = bench_of(target), order.fitting(target)
    await reach(bench)
    meta = _meta(target, order, argv, target_file)
    store = RunStore.create(root, meta)
    begun(store)
    left = target.limits.max_prompts - Cost.of(order).prompts if order.trial is None else 0  # a replay is one trial
    await run(bench, order.plans(), order.jobs, store.open_history, tell, Repeating(store, meta, left))
    return store


def judge_again(path: Path, scenarios: Sequence[Scenario]) -> AuditResult:
    """The result of a stored run. Reads files and nothing else; only `created` differs from time to time."""
    return judge_run(load_run(path), scenarios)


def judge_run(stored: StoredRun, scenarios: Sequence[Scenario]) -> AuditResult:
    """The result of a run that was opened, or of the part of it that its plan names. HistoryError names what is
    damaged, and what to do."""
    try:
        return assemble(
            stored.meta,
            stored.trials(),
            scenarios,
            RULES,
            created=now(),
            tool=__version__,
            ruleset=RULESET,
            folder=shown_path(stored.path),
        )
    except HistoryError as error:
        raise HistoryError(f"{error}\n  {DAMAGED}") from None


def now() -> str:
    """This moment in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def profiles() -> str:
    """The profiles with their trials per scenario, for help texts."""
    return ", ".join(f"{name} ({trials})" for name, trials in PROFILES.items())


def _meta(target: Target, order: Order, argv: Sequence[str], target_file: str) -> RunMeta:
    numbers: dict[str, tuple[int, ...]] = {}
    for each in order.plans():
        numbers[each.scenario.id] = (*numbers.get(each.scenario.id, ()), each.number)
    return RunMeta(
        created=now(),
        argv=tuple(argv),
        profile=order.profile,
        seed=order.seed,
        versions=versions() | {"platform": platform.platform(terse=True)},
        target=target.redacted(),
        target_file=target_file,
        plan=numbers,
        untested=order.untested,
    )
