"""What a load run comes to, in words, the same in every report. A void run proves nothing and never shows as good."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, isfinite

from audit.finding import Verdict
from audit.load.figures import WINDOW_S
from audit.load.result import MEASURES, GateResult, LoadResult, Quantiles

from . import figures
from .text import count, visible

NOTHING = "–"  # not measured, or too few samples to say
GATE_WORDS = {
    Verdict.PASS: "met",
    Verdict.GAP: "failed",
    Verdict.INCONCLUSIVE: "could not be judged",
}
TITLES = {
    "resume_delay": "Resume delay",
    "caught_up_delay": "Caught-up delay",
    "join_delay": "Join delay",
    "first_item_delay": "First-item delay",
    "item_delay": "Item delay",
    "stop_delay": "Stop delay",
    "steer_delay": "Steer delay",
}
_UNKNOWN = 6  # measures that another version may have added
_FEWEST = 100  # resumes, from which on a bound on their fault rate says something


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault. key: its field of LoadResult; label: for tables; told: with its number, for sentences."""

    key: str
    label: str
    number: int
    told: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The run in one word and one sentence. verdict: its color and symbol; void runs are inconclusive."""

    verdict: Verdict
    word: str
    meaning: str


def name(result: LoadResult) -> str:
    """The target's name as its file gives it."""
    return str(result.target.get("name") or result.target.get("base_url") or "unnamed target")


def faults(result: LoadResult) -> tuple[Fault, ...]:
    """Everything that must be 0, worst first."""
    words = (
        ("lost", "Words lost", "word lost", "words lost"),
        ("repeated", "Words repeated", "word repeated", "words repeated"),
        ("reordered", "Words out of order", "word out of order", "words out of order"),
        ("foreign", "Words garbled", "word garbled", "words garbled"),
        ("after_stop", "Words after a stop", "word after a stop", "words after a stop"),
        ("wrong_end", "Runs that ended wrongly", "run ended wrongly", "runs ended wrongly"),
        ("unended", "Runs that never ended", "run never ended", "runs never ended"),
        ("unanswered", "Devices never let back in", "device was never let back in", "devices were never let back in"),
    )
    numbers = [(getattr(result, key), *rest) for key, *rest in words]
    return tuple(
        Fault(key, label, number, count(number, one, many))
        for (key, *_), (number, label, one, many) in zip(words, numbers, strict=True)
    )


def is_clean(result: LoadResult) -> bool:
    """No fault of any kind was counted."""
    return not any(fault.number for fault in faults(result))


def headline(result: LoadResult) -> str:
    """`5,000 devices, 120,000 resumes: nothing lost, repeated or reordered.`"""
    load = f"{count(result.devices, 'device')}, {count(result.resumes, 'resume')}"
    found = [fault for fault in faults(result) if fault.number]
    if not result.events and not found:
        return f"{load}: nothing arrived."
    if not found:
        return f"{load}: nothing lost, repeated or reordered."
    told = ", ".join(fault.told for fault in found)
    if any(fault.key in ("lost", "repeated", "reordered") for fault in found):
        return f"{load}: {told}."
    return f"{load}: nothing lost, repeated or reordered, but {told}."


def sentences(result: LoadResult) -> tuple[str, str]:
    """What to say first, and what next. What a void run counted comes second, and only for the record."""
    meaning, counted = outcome(result).meaning, headline(result)
    return (meaning, f"For the record only: {counted}") if result.void else (counted, meaning)


def gate_verdict(result: LoadResult, gate: GateResult) -> Verdict:
    """How a gate came out. In a void run no gate is judged, whatever was measured."""
    if result.void or gate.met is None:
        return Verdict.INCONCLUSIVE
    return Verdict.PASS if gate.met else Verdict.GAP


def gate_value(gate: GateResult) -> str:
    """What was measured. A gate without a number that failed is one on something that never happened."""
    if gate.value is None:
        return "never" if gate.met is False else "too few samples"
    return number(gate.value)


def outcome(result: LoadResult) -> Outcome:
    """What the whole run comes to."""
    if result.void:
        return Outcome(Verdict.INCONCLUSIVE, "void", "This run proves nothing, neither good nor bad.")
    gates = [gate_verdict(result, gate) for gate in result.gates]
    failed, unjudged = gates.count(Verdict.GAP), gates.count(Verdict.INCONCLUSIVE)
    if _unforgiven(result):
        return Outcome(Verdict.GAP, "broken", "Not everything reached every device as it should have.")
    if failed:
        meaning = f"{_arrived(result)}, but {failed} of {count(len(gates), 'gate')} failed."
        return Outcome(Verdict.GAP, "failed", meaning)
    if why := _open(result, unjudged):
        word = "interrupted" if result.interrupted else "open"
        return Outcome(Verdict.INCONCLUSIVE, word, f"Nothing is known to be wrong, but {why}.")
    if not is_clean(result):
        return Outcome(Verdict.PASS, "held", "Every gate was met; the faults below are within what they allow.")
    judged = "and every gate was met" if gates else "but no gate was set: delays were measured, not judged"
    return Outcome(Verdict.PASS, "held", f"Everything reached every device, {judged}.")


