"""Started on one device, carried on from another after the first is gone."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import CONTINUITY
from ..event import Event, Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .base import Rule
from .facts import Call, accepted, endings, gone, is_unsupported, prompts, stops, texts
from .moments import was_over
from .oracle import Oracle, counted, oracle
from .screen import screens
from .verdicts import gap, passed, unproven, worst
from .wording import at, listed, outcome
from .words import compare, words


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that was there to carry on when another one, which had asked, left for good."""
    left = [(label, leave) for leave in _leavings(history) for label in _unfinished(history, leave)]
    for device in history.devices:
        if not gone(history, device) and _is_heir(history, device):
            yield from worst(_judge(history, label, leave, device) for label, leave in left)


def _leavings(history: History) -> Iterator[Event]:
    return (e for e in history.events if e.what == "leave" and e.phase is Phase.NOTE)


def _unfinished(history: History, leave: Event) -> Iterator[str]:
    for label in accepted(history):
        asked = prompts(history)[label][0]
        if asked.who == leave.who and asked.index < leave.index and not was_over(history, label, leave.index):
            yield label


def _is_heir(history: History, device: str) -> bool:
    """It tried to be part of the session."""
    return any(e.phase is Phase.INVOKE and e.what in ("join", "resume", "prompt") for e in history.of(device))


def _judge(history: History, label: str, leave: Event, device: str) -> Finding:
    joins = list(history.invocations("join", device))
    evidence = [leave.index, *(i.index for i, _ in joins[-1:]), *(done.index for _, done in joins[-1:] if done)]
    what = f"The {leave.who} left for good at {at(leave)}, in the middle of {label}"
    if joins and all(is_unsupported(done) for _, done in joins):
        return gap("handoff", device, f"{what}; on the {device} a join {outcome(joins[-1][1])}.", evidence)
    wanted = _wanted(history, label, device)
    if wanted is None:
        return unproven("handoff", device, f"{what}, and there is nothing to compare the {device} with.", evidence)
    shown = words(screens(history)[device].run(label))
    missing = compare(wanted.words, shown).missing
    if missing:
        why = f"{what}, and the {device} never showed {listed(missing, len(wanted.words))}."
        ends = (word.index for word in shown[-1:])
        return gap("handoff", device, why, [*evidence, *ends, *wanted.evidence], value=len(missing), unit="words")
    return _carried_on(history, leave, device, f"{what}; the {device} has all of it", evidence)


def _wanted(history: History, label: str, device: str) -> Oracle | None:
    """What was asked for, where the run had every right to go on to its end: then a transcript that stops where the
    first device left is no excuse."""
    cancel = history.meta["contract"].get("disconnect") == "cancel"
    replaced = any(ending.reason == "superseded" for ending in endings(history, label))
    asked = counted(history, label)
    if asked and not cancel and not replaced and not stops(history, label):
        return Oracle("counting", asked, "the prompt")
    return oracle(history, label, device)


def _carried_on(history: History, leave: Event, device: str, what: str, evidence: list[int]) -> Finding:
    """The next prompt of the device that took over is accepted and answered."""
    for label, (invoke, done) in prompts(history).items():
        if invoke.who != device or invoke.index < leave.index or _is_busy(history, invoke, done):
            continue
        first = next(iter(texts(history, label, device)), None)
        evidence = [*evidence, invoke.index, *(e.index for e in (done, first) if e is not None)]
        if first is None:
            why = f"{what}, but its next prompt ({label}) {outcome(done)} and no word of an answer came."
            return gap("handoff", device, why, evidence)
        what = f"{what} and was answered when it asked on ({label})"
    return passed("handoff", device, f"{what}.", evidence)


def _is_busy(history: History, invoke: Event, done: Event | None) -> bool:
    """Refused because the first run was going on, as the target declares to do."""
    declared = history.meta["contract"].get("concurrent_send") == "reject"
    going = any(not was_over(history, label, invoke.index) for label in _before(history, invoke))
    return declared and going and done is not None and done.phase is Phase.FAIL


def _before(history: History, invoke: Event) -> Iterator[str]:
    calls: dict[str, Call] = prompts(history)
    return (label for label in accepted(history) if calls[label][0].index < invoke.index)


HANDOFF = Rule(
    id="handoff",
    capability=CONTINUITY,
    severity=Severity.HIGH,
    title="Carry on from another device",
    truth="What was started on one device can be read to its end and carried on from another after the first is gone.",
    felt="You leave your desk, and on the phone the answer is gone or the conversation starts from nothing.",
    why="The answer and the conversation live in the tab or the connection that started them.",
    source=("archestra#4219", "Ably AI Transport, duplicate turns"),
    remedy=Remedy(
        action="Keep conversation and running answer in a session on the server; devices only show and prompt.",
        gain="Work follows the user from screen to screen, in the middle of an answer, too.",
        cost="State moves from the client to the server, with its storage and access rules.",
        effort="session layer",
    ),
    judge=judge,
)
