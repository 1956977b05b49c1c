"""A device that reads slowly holds up nobody, and loses nothing without being told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ..contract import RESILIENT_DELIVERY
from ..event import Event, Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .attendance import settled
from .base import Rule
from .delivery import Delivery, delivery
from .facts import accepted, cuts, ms, texts
from .moments import first_end
from .oracle import disturbed
from .starved import fair
from .verdicts import gap, passed, unproven, worst
from .wording import at, listed

_ID = "backpressure"
_STILL_MS = 1_500.0  # shorter pauses are scheduling, or the agent's own; and none counts that is short for its pace
_PACES = 30
_COMING_MS = 1_000.0  # who got a word so short a time ago is not given up


@dataclass(frozen=True, slots=True)
class _Crawl:
    """A device took next to nothing, from one event to another."""

    device: str
    start: Event
    end: Event


def judge(history: History) -> Iterator[Finding]:
    """One finding for the device that read slowly, and one for each that followed at full speed beside it."""
    slow = _crawls(history)
    if not slow:
        return
    for device in history.devices:
        own = next((crawl for crawl in slow if crawl.device == device), None)
        if own is not None:
            yield from worst(_itself(history, own, delivery(history, label, device)) for label in accepted(history))
        elif device not in disturbed(history) and all(who != device for who, _ in cuts(history)):
            yield from worst(_beside(history, device, label, slow[0]) for label in accepted(history))


def _crawls(history: History) -> list[_Crawl]:
    found: dict[str, _Crawl] = {}
    for event in history.events:
        if event.what != "fault" or event.phase is not Phase.NOTE or event.value.get("fault") != "bandwidth":
            continue
        device, state = event.who.removeprefix("link:"), event.value.get("state")
        if state == "struck":
            found.setdefault(device, _Crawl(device, event, history.events[-1]))
        elif state == "lifted" and device in found:
            found[device] = _Crawl(device, found[device].start, event)
    return list(found.values())


def _itself(history: History, crawl: _Crawl, found: Delivery) -> Finding | None:
    """Once it reads again it has everything, or knows that it has not."""
    device, label, evidence = found.device, found.label, [crawl.start.index, crawl.end.index, *found.evidence]
    if found.oracle is None or found.comparison is None:
        return unproven(_ID, device, f"There is nothing to compare the words of {label} on the {device} with.")
    if not found.oracle.words:
        return None
    missing = found.comparison.missing
    if not missing:
        why = f"The {device} read slowly until {at(crawl.end)}, and then got all {found.total} words of {label}."
        return passed(_ID, device, why, evidence, value=0, unit="words")
    told = next((e for e in history.of(device) if e.index > crawl.start.index and _tells(e)), None)
    if told is not None:
        why = f"The {device} read too slowly for {label}, and was told so at {at(told)}."
        return passed(_ID, device, why, [*evidence, told.index], value=0, unit="words")
    if _still_coming(history, found) and found.oracle.words[-len(missing) :] == missing:
        why = f"The {device} had not caught up with {label} at the end of the trial: {len(missing)} words were to come."
        return unproven(_ID, device, why, evidence)
    lacks = f"it lacks {listed(missing, found.total)} of {label}, and nothing told it so"
    why = f"The {device} read slowly until {at(crawl.end)}; when it had caught up {lacks}."
    return gap(_ID, device, why, evidence, value=len(missing), unit="words")


def _still_coming(history: History, found: Delivery) -> bool:
    """It was catching up when the trial ended."""
    note = settled(history)
    if found.shown.ends or not found.words or note is None:
        return not found.shown.ends
    return ms(history.events[found.words[-1].index], note) < _COMING_MS


def _tells(event: Event) -> bool:
    """The device learned that something is missing: it was cut off, or a gap was named."""
    cut = event.what == "closed" and event.value.get("how") in ("fin", "rst", "clean")
    return event.phase is Phase.SEEN and (cut or event.what == "gap")


def _beside(history: History, device: str, label: str, crawl: _Crawl) -> Finding | None:
    """It heard the answer as if the slow one were not there."""
    heard = [*texts(history, label, device)]
    if not heard:
        return None
    if not _was_told_the_end(history, label, device):
        heard.append(history.events[-1])
    pauses = [
        (one, other)
        for one, other in pairwise(heard)
        if one.index < crawl.end.index and other.index > crawl.start.index
    ]
    longest = max(pauses, key=lambda pair: ms(*pair), default=None)
    beside = f"while the {crawl.device} read next to nothing"
    if longest is None:
        return unproven(_ID, device, f"The {device} heard too little of {label} {beside}.")
    allowed = max(_STILL_MS, _PACES * float(history.meta["deadlines"].get("pace_ms") or 0.0))
    evidence = [crawl.start.index, longest[0].index, longest[1].index]
    if ms(*longest) <= allowed:
        why = f"The {device} read on {beside}, with pauses of {ms(*longest):.0f} ms at most."
        return passed(_ID, device, why, evidence, value=round(ms(*longest), 1), unit="ms")
    why = f"The {device} heard nothing of {label} for {ms(*longest):.0f} ms from {at(longest[0])}, {beside}."
    found = gap(_ID, device, why, evidence, value=round(ms(*longest), 1), unit="ms")
    return fair(found, history, *longest, allowed)


def _was_told_the_end(history: History, label: str, device: str) -> bool:
    end = first_end(history, label)
    return end is None or any(e.what == "end" and e.who == device for e in history.events[end.index :])


BACKPRESSURE = Rule(
    id=_ID,
    capability=RESILIENT_DELIVERY,
    severity=Severity.HIGH,
    title="A slow reader hurts nobody",
    truth="A device that reads slowly neither slows the others nor loses quietly: it catches up, or is told.",
    felt="One phone on a bad network makes the answer stutter for everybody, or has holes in it afterwards.",
    why="Each event is written to one device after the other, and every write is waited for; or each device has a "
    "queue of its own that drops what does not fit. A queue without a bound passes here and fills the memory instead: "
    "only a load with slow readers shows that.",
    source=(
        "bytedance/deer-flow#1403",
        "WaveHouse#425",
        "ambient-code/platform#1220",
        "sst/opencode#16697",
        "WHATWG Streams (backpressure)",
    ),
    remedy=Remedy(
        action="Keep a place in the log for each device instead of a queue, write on when its socket drains, and cut "
        "off one that takes nothing at all; it can resume.",
        gain="Memory has a bound, and nobody waits for anybody.",
        cost="Slow devices are cut off now and then and have to resume.",
        effort="transport",
    ),
    judge=judge,
)
