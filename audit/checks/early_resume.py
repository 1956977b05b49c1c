"""A drop between the accepted prompt and the first word is not answered "nothing to resume"."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import RESILIENT_DELIVERY
from ..event import Event, Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .attendance import attempts, disrupted
from .base import Rule
from .facts import accepted, endings, is_ok, prompts, texts
from .verdicts import gap, passed, unproven, worst
from .wording import outcome


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that tried to come back while its run had not yet said anything to it."""
    if history.meta["contract"].get("disconnect") == "cancel":
        return  # then "nothing to resume" is what was declared
    for device in history.devices:
        cases = (
            (label, invoke, done) for label in accepted(history) for invoke, done in _early(history, label, device)
        )
        yield from worst(_judge(history, label, invoke, done) for label, invoke, done in cases)


def _early(history: History, label: str, device: str) -> Iterator[tuple[Event, Event | None]]:
    """Its resumes (and, if it is the one that asked, joins) after the prompt was sent off for good and before it saw
    text or anybody an ending. Opening a stream beside a prompt that is still open is no attempt to come back."""
    asked, accepted_by = prompts(history)[label]
    first = next((e.index for e in texts(history, label, device)), len(history.events))
    over = min((e.index for e in endings(history, label)), default=len(history.events))
    for invoke, done in attempts(history, device):
        sent = accepted_by.index if accepted_by is not None else len(history.events)
        if sent < invoke.index < min(first, over) and (invoke.what == "resume" or device == asked.who):
            yield invoke, done


def _judge(history: History, label: str, invoke: Event, done: Event | None) -> Finding | None:
    device = invoke.who
    if done is not None and done.phase is not Phase.OK and disrupted(history, device, invoke.index, done.index):
        return None  # refused by our own fault
    if _died_unsaid(history, label):
        return None  # there really was nothing to resume; that the run died is survival's matter
    evidence = [prompts(history)[label][0].index, invoke.index, *([done.index] if done else [])]
    before = f"before the first word of {label}"
    if done is None or not is_ok(done):
        why = f"The {device} lost its stream {before}, and its {invoke.what} {outcome(done)}."
        return gap("early-resume", device, why, evidence)
    if done.value.get("nothing"):
        why = f"The {device} came back {before} and was told that there was nothing to resume."
        return gap("early-resume", device, why, evidence)
    return _came(history, label, invoke, evidence)


def _died_unsaid(history: History, label: str) -> bool:
    """Did the run end, other than completed, without a word to anybody?"""
    reasons = {ending.reason for ending in endings(history, label)}
    return bool(reasons) and "completed" not in reasons and not any(True for _ in texts(history, label))


def _came(history: History, label: str, invoke: Event, evidence: list[int]) -> Finding:
    device = invoke.who
    mine = [e.index for e in texts(history, label, device) if e.index > invoke.index]
    if mine:
        why = f"The {device} came back before the first word of {label} and then saw it."
        return passed("early-resume", device, why, [*evidence, mine[0]])
    theirs = [e.index for e in texts(history, label) if e.index > invoke.index]
    if theirs and not disrupted(history, device, invoke.index, theirs[0]):
        why = f"The {device} came back before the first word of {label} and never saw it; others did."
        return gap("early-resume", device, why, [*evidence, theirs[0]])
    return unproven("early-resume", device, f"Nobody saw any text of {label} after the {device} came back.", evidence)


EARLY_RESUME = Rule(
    id="early-resume",
    capability=RESILIENT_DELIVERY,
    severity=Severity.HIGH,
    title="Resuming before the first word",
    truth='A drop between the accepted prompt and the first word is not answered "nothing to resume".',
    felt="The question is sent, the signal flickers, and no answer ever appears, until the page is reloaded.",
    why="A stream counts as resumable only once it holds something, or the device has no id to resume with before the "
    "first item came.",
    source=("cloudflare/agents#1784", "executor#1351", "MCP 2025-11-25 transports (priming event)"),
    remedy=Remedy(
        action="Make a run resumable from the moment its prompt is accepted, under an id the client already holds.",
        gain="There is no moment at which a lost connection loses the answer.",
        cost="The run has to be registered before the model says its first word.",
        effort="endpoint",
    ),
    judge=judge,
)
