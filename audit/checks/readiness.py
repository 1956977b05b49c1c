"""After a stop the next prompt just works."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import LIVE_CONTROL
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .base import Rule
from .facts import is_ok, ms, prompts, stops, texts
from .moments import was_over
from .stopping import Stop, first_stops
from .verdicts import gap, passed, unproven, worst_of_each
from .wording import at, outcome

_ID = "readiness"


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that asked for the next answer after a stop."""
    found = (_judge(history, stop) for stop in first_stops(history))
    yield from worst_of_each(finding for finding in found if finding is not None)


def _judge(history: History, stop: Stop) -> Finding | None:
    label = _next(history, stop)
    if label is None:
        return None
    invoke, done = prompts(history)[label]
    evidence = [stop.invoke.index, stop.answer.index, invoke.index, *([done.index] if done else [])]
    if not stop.worked:
        why = f"The stop of {stop.label} had no proven effect, so {label} does not show how it goes on after one."
        return unproven(_ID, invoke.who, why, evidence)
    return _answered(history, stop, label, evidence)


def _next(history: History, stop: Stop) -> str | None:
    """The next run that was asked for, unless it was stopped as well."""
    later = (label for label, (invoke, _) in prompts(history).items() if invoke.index > stop.answer.index)
    label = next(later, None)
    return label if label is not None and not _was_stopped(history, label) else None


def _was_stopped(history: History, label: str) -> bool:
    """Was it stopped, or pressed for, before anybody knew that it was over?"""
    return any(not was_over(history, label, invoke.index) for invoke, _ in stops(history, label))


def _answered(history: History, stop: Stop, label: str, evidence: list[int]) -> Finding:
    invoke = prompts(history)[label][0]
    limit_ms = float(history.meta["deadlines"].get("first_item_s") or 5.0) * 1e3
    first = next(iter(texts(history, label)), None)
    what = f"After the stop of {stop.label} at {at(stop.answer)} the {invoke.who}'s next prompt ({label})"
    if first is None:
        return _silent(history, what, evidence, limit_ms)
    delay = ms(invoke, first)
    verdict = gap if delay > limit_ms else passed
    why = f"{what} had its first words after {delay:.0f} ms (allowed: {limit_ms:.0f} ms)."
    return verdict(_ID, invoke.who, why, [*evidence, first.index], value=round(delay, 1), unit="ms")


def _silent(history: History, what: str, evidence: list[int], limit_ms: float) -> Finding:
    """Not a word came: a gap, unless the trial was cut short before the target had its time."""
    invoke = history.events[evidence[2]]
    done = history.completions.get(invoke.index)
    waited = ms(invoke, history.events[-1])
    if waited < limit_ms and not history.whole and (done is None or is_ok(done)):
        return unproven(_ID, invoke.who, f"{what} was still unanswered when the trial was cut short.", evidence)
    return gap(_ID, invoke.who, f"{what} {outcome(done)}, and no word came within {waited:.0f} ms.", evidence)


READINESS = Rule(
    id=_ID,
    capability=LIVE_CONTROL,
    severity=Severity.HIGH,
    title="Ready again after a stop",
    truth="After a stop the next prompt is accepted, and its first words come in time.",
    felt="After pressing stop the chat is stuck: the next question is refused, or never answered.",
    why="The stopped run still holds the session's lock, or left its state half-written, so the next one never starts.",
    source=("CopilotKit/CopilotKit#2713", "CopilotKit/CopilotKit#3009"),
    remedy=Remedy(
        action="Release the session as soon as a run is stopped, and leave a valid last message behind.",
        gain="Users can correct course at once, which is what stop is for.",
        cost="Two generators may briefly overlap, so the old one must be fenced from writing.",
        effort="endpoint",
    ),
    judge=judge,
)
