"""A lost connection does to the run what the target declares: it goes on, or it is canceled."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import RESILIENT_DELIVERY
from ..event import Event, Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .attendance import rest
from .base import Rule
from .facts import Fate, accepted, endings, prompts, stops, went_on
from .verdicts import gap, passed, unproven, worst

_BAD = frozenset({"stopped", "failed", "superseded"})


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that asked for a run and lost its connection before the run had ended."""
    for device in history.devices:
        yield from worst(_run(history, label, device) for label in accepted(history))


def _run(history: History, label: str, device: str) -> Finding | None:
    cut = _cut(history, label)
    if cut is None or prompts(history)[label][0].who != device or stops(history, label):
        return None
    declared = history.meta["contract"].get("disconnect")
    fate = went_on(history, label, cut.index)
    if _was_interrupted(history, fate):
        return None
    if declared == "continue":
        return _continue(device, label, cut, fate)
    if declared == "cancel":
        return _cancel(device, label, cut, fate)
    why = f"The {device} lost its connection while {label} was going on, and what that should do is not declared."
    return unproven("survival", device, why, [cut.index])


def _was_interrupted(history: History, fate: Fate) -> bool:
    """A newer prompt ended the run, as is declared: the connection had nothing to do with it."""
    interrupts = history.meta["contract"].get("concurrent_send") == "interrupt" and len(prompts(history)) > 1
    return interrupts and fate.ending is not None and fate.ending.reason == "superseded"


def _cut(history: History, label: str) -> Event | None:
    """When the device that asked for a run lost its connection, before anybody knew an ending."""
    asked, _ = prompts(history)[label]
    over = min((e.index for e in endings(history, label) if e.reason != "unknown"), default=rest(history))
    between = (e for e in history.events[asked.index : min(over, rest(history))] if _loses(e, asked.who))
    return next(between, None)


def _loses(event: Event, device: str) -> bool:
    """A fault, the network, the user, or the device's own watchdog or app ended the connection; not the target."""
    if event.who == f"link:{device}":
        return event.what == "fault" and event.value.get("state") == "struck"
    noted = event.phase is Phase.NOTE and event.what in ("offline", "leave")
    hung_up = event.what == "closed" and event.value.get("how") == "timeout"
    return event.who == device and (noted or hung_up)


def _continue(device: str, label: str, cut: Event, fate: Fate) -> Finding:
    evidence = [cut.index, *([fate.ending.index] if fate.ending else []), *fate.more[:1], *fate.more[-1:]]
    lost = f"{label} went on after the {device} had lost its connection"
    if fate.ending is not None and fate.ending.reason in _BAD:
        ended = f"{label} ended {fate.ending.reason} when the {device} lost its connection"
        why = f"{ended}; the contract says that it goes on."
        return gap("survival", device, why, evidence)
    if fate.finished:
        return passed("survival", device, f"{lost}, to its end.", evidence)
    if not fate.more:
        why = f"After the {device} had lost its connection nobody could get anything more of {label}."
        return gap("survival", device, why, evidence)
    if fate.unfinished is not None:
        why = f"{_broken_off(device, label)}; the contract says that it goes on."
        return gap("survival", device, why, [*evidence, fate.unfinished])
    return unproven("survival", device, f"{lost}, but nobody saw how it ended.", evidence)


def _cancel(device: str, label: str, cut: Event, fate: Fate) -> Finding | None:
    evidence = [cut.index, *([fate.ending.index] if fate.ending else []), *fate.more[-1:]]
    if fate.finished and fate.more:
        ran_on = f"{label} ran to its end though the {device} had lost its connection"
        why = f"{ran_on}; the contract says that this cancels it."
        return gap("survival", device, why, evidence)
    if fate.finished:
        return None  # it had nothing left to say that could have been canceled
    if fate.ending is not None:
        why = f"{label} ended {fate.ending.reason} when the {device} lost its connection, as the contract says."
        return passed("survival", device, why, evidence)
    if fate.unfinished is not None:
        why = f"{_broken_off(device, label)}, as the contract says."
        return passed("survival", device, why, [*evidence, fate.unfinished])
    why = f"Nobody could see what became of {label} after the {device} had lost its connection."
    return unproven("survival", device, why, evidence)


def _broken_off(device: str, label: str) -> str:
    settled = f"When everything had settled the transcript held only a part of {label}"
    return f"{settled}: it broke off when the {device} lost its connection"


SURVIVAL = Rule(
    id="survival",
    capability=RESILIENT_DELIVERY,
    severity=Severity.CRITICAL,
    title="A disconnect does what is declared",
    truth="A lost connection does what the contract declares: the run goes on, or it really is canceled.",
    felt="A tunnel or a locked screen ends the answer, and it has to be asked for again.",
    why="The run lives inside the request that asked for it, so the server cancels it when that request's connection "
    "closes; or the run is detached and nothing reads it any more.",
    source=(
        "a2aproject/a2a-python#296",
        "a2aproject/a2a-python#464",
        "CopilotKit/CopilotKit#2422",
        "AI SDK: stopping streams",
    ),
    remedy=Remedy(
        action="Run the agent apart from the request: it appends to the session's log, and connections only read it.",
        gain="Answers survive every lost connection; a stop becomes an explicit command.",
        cost="Runs nobody waits for still cost tokens, so they need a stop command, a budget and an owner.",
        effort="session layer",
    ),
    judge=judge,
)
