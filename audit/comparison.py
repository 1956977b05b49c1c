"""Two results of one target, before and after: what got better, what got worse, what only one of them tested. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .contract import CAPABILITIES
from .differences import differences
from .event import Value
from .finding import Verdict
from .result import AuditResult, CapabilityScore, Judgment, RuleInfo
from .wilson import wilson

Kind: TypeAlias = Literal["worse", "better", "changed", "same"]

_WORTH = {Verdict.GAP: 0, Verdict.INCONCLUSIVE: 1, Verdict.PASS: 2}


@dataclass(frozen=True, slots=True)
class Change:
    """One rule in one scenario that both tested.

    kind: `changed` is neither better nor worse: it came to apply, or no longer does. A gap that came to apply is worse;
    so is a pass that could not be proven again.
    """

    old: Judgment
    new: Judgment
    kind: Kind

    @property
    def rarer(self) -> bool:
        """A gap in both, but the intervals of its rate lie apart, and the new one lower."""
        return self._apart(self.new, self.old)

    @property
    def likelier(self) -> bool:
        """A gap in both, but the intervals of its rate lie apart, and the new one higher."""
        return self._apart(self.old, self.new)

    def _apart(self, low: Judgment, high: Judgment) -> bool:
        both = self.old.verdict is self.new.verdict is Verdict.GAP
        return both and wilson(low.gaps, low.trials)[1] < wilson(high.gaps, high.trials)[0]


@dataclass(frozen=True, slots=True)
class Score:
    """A capability in both; None where one lacks it."""

    capability: str
    old: CapabilityScore | None
    new: CapabilityScore | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """changes: in the order of the new result. only_old, only_new: what the other one did not test.

    notes: why the two compare only roughly.
    """

    old: AuditResult
    new: AuditResult
    scores: tuple[Score, ...]
    changes: tuple[Change, ...]
    only_old: tuple[Judgment, ...]
    only_new: tuple[Judgment, ...]
    notes: tuple[str, ...]

    def of(self, kind: Kind) -> tuple[Change, ...]:
        """The changes of one kind."""
        return tuple(change for change in self.changes if change.kind == kind)

    @property
    def measured(self) -> tuple[Change, ...]:
        """Where both measured something in the same unit."""
        return tuple(each for each in self.changes if None not in (each.old.value, each.new.value) and _same_unit(each))

    @property
    def worse(self) -> bool:
        """Did anything that both tested get worse, or any gap more frequent beyond chance?"""
        return any(change.kind == "worse" or change.likelier for change in self.changes)


def compare(old: AuditResult, new: AuditResult) -> Comparison:
    """Hold two results of one rule set together (`refusals` says whether they are)."""
    before = {(found.rule, found.scenario): found for found in old.findings}
    after = {(found.rule, found.scenario): found for found in new.findings}
    return Comparison(
        old=old,
        new=new,
        scores=tuple(Score(name, old.scores.get(name), new.scores.get(name)) for name in CAPABILITIES),
        changes=tuple(_change(before[key], found) for key, found in after.items() if key in before),
        only_old=tuple(found for key, found in before.items() if key not in after and _applies(found)),
        only_new=tuple(found for key, found in after.items() if key not in before and _applies(found)),
        notes=tuple(_notes(old, new)),
    )


def refusals(old: AuditResult, new: AuditResult) -> tuple[str, ...]:
    """Why two results cannot be compared: they were judged by different rules, and by which. Empty when they can."""
    differ = tuple(_differing(old, new))
    if old.ruleset == new.ruleset and not differ:
        return ()
    told = f"the old one was judged by rule set {old.ruleset!r}, the new one by {new.ruleset!r}"
    same = f"both name rule set {old.ruleset!r}, but its rules differ"
    return (told if old.ruleset != new.ruleset else same, *(differ or ("no rule that both name differs in its words",)))


def _differing(old: AuditResult, new: AuditResult) -> Iterator[str]:
    """Rules that both judged by and that do not demand the same; with another rule set, also those only one names."""
    for id, rule in new.rules.items():
        before = old.rules.get(id)
        if before is None:
            if old.ruleset != new.ruleset:
                yield f"{id}: only the new one knows it, or played a scenario that judges it"
        elif changed := _demands(before, rule):
            yield f"{id}: {changed}"
    if old.ruleset != new.ruleset:
        yield from (f"{id}: only the old one knows it" for id in old.rules if id not in new.rules)


def _demands(old: RuleInfo, new: RuleInfo) -> str:
    if old.severity is not new.severity:
        return f"weighs {old.severity.value} in the old one, {new.severity.value} in the new one"
    if old.capability != new.capability:
        return f"belongs to {old.capability} in the old one, to {new.capability} in the new one"
    return "" if old.truth == new.truth else f"demands something else: {old.truth} Now: {new.truth}"


def _change(old: Judgment, new: Judgment) -> Change:
    return Change(old, new, _kind(old.verdict, new.verdict))


def _kind(old: Verdict, new: Verdict) -> Kind:
    if old is new:
        return "same"
    if Verdict.NOT_APPLICABLE in (old, new):
        return "worse" if new is Verdict.GAP else "changed"
    return "better" if _WORTH[new] > _WORTH[old] else "worse"


def _applies(found: Judgment) -> bool:
    return found.verdict is not Verdict.NOT_APPLICABLE


def _same_unit(change: Change) -> bool:
    return change.old.unit == change.new.unit


def _notes(old: AuditResult, new: AuditResult) -> Iterator[str]:
    before, after = _facts(old), _facts(new)
    yield from (f"{told}." for told in differences(before, after))
    for name, result in (("old", old), ("new", new)):
        if result.partial:
            yield f"The {name} one is partial: {result.partial}."


def _facts(result: AuditResult) -> Value:
    """What should be the same in both: then only the product changed."""
    target = {key: result.target.get(key) for key in ("name", "base_url", "protocol", "contract", "architecture")}
    return {"target": target, "profile": result.profile, "durable-audit": result.tool}
