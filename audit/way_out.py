"""The plan: every gap → the cheapest remedy that closes it, each remedy once, with the grade that it leads to. Pure.

Efforts are gone through from the cheapest; within one, what closes the most weight comes first (a greedy set cover:
Chvátal 1979). So every gap is closed at the least effort that can close it, and by as few remedies as possible.
Remedies of a diagnosis are there only where the diagnosis is proven.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .contract import Contract
from .finding import Verdict
from .outlook import Step
from .remedies import EFFORTS, SESSION_LAYER
from .result import Diagnosis, Judgment, Remedy
from .scoring import after


@dataclass(frozen=True, slots=True)
class _Way:
    """A remedy, the gaps that it closes, and the diagnosis that it treats, if any."""

    remedy: Remedy
    closes: frozenset[str]
    diagnosis: str = ""


def plan(
    judgments: Sequence[Judgment],
    diagnoses: Sequence[Diagnosis],
    remedies: Mapping[str, Remedy],
    contract: Contract,
) -> tuple[Step, ...]:
    """The steps, cheapest first; none when there is no gap. remedies: of each rule, by its id."""
    weights = {_name(each): each.severity.weight for each in judgments if each.verdict is Verdict.GAP}
    causes = _of_diagnoses(diagnoses, weights)
    proven = frozenset(gap for each in diagnoses for gap in each.proof)
    treated = proven & frozenset().union(*(way.closes for way in causes))
    ways = (*causes, *_of_rules(remedies, weights, treated))
    chosen: list[tuple[_Way, frozenset[str]]] = []
    left = frozenset(weights)
    for effort in EFFORTS:
        at_this_price = _at(effort, ways, weights)
        while best := _best(at_this_price, left, weights):
            chosen.append((best, best.closes & left))
            left -= best.closes
    return tuple(_steps(chosen, ways, judgments, contract))


def _name(judgment: Judgment) -> str:
    return f"{judgment.rule}@{judgment.scenario}"


def _of_diagnoses(diagnoses: Sequence[Diagnosis], gaps: Iterable[str]) -> tuple[_Way, ...]:
    """Remedies of what was diagnosed. One that names no rule closes all that proves its diagnosis. One that does closes
    gaps of these rules, unless they prove another diagnosis only: then they have another cause. What treats no proof
    of its diagnosis treats nothing."""
    proofs = {each.id: frozenset(each.proof) for each in diagnoses}
    explained = frozenset().union(*proofs.values())
    found = []
    for each in diagnoses:
        own = frozenset(gaps) - (explained - proofs[each.id])
        for remedy in each.remedies:
            closes = _named(remedy.closes, own) if remedy.closes else proofs[each.id]
            found.append(_Way(remedy, closes if closes & proofs[each.id] else frozenset(), each.id))
    return tuple(found)


def _of_rules(remedies: Mapping[str, Remedy], gaps: Iterable[str], treated: frozenset[str]) -> tuple[_Way, ...]:
    """What each rule prescribes, for gaps whose cause is not known by a better name."""
    left = frozenset(gaps) - treated
    return tuple(_Way(remedy, _named((rule,), left)) for rule, remedy in remedies.items())


def _named(rules: Sequence[str], gaps: Iterable[str]) -> frozenset[str]:
    return frozenset(gap for gap in gaps if gap.partition("@")[0] in rules)


def _at(effort: str, ways: Iterable[_Way], gaps: Iterable[str]) -> tuple[_Way, ...]:
    """What can be done at this effort. A session layer is one piece of work, whichever rule asks for it."""
    found = tuple(way for way in ways if way.remedy.effort == effort)
    whole = _Way(SESSION_LAYER, _named(SESSION_LAYER.closes, gaps))
    return (*found, whole) if effort == SESSION_LAYER.effort else found


def _best(ways: Sequence[_Way], left: frozenset[str], weights: Mapping[str, float]) -> _Way | None:
    """What closes the most weight of what is left; the first of equals; None when nothing closes anything."""
    useful = [way for way in ways if way.closes & left]
    return max(useful, key=lambda way: _weight(way.closes & left, weights), default=None)


def _weight(gaps: Iterable[str], weights: Mapping[str, float]) -> float:
    """Of rules, not of judgments: a rule that broke in five scenarios is one defect."""
    return sum({gap.partition("@")[0]: weights[gap] for gap in gaps}.values())


def _steps(
    chosen: Sequence[tuple[_Way, frozenset[str]]],
    ways: Sequence[_Way],
    judgments: Sequence[Judgment],
    contract: Contract,
) -> Iterable[Step]:
    closed: set[str] = set()
    for number, (way, closes) in enumerate(chosen):
        closed |= closes
        letter, score = after(judgments, contract, closed)
        remedy = way.remedy
        yield Step(
            action=remedy.action,
            gain=remedy.gain,
            cost=remedy.cost,
            effort=remedy.effort,
            closes=tuple(_name(each) for each in judgments if _name(each) in closes),
            diagnoses=_treats(way, ways),
            letter=letter,
            score=score,
            spares=tuple(place for place, (_, also) in enumerate(chosen[:number], 1) if also <= way.closes),
        )


def _treats(way: _Way, ways: Iterable[_Way]) -> tuple[str, ...]:
    found = (each.diagnosis for each in ways if each.remedy == way.remedy and each.diagnosis)
    return tuple(dict.fromkeys(found))
