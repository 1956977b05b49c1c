"""One audit of a selftest: of the reference as a process of its own, with a defect planted or without."""

from __future__ import annotations

import asyncio
import resource
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from .. import builtin
from ..campaign import Order, audit, judge_again
from ..errors import AuditError
from ..finding import Verdict
from ..result import AuditResult
from ..scenario import Scenario
from ..target import Target
from .case import SENTINELS, Case, Seen

FIRST = "quick"
"""A profile is the beginning of any longer one: same seed, same trials. What it finds, the longer one finds, too."""


async def play(case: Case, scenarios: Sequence[Scenario]) -> Seen:
    """Start the server, audit it, judge; nothing stays on the disk. What could not be measured says why.

    A mutant plays the sentinels in full; of the other scenarios the first trials, and the rest of them only while a
    rule that it names has not noticed.
    """
    begun, used = time.monotonic(), _cpu_s()
    try:
        found = await _audited(case, scenarios)
    except AuditError as error:
        found = Seen(error=f"{type(error).__name__}: {error}")
    return replace(found, wall_s=time.monotonic() - begun, cpu_s=_cpu_s() - used)


def seen(result: AuditResult) -> Seen:
    """What of a result a selftest keeps."""
    gaps: dict[str, str] = {}
    unproven: dict[str, str] = {}
    for each in result.findings:
        kept = {Verdict.GAP: gaps, Verdict.INCONCLUSIVE: unproven}.get(each.verdict)
        if kept is not None:
            kept.setdefault(each.rule, f"{each.scenario}: {each.why}")
    judged = {each.rule for each in result.findings if each.verdict in (Verdict.GAP, Verdict.PASS)}
    trials = sum(not run.twin for run in result.runs)
    return Seen(gaps, tuple(sorted(judged)), unproven, trials, error=result.partial)


def together(several: Sequence[Seen]) -> Seen:
    """What several audits of one server said; of each rule, the first to speak."""
    gaps: dict[str, str] = {}
    unproven: dict[str, str] = {}
    for each in several:
        gaps = each.gaps | gaps
        unproven = each.unproven | unproven
    judged = {rule for each in several for rule in each.judged}
    error = next((each.error for each in several if each.error), "")
    return Seen(gaps, tuple(sorted(judged)), unproven, sum(each.trials for each in several), error=error)


async def _audited(case: Case, scenarios: Sequence[Scenario]) -> Seen:
    chosen = [each for each in scenarios if each.id in case.scenarios]
    planted = () if case.clean else ("--mutant", case.mutant, "--mutant-audited", str(case.seed))
    async with builtin.started(builtin.REFERENCE, (*planted, "--policy", case.policy)) as served:
        target = replace(served, contract=replace(served.contract, concurrent_send=case.policy))
        if case.clean:
            return await _once(case, target, chosen, case.profile)
        sentinels = [each for each in chosen if each.id in SENTINELS]
        others = [each for each in chosen if each.id not in SENTINELS]
        beside = [each for each in others if not each.alone]
        wanted = [_once(case, target, sentinels, case.profile)]
        wanted += [_once(case, target, beside, FIRST)] if beside else []
        found = together(await asyncio.gather(*wanted))
        if len(beside) < len(others):  # what would disturb the sentinels comes after them
            found = together((found, await _once(case, target, [each for each in others if each.alone], FIRST)))
        if others and case.profile != FIRST and not found.gaps.keys() >= set(case.rules):
            found = together((found, await _once(case, target, others, case.profile)))
    return found


async def _once(case: Case, target: Target, chosen: Sequence[Scenario], profile: str) -> Seen:
    """One audit of these scenarios."""
    order = Order(tuple(chosen), profile, case.seed, case.jobs, hooks=True)
    with tempfile.TemporaryDirectory(prefix="durable-audit-") as root:
        store = await audit(target, order, Path(root), ["durable-audit", "selftest"], case.name, lambda _: None)
        return seen(judge_again(store.path, chosen))


def _cpu_s() -> float:
    """Of this process and of the servers that it has waited for."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