def _arrived(result: LoadResult) -> str:
    if not is_clean(result):
        return "The faults below are within the gates"
    return "Everything arrived" if result.events else "Nothing was lost, because nothing came"


def _unforgiven(result: LoadResult) -> bool:
    """Is there a fault that no gate on its own count allows?"""
    allowed = {gate.gate.partition(" ")[0] for gate in result.gates if gate.met}
    return any(fault.number and fault.key not in allowed for fault in faults(result))


def _open(result: LoadResult, unjudged: int) -> str:
    """Why a run without a fault is still no proof; empty when it is one."""
    if result.partial:
        return "it was ended early"
    if not result.events:
        return "there was nothing to verify"
    return f"{count(unjudged, 'gate')} could not be judged" if unjudged else ""


def ended(result: LoadResult) -> str:
    """Why and when a run ended early, as a sentence; empty for one that did not."""
    if not result.partial:
        return ""
    why = visible(result.partial, 300)
    if not result.interrupted:
        return f"Not complete: {why}."
    played = max((window.at_s for window in result.windows if isfinite(window.at_s)), default=0.0) + WINDOW_S
    reach = f"within the first {figures.number(played)} s of {figures.number(result.seconds)} s"
    left = f", {reach}" if 0 < played < result.seconds else ""
    return f"Ended early ({why}){left}: the rest of the plan was never played, and what is told here is not all of it."


def assurance(result: LoadResult) -> str:
    """How sure a count of zero makes us; empty when it says nothing.

    The rule of three: no fault in n trials bounds the rate by 3/n, with 95 % confidence (Hanley and Lippman-Hand 1983).
    """
    if result.void or not is_clean(result) or result.resumes < _FEWEST:
        return ""
    return (
        f"No fault in {result.resumes:,} resumes: with 95 % confidence fewer than one resume in "
        f"{result.resumes // 3:,} costs a user anything, if they are all alike."
    )


def title(measure: str) -> str:
    """What people call a measure; an unknown one goes by its name."""
    return TITLES.get(measure, measure)


def means(measure: str) -> str:
    """From when to when a measure counts, as a sentence; empty for an unknown one."""
    told = MEASURES.get(measure, "")
    return f"{told[:1].upper()}{told[1:]}." if told else ""


def measures(result: LoadResult) -> Iterator[tuple[str, Quantiles]]:
    """What was measured at all, in the order of TITLES, a few unknown ones last."""
    for known in (*TITLES, *sorted(set(result.measures) - set(TITLES))[:_UNKNOWN]):
        found = result.measures.get(known)
        if found is not None and found.count:
            yield known, found


def number(value: float | None, unit: str = "") -> str:
    """A number to read, or a dash when there is none."""
    return NOTHING if value is None or not isfinite(value) else figures.amount(value, unit)


def duration(ms: float | None) -> str:
    """`0.4 ms`, `240 ms`, `3.2 s`, `125 s`."""
    if ms is None or not isfinite(ms):
        return NOTHING
    return figures.amount(round(ms, 3), "ms") if abs(ms) < 1_000 else figures.amount(round(ms / 1e3, 3), "s")


def between(found: Quantiles, share: str, unit: str = "") -> str:
    """Where a quantile (`p95`) lies with 95 % confidence, in the unit of its value (`ms` or `s`): `450–502`; empty when
    that is not known."""
    ends = interval(found, share)
    if ends is None:
        return ""
    scale = 1e3 if unit == "s" else 1.0
    low, high = (figures.number(end / scale) for end in ends)
    return f"{low}–{high}"


def interval(found: Quantiles, share: str) -> tuple[float, float] | None:
    """The ends of that interval (ms), lower first; None without one, or when it is none."""
    low, high = found.intervals.get(share, (inf, inf))
    return (low, high) if 0 <= low <= high < inf else None


def sure_number(found: Quantiles, share: str) -> str:
    """Milliseconds and how sure they are: `477 (450–502)`."""
    return _with(number(getattr(found, share)), between(found, share))


def sure_duration(found: Quantiles, share: str) -> str:
    """The same with its unit: `477 ms (450–502)`, `1.2 s (1.1–1.4)`."""
    shown = duration(getattr(found, share))
    return _with(shown, between(found, share, shown.rpartition(" ")[2]))


def _with(shown: str, ends: str) -> str:
    return f"{shown} ({ends})" if ends and shown != NOTHING else shown
