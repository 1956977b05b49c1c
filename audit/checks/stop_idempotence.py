"""Stopping twice, or after the end, is harmless and says so."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import LIVE_CONTROL
from ..event import Event, Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .base import Rule
from .facts import Call, is_unsupported, stops
from .moments import was_over
from .verdicts import gap, passed, unproven, worst_of_each
from .wording import at, outcome

_ID = "stop-idempotence"


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that stopped what was stopped or over already."""
    labels = dict.fromkeys(str(invoke.value.get("label", "")) for invoke, _ in history.invocations("stop"))
    yield from worst_of_each(_judge(label, call) for label in labels for call in _needless(history, label))


def _needless(history: History, label: str) -> Iterator[Call]:
    """Stops that come after one that was not refused, or after somebody was told that the run is over."""
    stopped = False
    for invoke, done in stops(history, label):
        hangup = done is not None and done.value.get("hangup")
        if (stopped or was_over(history, label, invoke.index)) and not hangup and not is_unsupported(done):
            yield invoke, done
        stopped = stopped or (done is not None and done.phase is not Phase.FAIL and not hangup)


def _judge(label: str, call: Call) -> Finding:
    invoke, done = call
    what = f"The {invoke.who}'s stop of {label}, which was stopped or over already, {outcome(done)} at {at(invoke)}"
    if done is None or done.phase is Phase.INFO:
        return unproven(_ID, invoke.who, f"{what}.", _both(invoke, done))
    if done.phase is Phase.FAIL:
        return gap(_ID, invoke.who, f"{what}: an error for something harmless.", _both(invoke, done))
    return passed(_ID, invoke.who, f"{what}.", _both(invoke, done))


def _both(invoke: Event, done: Event | None) -> list[int]:
    return [invoke.index, *([done.index] if done else [])]


STOP_IDEMPOTENCE = Rule(
    id=_ID,
    capability=LIVE_CONTROL,
    severity=Severity.LOW,
    title="Stopping twice is harmless",
    truth="A second stop, or a stop after the end, succeeds and says that there was nothing left to do.",
    felt="Pressing stop twice, or a moment too late, shows an error.",
    why="The endpoint looks for a running job, finds none, and answers 404 or 400 for what the user got anyway.",
    source=(
        "RFC 9110 9.2.2 (idempotent methods)",
        "A2A specification, CancelTask",
        "LangGraph: second cancel is a 404",
    ),
    remedy=Remedy(
        action="Answer a stop of a known run with success whatever its state, and say in the body that it had ended.",
        gain="Clients may retry a stop whose answer was lost, without special cases.",
        cost="Ended runs have to be remembered for as long as a client may retry.",
        effort="endpoint",
    ),
    judge=judge,
)
