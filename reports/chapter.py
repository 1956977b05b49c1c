"""One audit as the report tells it: everything the templates show of a single result."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from audit.contract import CAPABILITY_TITLES
from audit.finding import Verdict
from audit.result import AuditResult, CapabilityScore, Diagnosis, Remedy

from . import baselines, figures
from .claims import Row, rows
from .dial import Dial, dial
from .gapmap import GapMap, gap_map
from .gaps import Budget, Gap, gaps, places
from .plan import Link, Stage, cited, effort_order, plan
from .sketch import Counsel, Sketch, counsel, sketch
from .text import count
from .untested import Unknown, unknown
from .verdicts import capabilities, capability_title, rule_info, scenario_title, target_name, with_verdict

_FELT = 3


@dataclass(frozen=True, slots=True)
class Capability:
    """One of the three scores. coverage: how many rules it rests on."""

    title: str
    dial: Dial
    coverage: str


@dataclass(frozen=True, slots=True)
class Named:
    """A diagnosis with links to the gaps that prove it; remedies cheapest first."""

    anchor: str
    diagnosis: Diagnosis
    capability: str
    proof: tuple[Link, ...]
    remedies: tuple[Remedy, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A rule that held, and where: (scenario title, what was measured there)."""

    title: str
    where: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """One result. prefix: what its anchors start with. kept: capability → rules that held somewhere. command: the
    argv, quoted for a shell. known: how many gaps a baseline knows. repeated: which trials were added, and why."""

    prefix: str
    name: str
    result: AuditResult
    headline: str
    felt: tuple[str, ...]
    counts: Mapping[str, int]
    capabilities: tuple[Capability, ...]
    map: GapMap
    diagnoses: tuple[Named, ...]
    plan: tuple[Stage, ...]
    counsel: tuple[Counsel, ...]
    sketch: Sketch | None
    claims: tuple[Row, ...]
    gaps: tuple[Gap, ...]
    unknown: Unknown
    kept: Mapping[str, tuple[Kept, ...]]
    facts: tuple[tuple[str, str], ...]
    command: str
    known: str
    repeated: tuple[str, ...]


def chapter(result: AuditResult, prefix: str, budget: Budget) -> Chapter:
    """Tell one result. Anchors are built from `prefix` and numbers, never from a text of the result."""
    told = gaps(result, prefix, budget)
    anchors = places(told)
    return Chapter(
        prefix=prefix,
        name=target_name(result),
        result=result,
        headline=_headline(result, told),
        felt=tuple(dict.fromkeys(gap.info.felt for gap in told if gap.info.felt))[:_FELT],
        counts={verdict.value: number for verdict, number in _counted(result).items()},
        capabilities=tuple(_capabilities(result)),
        map=gap_map(result, anchors),
        diagnoses=tuple(_diagnoses(result, anchors, prefix)),
        plan=plan(result, anchors, prefix),
        counsel=counsel(result),
        sketch=sketch(result, anchors, prefix),
        claims=rows(result, anchors),
        gaps=told,
        unknown=unknown(result),
        kept=_kept(result),
        facts=tuple(flat(result.target)),
        command=shlex.join(result.argv),
        known=baselines.counted(result),
        repeated=baselines.repeats(result),
    )


def _counted(result: AuditResult) -> dict[Verdict, int]:
    found = Counter(judgment.verdict for judgment in result.findings)
    return {verdict: found[verdict] for verdict in Verdict}


def _headline(result: AuditResult, told: tuple[Gap, ...]) -> str:
    scenarios = {judgment.scenario for judgment in result.findings}
    where = count(len(scenarios), "scenario")
    found = _counted(result)
    if told:
        broken = {at.scenario for gap in told for at in gap.occurrences}
        rules = f"{count(len(told), 'promise')} to users broken, in {len(broken)} of {where}"
        return f"{rules}. The heaviest: “{told[0].info.title}”."
    if not found[Verdict.PASS]:
        return f"Nothing could be proven in {where}: this is neither good nor bad news."
    if found[Verdict.INCONCLUSIVE]:
        return f"No gap found in {where}, but {count(found[Verdict.INCONCLUSIVE], 'judgment')} could not be proven."
    return f"No gap in {where}: every promise that applies was kept."


def _capabilities(result: AuditResult) -> Iterator[Capability]:
    for capability, title in CAPABILITY_TITLES.items():
        found = result.scores.get(capability)
        if found is not None:
            yield Capability(title, dial(title, found), _coverage(found))


def _coverage(found: CapabilityScore) -> str:
    conclusive = found.passed + found.gap
    proven = f"{conclusive} of {count(conclusive + found.inconclusive, 'rule')} proven"
    return f"{proven}, range {figures.span(found)}" if figures.span(found) else proven


def _diagnoses(result: AuditResult, anchors: Mapping[tuple[str, str], str], prefix: str) -> Iterator[Named]:
    for number, found in enumerate(result.diagnoses, 1):
        remedies = sorted(found.remedies, key=lambda remedy: effort_order(remedy.effort))
        title = capability_title(found.capability)
        yield Named(f"{prefix}d{number}", found, title, cited(found.proof, anchors), tuple(remedies))


def _kept(result: AuditResult) -> dict[str, tuple[Kept, ...]]:
    held: dict[str, dict[str, list[tuple[str, str]]]] = {name: {} for name in capabilities([result])}
    for one in with_verdict(result, Verdict.PASS):
        where = (scenario_title(result, one.scenario), figures.measured(one) if one.value else "")
        held[one.capability].setdefault(rule_info(result, one).title, []).append(where)
    return {
        capability_title(name): tuple(Kept(title, tuple(where)) for title, where in rules.items())
        for name, rules in held.items()
        if rules
    }


def flat(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """A nested object as (dotted path, text), for the table of what was audited."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from flat(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, (list, tuple, dict)):
        yield path, ", ".join(map(str, value)) or "none"
    elif isinstance(value, bool):
        yield path, "yes" if value else "no"
    else:
        yield path, "not declared" if value is None else str(value)
