"""One load from order to result: cost and safety first, then the run, then what it amounts to."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .. import __version__
from ..campaign import now
from ..errors import AuditError, HarnessError, Problem, Unreachable
from ..runner import versions
from ..target import Target
from .churn import Churn, schedule
from .drive import Distribution, Outcome, drive
from .gates import Gate, judged
from .hooks import Hook, failures
from .order import Order
from .report_of import load_result
from .result import UNREACHABLE, LoadResult


@dataclass(frozen=True, slots=True)
class Cost:
    """What a plan asks of a target."""

    devices: int
    sessions: int
    prompts: int
    resumes: int
    seconds: float
    words_per_s: float

    @classmethod
    def of(cls, churn: Churn, seed: int) -> Cost:
        """Exact: the plan is made before anything happens."""
        plan = schedule(churn, seed)
        sessions = len({seat.session for seat in plan.seats})
        talking = churn.run_s / (churn.run_s + churn.think_s) if churn.run_s else 0.0
        words = churn.devices * talking * 1e3 / churn.pace_ms if churn.pace_ms else 0.0
        return cls(churn.devices, sessions, plan.prompts(), plan.resumes(), churn.seconds, words)

    def __str__(self) -> str:
        return (
            f"{self.devices:,} devices in {self.sessions:,} sessions for {self.seconds:g} s: {self.prompts:,} prompts, "
            f"{self.resumes:,} resumes, up to {self.words_per_s:,.0f} words a second to be delivered."
        )


def forbidden(target: Target, cost: Cost | None, *, yes: bool) -> tuple[Problem, ...]:
    """Why this load may not be put on this host, every reason; empty when it may. cost: None when nobody knows it.

    Loopback always may. Another host has to be named in the target file and confirmed on the command line.
    """
    problems = []
    if not target.may_load():
        what = f"{target.base_url} is not on this machine, and the target file does not allow load on it"
        problems.append(Problem("limits.load_hosts", what, 'load_hosts = ["staging.example.com"]'))
    elif not target.is_local() and not yes:
        problems.append(Problem("--yes", f"load on {target.base_url} has to be confirmed", "--yes"))
    if cost and not target.is_local() and cost.prompts > target.limits.max_prompts:
        what = f"the plan sends {cost.prompts:,} prompts and the target file allows {target.limits.max_prompts:,}"
        problems.append(Problem("limits.max_prompts", what, f"max_prompts = {cost.prompts}"))
    return tuple(problems)


def load(order: Order, spread: Distribution, gates: Sequence[Gate], argv: Sequence[str]) -> LoadResult | None:
    """Run it and judge it; None for a worker, whose master has the result. HarnessError when nothing came back."""
    target = order.target()
    created = now()
    outcome = drive(order, spread, Hook("deploy", target.hooks.deploy, target.secrets()))
    if spread.role == "worker":
        return None
    if outcome.totals is None:
        raise _nothing(outcome.errors or ("no process told its totals",))
    result = load_result(
        outcome.totals,
        order.churn,
        target,
        argv,
        order.seed,
        created,
        environment=versions() | {"platform": platform.platform(terse=True), "tool": __version__},
    )
    void = [result.void, *_missing(order, outcome)]
    if not result.interrupted:
        void += failures(outcome.deploys, "deploy", len(order.churn.deploys))
    return judged(replace(result, hooks=outcome.deploys, void="; ".join(filter(None, void))), gates)


def _nothing(errors: Sequence[str]) -> AuditError:
    """Why there is no result: nobody was there, or the load itself is broken."""
    told = sorted({error.partition(UNREACHABLE)[2] for error in errors})
    if all(told):
        return Unreachable("; ".join(told))
    return HarnessError("the load has no result: " + "; ".join(errors))


def _missing(order: Order, outcome: Outcome) -> Iterator[str]:
    """What a lost process saw is unknown: nothing can be said of the whole."""
    if outcome.parts < order.processes:
        who = "; ".join((*(f"lost: {worker}" for worker in outcome.lost), *outcome.errors))
        yield f"only {outcome.parts} of {order.processes} processes told what they saw" + (f" ({who})" if who else "")
