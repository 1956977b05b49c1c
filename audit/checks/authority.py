"""Somebody else can neither stop nor steer, nor write into the session."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import LIVE_CONTROL
from ..event import Event
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .base import Rule
from .facts import Call, endings, is_ok, is_unsupported, stops
from .intruders import at_home, strangers
from .verdicts import gap, passed, unproven
from .wording import joined, outcome

_ID = "authority"
_COMMANDS = ("stop", "steer", "approve", "prompt")


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device of another user that tried to command the session."""
    for device in strangers(history):
        tried = [call for what in _COMMANDS for call in history.invocations(what, device)]
        offered = [(invoke, done) for invoke, done in tried if not is_unsupported(done) and not _hung_up(done)]
        if offered:
            yield _judge(history, device, offered)


def _hung_up(done: Event | None) -> bool:
    return done is not None and bool(done.value.get("hangup"))


def _judge(history: History, device: str, tried: list[Call]) -> Finding:
    evidence = [event.index for call in tried for event in call if event is not None]
    taken = [invoke.what for invoke, done in tried if is_ok(done)]
    if taken:
        hit = _stopped_by(history, device) if "stop" in taken else None
        effect = ", and the answer ended" if hit is not None else ""
        why = f"With another user's credential the {device} was allowed to {joined(taken)}{effect}."
        return gap(_ID, device, why, [*evidence, *([hit] if hit is not None else [])])
    hit = _stopped_by(history, device)
    if hit is not None:
        why = f"The stop of the {device}, another user's, was not acknowledged, and still the answer ended by it."
        return gap(_ID, device, why, [*evidence, hit])
    if any(done is None or done.phase.value == "info" for _, done in tried):
        why = f"Nobody knows what became of what the {device}, another user's, asked for."
        return unproven(_ID, device, why, evidence)
    home = at_home(history)
    if home is None:
        why = f"The {device} was refused, but its credential was not seen to be good anywhere, so that proves nothing."
        return unproven(_ID, device, why, evidence)
    told = "; ".join(f"its {invoke.what} {outcome(done)}" for invoke, done in tried)
    why = f"With another user's credential, which works elsewhere, the {device} commanded nothing: {told}."
    return passed(_ID, device, why, [home.index, *evidence])


def _stopped_by(history: History, device: str) -> int | None:
    """The ending `stopped` of a run that nobody but this device wanted to stop."""
    for invoke, _ in history.invocations("stop", device):
        label = str(invoke.value.get("label"))
        if all(other.who == device for other, _ in stops(history, label)):
            for ending in endings(history, label):
                if ending.reason == "stopped" and ending.index > invoke.index:
                    return ending.index
    return None


AUTHORITY = Rule(
    id=_ID,
    capability=LIVE_CONTROL,
    severity=Severity.HIGH,
    title="Only its people command a session",
    truth="Another user's credential can neither stop nor steer an answer, nor write into the session.",
    felt="Answers end by themselves, or turn to something nobody asked for: somebody else did it.",
    why="Commands are taken on the id of the run alone; whoever knows or guesses it may send them.",
    source=("Ably AI Transport (onCancel default)", "OWASP API5:2023 (broken function level authorization)"),
    remedy=Remedy(
        action="Check every command against the session's owner, with the same check as for reading, and give control "
        "a scope of its own.",
        gain="Control can be handed out (to a colleague, to support) and stays with those it was given to.",
        cost="Commands need credentials too, also those from background jobs.",
        effort="endpoint",
    ),
    judge=judge,
)
