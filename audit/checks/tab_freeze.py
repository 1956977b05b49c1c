"""A frozen tab catches up when it is thawed, or is told that it must."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..contract import CONTINUITY
from ..event import Event, Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .attendance import attempts
from .base import Rule
from .facts import accepted, is_ok, ms, sightings
from .moments import broke, shown_at
from .oracle import oracle
from .verdicts import gap, passed, unproven, worst
from .wording import at, listed, outcome
from .words import compare, words

_ID = "tab-freeze"
_SIGNS = frozenset({"text", "snapshot", "end", "gap", "reset"})


@dataclass(frozen=True, slots=True)
class _Thaw:
    """A device from its thaw until its memory is gone or the trial is over (`until`: an index, exclusive)."""

    device: str
    frozen: Event
    thawed: Event
    until: int


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that was frozen and thawed while something was owed to it."""
    for device in history.devices:
        yield from worst(_judge(history, thaw) for thaw in _thaws(history, device))


def _thaws(history: History, device: str) -> Iterator[_Thaw]:
    frozen: Event | None = None
    for event in history.of(device):
        if event.what == "freeze" and event.phase is Phase.NOTE:
            frozen = event
        elif event.what == "thaw" and frozen is not None:
            ends = ("forget", "leave", "freeze")
            later = (e.index for e in history.of(device) if e.index > event.index and e.what in ends)
            yield _Thaw(device, frozen, event, next(later, len(history.events)))
            frozen = None


def _judge(history: History, thaw: _Thaw) -> Finding | None:
    device, thawed = thaw.device, thaw.thawed
    owed = [label for label in accepted(history) if _is_owed(history, label, thaw)]
    if not owed:
        return None
    evidence, what = [thaw.frozen.index, thawed.index], f"The {device} was thawed at {at(thawed)}"
    limit_ms = float(history.meta["deadlines"].get("resume_s") or 5.0) * 1e3
    sign = _sign(history, thaw)
    if sign is None or ms(thawed, sign) > limit_ms:
        end = history.events[min(thaw.until, len(history.events) - 1)] if sign is None else sign
        return _silent(device, what, ms(thawed, end), limit_ms, [*evidence, end.index])
    evidence, waited = [*evidence, sign.index], round(ms(thawed, sign), 1)
    refused = _way_back(history, thaw, sign) if sign.what == "closed" else None
    if refused is not None:
        why = f"{what} and found its stream closed, and its way back {outcome(refused)}."
        return gap(_ID, device, why, [*evidence, refused.index])
    for label in owed:
        hole, last = _hole(history, label, thaw)
        if hole:
            total = len(words(shown_at(history, device, label, thaw.until)))
            why = f"{what} and went on behind a hole: it has {total} words of {label}, but not {listed(hole, total)}."
            return gap(_ID, device, why, [*evidence, *last], value=len(hole), unit="words")
    if all(oracle(history, label, device) is None for label in owed):
        return unproven(_ID, device, f"{what}, and there is nothing to compare its words with.", evidence)
    return passed(_ID, device, f"{what} and caught up after {waited:.0f} ms.", evidence, value=waited, unit="ms")


def _is_owed(history: History, label: str, thaw: _Thaw) -> bool:
    """It followed the run, and somebody else, or it itself later, had words that it lacked when it was thawed."""
    have = {word.text for word in words(shown_at(history, thaw.device, label, thaw.thawed.index))}
    came = {word.text for word in sightings(history, label) if word.index < thaw.until}
    truth = oracle(history, label, thaw.device)
    return bool(have) and bool((came | set(truth.words if truth else ())) - have)


def _sign(history: History, thaw: _Thaw) -> Event | None:
    """The first thing that shows the stream to be alive, or that tells the device that it is not."""
    for event in history.events[thaw.thawed.index : thaw.until]:
        if event.who == thaw.device:
            shown = event.what == "read" and event.phase is Phase.OK and event.value.get("shown")
            if shown or broke(event) or (event.phase is Phase.SEEN and event.what in _SIGNS):
                return event
    return None


def _silent(device: str, what: str, waited: float, limit_ms: float, evidence: list[int]) -> Finding:
    if waited < limit_ms:
        why = f"{what}; it was left only {waited:.0f} ms to catch up, and nothing came in that time."
        return unproven(_ID, device, why, evidence)
    why = f"{what} and neither got a word nor was told that its stream was dead for {waited:.0f} ms."
    return gap(_ID, device, why, evidence, value=round(waited, 1), unit="ms")


def _way_back(history: History, thaw: _Thaw, closed: Event) -> Event | None:
    """The refusal, when every attempt to come back after the closing failed."""
    tried = [(i, d) for i, d in attempts(history, thaw.device) if closed.index < i.index < thaw.until]
    if not tried or any(is_ok(done) for _, done in tried):
        return None
    return tried[-1][1] or tried[-1][0]


def _hole(history: History, label: str, thaw: _Thaw) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Words that are missing before the last one it shows, and the events on both sides."""
    truth = oracle(history, label, thaw.device)
    shown = words(shown_at(history, thaw.device, label, thaw.until))
    if truth is None or not shown:
        return (), ()
    held = {word.text for word in shown}
    last = max((place for place, word in enumerate(truth.words) if word in held), default=-1)
    return compare(truth.words[: last + 1], shown).missing, (shown[-1].index, *truth.evidence)


TAB_FREEZE = Rule(
    id=_ID,
    capability=CONTINUITY,
    severity=Severity.HIGH,
    title="Hidden tabs catch up",
    truth="A frozen tab catches up when it is shown again, or is told that it must reconnect.",
    felt="You come back to the tab and the answer stands still until you reload.",
    why="Browsers freeze hidden tabs; the stream dies meanwhile, and the reader neither resolves nor rejects.",
    source=("dust-tt/dust#26202", "vercel/ai eab278a (resume on visibility)", "W3C Page Lifecycle"),
    remedy=Remedy(
        action="Send heartbeats, and let the client resume when it is shown again and has heard none.",
        gain="A tab is right again within a second of being looked at.",
        cost="A little traffic on idle streams, and a resume that works.",
        effort="transport",
    ),
    judge=judge,
)
