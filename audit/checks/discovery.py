"""A device that knows only the session finds the run that is going on."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import CONTINUITY
from ..event import Event, Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .base import Rule
from .facts import Call, accepted, is_unsupported, items, ms, prompts, texts
from .moments import IN_FLIGHT_MS, first_end, going_on
from .verdicts import gap, passed, unproven, worst
from .wording import at, outcome


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that joined while a run was going on which it had neither asked for nor watched."""
    for device in history.devices:
        calls = history.invocations("join", device)
        yield from worst(
            _judge(history, label, call)
            for call in calls
            for label in accepted(history)
            if _strange(history, label, call[0])
        )


def _strange(history: History, label: str, join: Event) -> bool:
    """The run was going on, and was new to the device."""
    watched = any(e.index < join.index for e in items(history, label, join.who))
    return prompts(history)[label][0].who != join.who and not watched and going_on(history, label, join.index)


def _judge(history: History, label: str, call: Call) -> Finding | None:
    invoke, done = call
    evidence = [invoke.index, done.index if done else invoke.index]
    what = f"The {invoke.who} opened the session at {at(invoke)} while {label} was going on"
    if is_unsupported(done):
        return gap("discovery", invoke.who, f"{what}: a join {outcome(done)}.", evidence)
    sign = _sign(history, label, call)
    if sign is not None:
        why = f"{what}, and saw of it after {ms(invoke, sign):.0f} ms."
        return passed(
            "discovery", invoke.who, why, [*evidence, sign.index], value=round(ms(invoke, sign), 1), unit="ms"
        )
    proof = _went_on(history, label, done or invoke)
    if proof is not None:
        why = f"{what}; the join {outcome(done)}, nothing of the run came, and it went on elsewhere."
        return gap("discovery", invoke.who, why, [*evidence, proof.index])
    if first_end(history, label) is not None:
        return None  # it was all but over: the end was on its way to those who watched
    return unproven("discovery", invoke.who, f"{what}, as far as anybody knew; the join {outcome(done)}.", evidence)


def _sign(history: History, label: str, call: Call) -> Event | None:
    """The first thing the joined stream brought of the run."""
    invoke, done = call
    if done is not None and (done.phase is Phase.FAIL or done.value.get("nothing")):
        return None
    return next((e for e in items(history, label, invoke.who) if e.index > invoke.index), None)


def _went_on(history: History, label: str, answer: Event) -> Event | None:
    """Text that another device saw, later than what can have been under way when the join was answered."""
    others = (e for e in texts(history, label) if e.who != answer.who and e.index > answer.index)
    return next((e for e in others if ms(answer, e) > IN_FLIGHT_MS), None)


DISCOVERY = Rule(
    id="discovery",
    capability=CONTINUITY,
    severity=Severity.HIGH,
    title="The active run can be found",
    truth="A device that knows only the session finds the run that is going on.",
    felt="The phone shows the chat as idle while the laptop is still receiving the answer.",
    why="Only the tab that asked knows the id of the run; the session does not say what is active in it.",
    source=("vercel/chatbot#1466", "A2A SubscribeToTask", "LangGraph: list the runs of a thread, then join"),
    remedy=Remedy(
        action="Keep the active run with the session, and let opening the session attach to it.",
        gain="Opening the chat anywhere shows what is happening now.",
        cost="One more piece of state that has to be cleared reliably when a run ends.",
        effort="endpoint",
    ),
    judge=judge,
)
