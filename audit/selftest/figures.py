"""From what the audits said to the two figures of a selftest: detection and false alarms. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..gates import FAILED, INCONCLUSIVE, INTERRUPTED, MET
from ..wilson import wilson
from .case import Case, Mutant, Seen

Cell: TypeAlias = Literal["found", "missed", "also", "false"]
"""A rule that was named and noticed, or did not; one that was not named and noticed: of the same capability as a named
one, or right to do so (a defect seldom shows to a single rule), or of a capability that is not touched at all."""


@dataclass(frozen=True, slots=True)
class Share:
    """k of n, with the Wilson interval of the rate."""

    count: int
    of: int

    @property
    def interval(self) -> tuple[float, float]:
        """95 %, [low, high]."""
        return wilson(self.count, self.of)


@dataclass(frozen=True, slots=True)
class Row:
    """A mutant and what became of it. cells: rule → what it did. why: rule → its reason, in the audit's words."""

    mutant: Mutant
    seed: int
    scenarios: tuple[str, ...]
    seen: Seen
    cells: Mapping[str, Cell]
    why: Mapping[str, str]

    @property
    def measured(self) -> bool:
        """There was an audit to judge it by."""
        return not self.seen.error

    @property
    def detected(self) -> bool:
        """Every rule that it names noticed."""
        return self.measured and not self.missed

    @property
    def missed(self) -> tuple[str, ...]:
        """Rules that it names and that did not notice."""
        return tuple(rule for rule, cell in self.cells.items() if cell == "missed")

    @property
    def false(self) -> tuple[str, ...]:
        """Rules of a capability that it does not touch."""
        return tuple(rule for rule, cell in self.cells.items() if cell == "false")


@dataclass(frozen=True, slots=True)
class Clean:
    """An audit of the reference as it is."""

    seed: int
    seen: Seen

    @property
    def alarm(self) -> bool:
        """It accused the innocent."""
        return bool(self.seen.gaps)


@dataclass(frozen=True, slots=True)
class Power:
    """Everything a selftest found. planned: how many audits it wanted. interrupted: it was ended before its time."""

    rows: tuple[Row, ...]
    clean: tuple[Clean, ...]
    planned: int
    interrupted: bool = False

    @property
    def detection(self) -> Share:
        """Of the mutants that were audited, how many tripped every rule that they name."""
        measured = [row for row in self.rows if row.measured]
        return Share(sum(row.detected for row in measured), len(measured))

    @property
    def alarms(self) -> Share:
        """Of the clean audits, how many accused somebody."""
        measured = [each for each in self.clean if not each.seen.error]
        return Share(sum(each.alarm for each in measured), len(measured))

    @property
    def elsewhere(self) -> int:
        """Mutants that tripped a rule of a capability that they do not touch."""
        return sum(bool(row.false) for row in self.rows)

    @property
    def unmeasured(self) -> tuple[tuple[str, str], ...]:
        """Audits that came to nothing, and why."""
        rows = [(row.mutant.id, row.seen.error) for row in self.rows if not row.measured]
        return (*rows, *((f"clean, seed {each.seed}", each.seen.error) for each in self.clean if each.seen.error))

    def verdict(self) -> tuple[int, str]:
        """The exit code of DESIGN's table and the reason for it; the gravest first."""
        if self.interrupted:
            return INTERRUPTED, f"interrupted after {len(self.rows) + len(self.clean)} of {self.planned} audits"
        if self.detection.count < self.detection.of or self.elsewhere or self.alarms.count:
            return FAILED, "the selftest failed: " + self._failures()
        if self.unmeasured or not self.planned:
            name, why = self.unmeasured[0] if self.unmeasured else ("nothing", "there was no mutant and no clean audit")
            return INCONCLUSIVE, f"not everything could be measured: {name}: {why}"
        return MET, "every planted defect was found, and nobody innocent was accused"

    def _failures(self) -> str:
        missed = self.detection.of - self.detection.count
        told = {"missed": missed, "accused in another capability": self.elsewhere, "false alarms": self.alarms.count}
        return ", ".join(f"{count} {what}" for what, count in told.items() if count)


def power(
    outcomes: Iterable[tuple[Case, Seen]],
    mutants: Sequence[Mutant],
    capabilities: Mapping[str, str],
    planned: int,
    interrupted: bool = False,
) -> Power:
    """Put together what the audits said, mutants in their order. capabilities: of every rule."""
    told = list(outcomes)
    known = {case.mutant: (case, seen) for case, seen in told if not case.clean}
    rows = tuple(_row(each, *known[each.id], capabilities) for each in mutants if each.id in known)
    clean = sorted((Clean(case.seed, seen) for case, seen in told if case.clean), key=lambda each: each.seed)
    return Power(rows, tuple(clean), planned, interrupted)


def _row(mutant: Mutant, case: Case, seen: Seen, capabilities: Mapping[str, str]) -> Row:
    if seen.error:
        return Row(mutant, case.seed, case.scenarios, seen, {}, {})
    touched = {capabilities[rule] for rule in mutant.rules}
    cells: dict[str, Cell] = {rule: "found" if rule in seen.gaps else "missed" for rule in mutant.rules}
    for rule in seen.gaps.keys() - set(mutant.rules):
        cells[rule] = "also" if capabilities[rule] in touched or rule in mutant.may else "false"
    ordered = {rule: cells[rule] for rule in capabilities if rule in cells}
    why = {rule: seen.gaps.get(rule) or _silence(rule, seen) for rule in ordered}
    return Row(mutant, case.seed, case.scenarios, seen, ordered, why)


def _silence(rule: str, seen: Seen) -> str:
    """Why a rule that should have noticed did not."""
    if rule in seen.judged:
        return "it passed"
    return seen.unproven.get(rule, "no history held a case of it")
