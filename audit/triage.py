"""Which layer is on fire? Symptoms, and a result if there is one, → layers in the order to look at. Pure.

What an audit proved outweighs what anybody says: a symptom that its rules refute counts nothing, a proven one counts
more than all that are only told. Where users lose answers altogether, delivery comes before quality: what does not
arrive cannot be right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .finding import Severity, Verdict
from .result import AuditResult
from .triage_words import DELIVERY, LAYERS, SYMPTOMS, Layer, Symptom

State: TypeAlias = Literal["burning", "rough", "clear", "unknown"]
_PROVEN = 100  # more than any number of symptoms that are only told
_GRAVE = frozenset({Severity.CRITICAL, Severity.HIGH})
_TESTED = 80.0  # percent of every capability that must be proven before it is called clear: what is open may be broken
_AT_MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class Suspect:
    """A layer, how much speaks for it, and why."""

    layer: Layer
    weight: int
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Triage:
    """suspects: layers that anything speaks for, the likeliest first. delivery: `burning` (grave gaps are proven),
    `rough` (only lesser ones), `clear` (tested, and none), or `unknown`. verdict: what that means, in a sentence."""

    symptoms: tuple[str, ...]
    delivery: State
    verdict: str
    suspects: tuple[Suspect, ...]


def triage(symptoms: Sequence[str], result: AuditResult | None = None) -> Triage:
    """Rank the layers. symptoms: ids of SYMPTOMS; others are KeyErrors. result: of an audit of the product."""
    told = [_BY_ID[each] for each in dict.fromkeys(symptoms)]
    audit = _Audit(result)
    state = audit.state
    weights: dict[str, list[tuple[int, str]]] = {layer.id: [] for layer in LAYERS}
    for symptom in told:
        for layer, points in symptom.points.items():
            weights[layer].append(audit.weigh(symptom, points) if layer == DELIVERY else (points, symptom.text))
    weights[DELIVERY].extend(audit.proof())
    suspects = (_suspect(layer, weights[layer.id]) for layer in LAYERS)
    ranked = sorted((each for each in suspects if each.weight), key=lambda each: -each.weight)
    return Triage(tuple(each.id for each in told), state, _verdict(state, told, audit, ranked), tuple(ranked))


_BY_ID = {symptom.id: symptom for symptom in SYMPTOMS}


def _suspect(layer: Layer, reasons: Iterable[tuple[int, str]]) -> Suspect:
    counted = [(weight, why) for weight, why in reasons if weight]
    return Suspect(layer, sum(weight for weight, _ in counted), tuple(dict.fromkeys(why for _, why in counted)))


class _Audit:
    """What a result says of delivery; of no result, nothing."""

    def __init__(self, result: AuditResult | None) -> None:
        self.result = result
        self._findings = result.findings if result else ()
        self.gaps = tuple(each for each in self._findings if each.verdict is Verdict.GAP)

    @property
    def state(self) -> State:
        if self.result is None or self.result.verdict.score is None:
            return "unknown"
        if any(each.severity in _GRAVE for each in self.gaps):
            return "burning"
        if self.gaps:
            return "rough"
        untested = any(score.floor < _TESTED for score in self.result.scores.values())
        return "unknown" if untested or self.result.partial else "clear"

    def weigh(self, symptom: Symptom, points: int) -> tuple[int, str]:
        """How much a symptom speaks for delivery: nothing when every rule that could show it was kept."""
        verdicts = {each.verdict for each in self._findings if each.rule in symptom.rules}
        if Verdict.GAP in verdicts:
            return _PROVEN, f"{symptom.text} The audit proves it ({', '.join(self._broken(symptom))})."
        if verdicts and verdicts <= {Verdict.PASS, Verdict.NOT_APPLICABLE} and Verdict.PASS in verdicts:
            return 0, ""
        return (0, "") if self.state == "clear" else (points, symptom.text)

    def refutes(self, symptom: Symptom) -> bool:
        """It sounds like delivery, and the audit saw that it is not."""
        return self.result is not None and DELIVERY in symptom.points and not self.weigh(symptom, 1)[0]

    def proof(self) -> Iterator[tuple[int, str]]:
        """What speaks for delivery whatever anybody says."""
        for diagnosis in self.result.diagnoses if self.result else ():
            yield _PROVEN, f"The audit names the {diagnosis.title} ({', '.join(diagnosis.proof[:_AT_MOST_NAMED])})."
        if self.state == "burning" and self.result and not self.result.diagnoses:
            yield _PROVEN, f"The audit proves gaps: {', '.join(self.rules[:_AT_MOST_NAMED])}."
        if self.state == "rough":
            yield 1, f"The audit proves lesser gaps: {', '.join(self.rules[:_AT_MOST_NAMED])}."

    @property
    def rules(self) -> tuple[str, ...]:
        """The broken rules, the heaviest first."""
        heaviest = sorted(self.gaps, key=lambda each: -each.severity.weight)
        return tuple(dict.fromkeys(each.rule for each in heaviest))

    def _broken(self, symptom: Symptom) -> tuple[str, ...]:
        return tuple(rule for rule in self.rules if rule in symptom.rules)


def _verdict(state: State, told: Sequence[Symptom], audit: _Audit, ranked: Sequence[Suspect]) -> str:
    elsewhere = [each.layer.title for each in ranked if each.layer.id != DELIVERY]
    look = f" Look at this first: {elsewhere[0]}." if elsewhere else ""
    match state:
        case "burning":
            return (
                "Delivery is on fire, and it is proven. Mend it before quality: what does not arrive cannot be right."
            )
        case "clear":
            return f"Delivery is not the problem: nothing that was tested broke.{_but(told, audit)}{look}"
        case "rough":
            return f"Delivery has rough edges, but no grave gap: it is hardly what users complain of.{look}"
    return _told(told, ranked, look)


def _but(told: Sequence[Symptom], audit: _Audit) -> str:
    """What to make of symptoms that an audit saw none of."""
    refuted = [symptom.text for symptom in told if audit.refutes(symptom)]
    if not refuted:
        return ""
    return (
        f" What sounds like it ({' '.join(refuted)}) was tested and did not happen: look in the client's own code, at "
        "what stands between the audited address and your users, and at load."
    )


def _told(told: Sequence[Symptom], ranked: Sequence[Suspect], look: str) -> str:
    """What symptoms alone can say."""
    ids = [each.layer.id for each in ranked]
    if ids[:1] == [DELIVERY]:
        return "It may be delivery, but nothing is proven yet: audit it (`durable-audit run TARGET`), then ask again."
    if DELIVERY in ids:
        return f"Less speaks for delivery than for another layer.{look}"
    if told:
        return f"Nothing that you see points at delivery: an audit of it would not help.{look}"
    return "Nothing was told, so nothing can be said."
