"""Judgments → scores and a letter. Pure.

A rule counts once, by its worst scenario; a capability is the severity-weighted mean over its conclusive rules. What
could not be tested is never averaged away: the floor counts it as a gap, the ceiling as a pass. Some defects cap the
letter, whatever the mean says (after SSL Labs), and what would raise it is found by closing each gap in turn.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from .checks.base import Rule
from .contract import CAPABILITIES, Contract
from .finding import Severity, Verdict
from .result import Cap, CapabilityScore, Grade, Judgment
from .summary import worst

LETTERS = ("A+", "A", "B", "C", "D", "E", "F")
UNKNOWN = "?"
MEANINGS = {
    "A+": "Every promise was tested and kept: users lose nothing, follow their session anywhere and stay in control.",
    "A": "Users can rely on it; what remains is rare, small or could not be tested.",
    "B": "Sound, with rough edges that some users will meet on a bad connection.",
    "C": "Works while the network does; users who lose it or change devices lose something too.",
    "D": "A dropped connection or a second device regularly costs users their answer or their control.",
    "E": "Most of what makes a session durable is missing; users find out every day.",
    "F": "Not fit to carry a session: what the agent says, or whose it is, is left to luck.",
    UNKNOWN: "Nothing could be proven either way, so there is no grade.",
}
_AT_LEAST = ((90.0, "A"), (80.0, "B"), (65.0, "C"), (50.0, "D"), (35.0, "E"))
_CAPS = (
    Cap("F", "somebody else's credential or cursor opens the session", "isolation"),
    Cap("D", "a lost connection ends the answer although the product promises that it goes on", "survival"),
    Cap("C", "words are lost for good when a device comes back", "loss"),
    Cap("B", "words are shown twice, with no id by which a client could tell", "duplication"),
)
_AT_MOST_RAISES = 4


@dataclass(frozen=True, slots=True)
class Standing:
    """One rule over all scenarios."""

    rule: str
    capability: str
    severity: Severity
    verdict: Verdict

    @property
    def conclusive(self) -> bool:
        """It passed or it did not; anything else has no weight."""
        return self.verdict in (Verdict.PASS, Verdict.GAP)


def standings(judgments: Iterable[Judgment]) -> tuple[Standing, ...]:
    """Each rule by its worst scenario, in order of appearance."""
    found: dict[str, Standing] = {}
    for each in judgments:
        known = found.setdefault(each.rule, Standing(each.rule, each.capability, each.severity, each.verdict))
        found[each.rule] = replace(known, verdict=worst((known.verdict, each.verdict)))
    return tuple(found.values())


def score_capabilities(judgments: Iterable[Judgment]) -> dict[str, CapabilityScore]:
    """The score of every capability, also of those that nothing was proven about."""
    found = standings(judgments)
    return {name: _capability([each for each in found if each.capability == name]) for name in CAPABILITIES}


def _capability(rules: Sequence[Standing]) -> CapabilityScore:
    verdicts = [each.verdict for each in rules]
    as_gaps = [_settled(each, Verdict.GAP) for each in rules]
    as_passes = [_settled(each, Verdict.PASS) for each in rules]
    floor, ceiling = _mean(as_gaps), _mean(as_passes)
    return CapabilityScore(
        score=_mean(rules),
        floor=0.0 if floor is None else floor,
        ceiling=100.0 if ceiling is None else ceiling,
        passed=verdicts.count(Verdict.PASS),
        gap=verdicts.count(Verdict.GAP),
        inconclusive=verdicts.count(Verdict.INCONCLUSIVE),
        not_applicable=verdicts.count(Verdict.NOT_APPLICABLE),
    )


def _settled(standing: Standing, verdict: Verdict) -> Standing:
    return replace(standing, verdict=verdict) if standing.verdict is Verdict.INCONCLUSIVE else standing


def _mean(rules: Iterable[Standing]) -> float | None:
    """Share of the weight that passed, of all that was conclusive, in percent; None when nothing weighed anything."""
    weighed = [(each.severity.weight, each.verdict is Verdict.PASS) for each in rules if each.conclusive]
    total = sum(weight for weight, _ in weighed)
    return round(100.0 * sum(weight for weight, passed in weighed if passed) / total, 1) if total else None


def grade(judgments: Iterable[Judgment], contract: Contract, rules: Sequence[Rule]) -> Grade:
    """The letter, what it means, what caps it, and what would raise it most."""
    found = standings(judgments)
    letter, score, caps = _letter(found, contract)
    return Grade(letter, MEANINGS[letter], score, caps, _raises(found, contract, rules))


def after(judgments: Iterable[Judgment], contract: Contract, closed: Collection[str]) -> tuple[str, float | None]:
    """Letter and mean once these gaps (`rule@scenario`) are closed and nothing else has changed."""
    healed = (
        replace(each, verdict=Verdict.PASS)
        if each.verdict is Verdict.GAP and f"{each.rule}@{each.scenario}" in closed
        else each
        for each in judgments
    )
    return _letter(standings(healed), contract)[:2]


def _letter(found: Sequence[Standing], contract: Contract) -> tuple[str, float | None, tuple[Cap, ...]]:
    means = [_mean(each for each in found if each.capability == name) for name in CAPABILITIES]
    known = [mean for mean in means if mean is not None]
    caps = _caps(found, contract)
    if not known:
        return UNKNOWN, None, caps
    score = round(sum(known) / len(known), 1)
    letter = next((letter for least, letter in _AT_LEAST if score >= least), "F")
    flawless = all(each.verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE) for each in found)
    if flawless and len(known) == len(CAPABILITIES):
        letter = "A+"
    return max([letter, *(cap.letter for cap in caps)], key=LETTERS.index), score, caps


def _caps(found: Sequence[Standing], contract: Contract) -> tuple[Cap, ...]:
    gaps = {each.rule for each in found if each.verdict is Verdict.GAP}
    if contract.disconnect != "continue":
        gaps.discard("survival")  # nobody promised that it goes on
    return tuple(cap for cap in _CAPS if cap.rule in gaps)


def _raises(found: Sequence[Standing], contract: Contract, rules: Sequence[Rule]) -> tuple[str, ...]:
    """What closing one gap, or proving one rule, would do; the greatest effect first."""
    now = _letter(found, contract)
    words = {rule.id: rule for rule in rules}
    ranked: list[tuple[tuple[int, float, float], str]] = []
    for place, each in enumerate(found):
        if each.verdict not in (Verdict.GAP, Verdict.INCONCLUSIVE) or each.rule not in words:
            continue
        then = _letter([*found[:place], replace(each, verdict=Verdict.PASS), *found[place + 1 :]], contract)
        if then[:2] == now[:2]:
            continue
        ranked.append((_effect(now, then, each), _told(words[each.rule], each, now, then)))
    ranked.sort(key=lambda each: each[0])
    return tuple(text for _, text in ranked[:_AT_MOST_RAISES])


_Outcome = tuple[str, float | None, tuple[Cap, ...]]


def _effect(now: _Outcome, then: _Outcome, standing: Standing) -> tuple[int, float, float]:
    """Sort key: steps of the letter, then the mean, then the weight of the rule; the greatest first."""
    order = (*LETTERS, UNKNOWN)
    steps = order.index(then[0]) - order.index(now[0])
    return steps, (now[1] or 0.0) - (then[1] or 0.0), -standing.severity.weight


def _told(rule: Rule, standing: Standing, now: _Outcome, then: _Outcome) -> str:
    verb = "Close" if standing.verdict is Verdict.GAP else "Prove"
    score = f"{_figure(now[1])} → {_figure(then[1])}"
    letter = f"{now[0]} → {then[0]}, {score}" if then[0] != now[0] else f"{score}, still {now[0]}"
    what = f" {rule.remedy.action}" if standing.verdict is Verdict.GAP else ""
    return f"{verb} {rule.id} ({letter}): {rule.title}.{what}"


def _figure(score: float | None) -> str:
    return "–" if score is None else f"{score:.1f}"
