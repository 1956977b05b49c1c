"""Stop works from another device, after a reload, on a resumed stream, and before there is anything to read."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import LIVE_CONTROL
from ..event import Event
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .base import Rule
from .facts import endings
from .marks import marks
from .stopping import Stop, first_stops
from .verdicts import gap, passed, unproven, worst_of_each
from .wording import at, outcome

_ID = "stop-reach"
_WHERE = {
    "other-device": "from another device",
    "after-reload": "after a reload",
    "resumed-stream": "on a resumed stream",
    "before-first-token": "before the first word",
    "while-queued": "while it waited behind another answer",
    "by-key": "before it had an id",
}


def judge(history: History) -> Iterator[Finding]:
    """One finding for the device that pressed stop from where the script (mark `arm`) put it."""
    yield from worst_of_each(
        _judge(history, mark, stop)
        for mark in marks(history, "arm")
        for stop in first_stops(history)
        if stop.invoke.index > mark.index and mark.value.get("label", stop.label) == stop.label
    )


def _judge(history: History, mark: Event, stop: Stop) -> Finding:
    arm = str(mark.value.get("arm", ""))
    where = _WHERE.get(arm, f"from where it was ({arm})")
    told = [ending.index for ending in endings(history, stop.label)]
    evidence = [mark.index, stop.invoke.index, stop.answer.index]
    who = f"The {stop.device}'s stop of {stop.label} {where}"
    if stop.hangup:
        why = f"{who} could only hang up: no connection but the one that asked can stop the run, and only by closing."
        return gap(_ID, stop.device, why, evidence)
    if stop.unsupported or stop.refused:
        return gap(_ID, stop.device, f"{who} {outcome(stop.done)}.", evidence)
    if stop.worked:
        return passed(_ID, stop.device, f"{who} ended the run.", [*evidence, *told])
    if stop.ignored or stop.late:
        why = f"{who} {outcome(stop.done)} at {at(stop.answer)}, but the run went on as if nothing had been said."
        return gap(_ID, stop.device, why, [*evidence, *(word.index for word in stop.late), *told])
    why = f"{who} {outcome(stop.done)}; nobody saw whether the run went on."
    return unproven(_ID, stop.device, why, evidence)


STOP_REACH = Rule(
    id=_ID,
    capability=LIVE_CONTROL,
    severity=Severity.HIGH,
    title="Stop works from anywhere",
    truth="A run can be stopped from another device, after a reload, on a resumed stream, before its first word and "
    "while it waits for its turn.",
    felt="The laptop started it, the phone shows it running, and nothing on the phone can stop it.",
    why="What can stop it lives in the memory of the tab that asked: an abort controller, a run id nobody else knows.",
    source=("vercel/ai#6502", "openai/openai-python#2643", "vercel/ai 975bb28"),
    remedy=Remedy(
        action="Let a stop name the session or the prompt's key, and accept it from every authorized device.",
        gain="Whoever sees the answer can end it, from any screen, however they came to it.",
        cost="Stop becomes a command with its own authorization, and needs a rule for who may press it.",
        effort="endpoint",
    ),
    judge=judge,
)
