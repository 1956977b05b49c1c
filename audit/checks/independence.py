"""What happens to one device changes nothing for another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ..contract import CONTINUITY
from ..event import Event, Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .base import Rule
from .facts import accepted, cuts, endings, ms, prompts, stops, texts, went_on
from .moments import broke, first_end, is_disturbance, was_over
from .oracle import disturbed
from .starved import fair
from .verdicts import gap, passed
from .wording import at

_ID = "independence"
_SILENCE_MS = 1_000.0  # shorter pauses are scheduling; and no silence counts that is short for this target's pace
_PACES = 20
_PAUSES = 2  # … or for the agent's own pauses
_RECOVERED = frozenset({"online", "thaw"})


@dataclass(frozen=True, slots=True)
class _Trouble:
    """A disturbance of one device, until it was over (or its stream was open again)."""

    start: Event
    end: Event


def judge(history: History) -> Iterator[Finding]:
    """One finding for each undisturbed device that was following a run when something happened to another device."""
    hurt = disturbed(history)
    for device in history.devices:
        troubles = _troubles(history, device) if device not in hurt else []
        if troubles and _was_following(history, device, troubles[0].start):
            yield _judge(history, device, troubles)


def _troubles(history: History, device: str) -> list[_Trouble]:
    """What was done to others, and their comings while this device was following a run."""
    others = (e for e in history.events if e.who.removeprefix("link:") != device)
    return [_Trouble(e, _over(history, e)) for e in others if is_disturbance(e) or _comes(history, device, e)]


def _comes(history: History, device: str, event: Event) -> bool:
    """Another device opens the session in the middle of a run that this one has text of."""
    joins = event.phase is Phase.INVOKE and event.what == "join"
    return joins and any(
        not was_over(history, label, event.index) and any(e.index < event.index for e in texts(history, label, device))
        for label in accepted(history)
    )


def _over(history: History, start: Event) -> Event:
    device = start.who.removeprefix("link:")
    later = (e for e in history.events[start.index :] if e.who == device)
    back = (e for e in later if e.what in _RECOVERED or (e.what in ("join", "resume") and e.phase is Phase.OK))
    return next(back, history.events[-1])


def _was_following(history: History, device: str, trouble: Event) -> bool:
    """It had text of a run that was not over before the trouble began."""
    for label in accepted(history):
        end = first_end(history, label)
        if texts(history, label, device) and (end is None or end.index > trouble.index):
            return True
    return False


def _judge(history: History, device: str, troubles: list[_Trouble]) -> Finding:
    first = troubles[0].start
    other = first.who.removeprefix("link:")
    what = f"when the {other} was disturbed ({_named(first)} at {at(first)})"
    for event in _broken(history, device, first):
        why = f"The {device}, which nothing was done to, lost its stream at {at(event)} {what}."
        return gap(_ID, device, why, [first.index, event.index])
    ended = _ended_by_it(history, device, troubles)
    if ended is not None:
        return ended
    silences = (found for label in accepted(history) for found in _silences(history, label, device, troubles))
    longest = max(silences, key=lambda pair: ms(*pair), default=None)
    if longest is None:
        return passed(_ID, device, f"The {device} kept its stream {what}.", [first.index])
    quiet = ms(*longest)
    why = f"The {device} heard nothing for {quiet:.0f} ms from {at(longest[0])}, {what}."
    verdict = gap
    if quiet <= _allowed(history):
        verdict, why = passed, f"The {device} kept its stream, silent for {quiet:.0f} ms at most, {what}."
    evidence = [first.index, longest[0].index, longest[1].index]
    found = verdict(_ID, device, why, evidence, value=round(quiet, 1), unit="ms")
    return fair(found, history, *longest, _allowed(history))


def _ended_by_it(history: History, device: str, troubles: list[_Trouble]) -> Finding | None:
    """A run that broke off when somebody came or went who had not asked for it, though nobody stopped it."""
    for label in accepted(history):
        asked, end = prompts(history)[label][0], first_end(history, label)
        reason = next((found.reason for found in endings(history, label)), "completed")
        before = [t.start for t in troubles if end is not None and asked.index < t.start.index < end.index]
        hurt = {start.who.removeprefix("link:") for start in before}
        excused = asked.who in hurt or asked.who in disturbed(history) or stops(history, label)
        if end is not None and before and not excused and reason == "stopped" and texts(history, label, device):
            who = before[-1].who.removeprefix("link:")
            why = (
                f"The {device} saw {label} end stopped at {at(end)}, and nobody had stopped it; the {who}, which had "
                f"not asked for it, had come or gone before ({_named(before[-1])} at {at(before[-1])})."
            )
            return gap(_ID, device, why, [asked.index, before[-1].index, end.index])
    return None


def _named(event: Event) -> str:
    return str(event.value.get("fault", "fault")) if event.what == "fault" else event.what


def _allowed(history: History) -> float:
    deadlines = history.meta["deadlines"]
    pace, pause = (float(deadlines.get(name) or 0) for name in ("pace_ms", "pause_ms"))
    return max(_SILENCE_MS, _PACES * pace, _PAUSES * pause)


def _broken(history: History, device: str, after: Event) -> Iterator[Event]:
    """Closings that took something from the device: in good order, after a run that has no ending on this wire and
    that was said to its end, is none."""
    for who, index in cuts(history):
        event = history.events[index]
        if who == device and index > after.index and broke(event):
            runs = [label for label in accepted(history) if texts(history, label, device)]
            cost = any(
                went_on(history, label, index).more or not went_on(history, label, index).whole for label in runs
            )
            if event.value.get("how") != "clean" or cost:
                yield event


def _silences(history: History, label: str, device: str, troubles: list[_Trouble]) -> Iterator[tuple[Event, Event]]:
    """Pauses between two pieces of a run that overlap a disturbance, from when it began: what had been silent before it
    is the agent's own."""
    for before, after in pairwise(texts(history, label, device)):
        for trouble in troubles:
            if before.index < trouble.end.index and after.index > trouble.start.index:
                yield max(before, trouble.start, key=lambda event: event.index), after


INDEPENDENCE = Rule(
    id=_ID,
    capability=CONTINUITY,
    severity=Severity.HIGH,
    title="Devices do not disturb each other",
    truth="What happens to one device (it stalls, leaves, is cut off) changes nothing for another one.",
    felt="Your laptop freezes, or loses the answer, because your phone lost its signal.",
    why="All devices hang on one connection or one queue, and the slowest or the last one to leave decides for all.",
    source=("LangGraph cancel_on_disconnect", "A2A SubscribeToTask", "deer-flow#1403", "sip-to-ai#14"),
    remedy=Remedy(
        action="Give every device a subscription and a buffer of its own, and cut off the one that is too slow.",
        gain="One bad network hurts one device.",
        cost="Memory for each device, and a way for the one that was cut off to catch up.",
        effort="transport",
    ),
    judge=judge,
)
