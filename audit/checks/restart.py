"""A restart of the server costs nothing that was said, and leaves no run without an end."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import RESILIENT_DELIVERY
from ..event import Event
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .attendance import attempts, openings, settled
from .base import Rule
from .delivery import delivery
from .facts import accepted, endings, final_reads, prompts, sightings, texts
from .oracle import counted
from .screen import labels
from .transcript import answers
from .verdicts import gap, passed, unproven, worst_of_each
from .wording import at, listed

_ID = "restart"


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that had words of a run when the server was restarted."""
    begun, done = _hook(history, "begun"), _hook(history, "done")
    if begun is None:
        return
    if done is None or "failed" in done.value:
        why = "The restart hook failed, so nothing was restarted as far as anybody knows."
        yield unproven(_ID, None, why, [begun.index, *([done.index] if done else [])])
        return
    yield from worst_of_each(
        _judge(history, label, device, begun, done)
        for label in accepted(history)
        if prompts(history)[label][0].index < begun.index
        for device in history.devices
        if any(event.index < begun.index for event in texts(history, label, device))
    )


def _hook(history: History, state: str) -> Event | None:
    notes = (e for e in history.of("stage") if e.what == "hook" and e.value.get("name") == "restart")
    return next((e for e in notes if e.value.get("state") == state), None)


def _judge(history: History, label: str, device: str, begun: Event, done: Event) -> Finding:
    evidence, when = [begun.index, done.index], f"The server was restarted at {at(begun)}"
    if any(e.index < begun.index for e in texts(history, label) if e.what == "end"):
        return unproven(_ID, device, f"{when}, when {label} was over already.", evidence)
    back = [d for i, d in openings(history, device) if d.index > done.index]
    tried = [i for i, _ in attempts(history, device) if i.index > done.index]
    if not back and tried:
        why = f"{when}, and the {device} could not come back in {len(tried)} tries."
        return gap(_ID, device, why, [*evidence, tried[0].index, tried[-1].index])
    if not back:
        return unproven(_ID, device, f"{when}, and the {device} did not try to come back.", evidence)
    told = [ending for ending in endings(history, label) if ending.reason != "unknown"]
    if not told:
        return _endless(history, label, device, when, evidence)
    return _kept(history, label, device, when, [*evidence, back[0].index, told[0].index], told[0].reason)


def _endless(history: History, label: str, device: str, when: str, evidence: list[int]) -> Finding:
    end = settled(history)
    if end is None:
        return unproven(_ID, device, f"{when}, and the trial was cut short before {label} could end.", evidence)
    wanted = set(counted(history, label) or ())
    if wanted and "unknown" in {ending.reason for ending in endings(history, label)}:
        shown = {word.text for word in sightings(history, label)}
        if wanted <= shown:
            return passed(_ID, device, f"{when}, and every word of {label} came all the same.", evidence)
    why = f"{when}, and nobody ever learned what became of {label}: it has no ending."
    return gap(_ID, device, why, [*evidence, end.index])


def _kept(history: History, label: str, device: str, when: str, evidence: list[int], reason: str) -> Finding:
    """The run has an ending: what was said before the restart must be there still, once."""
    gone = _gone(history, label, evidence[0])
    total = len(counted(history, label) or ()) or len(gone)
    if gone:
        why = f"{when}, and the transcript of {label} lost {listed(gone, total)}, which had been seen before."
        return gap(_ID, device, why, evidence, value=len(gone), unit="words")
    comparison = delivery(history, label, device).comparison
    if comparison is not None and comparison.repeated:
        twice = [word.text for word in comparison.repeated]
        why = f"{when}, and {label} said {listed(twice, total)} again: it began anew instead of going on."
        return gap(_ID, device, why, [*evidence, comparison.repeated[0].index], value=len(twice), unit="words")
    if comparison is not None and comparison.missing:
        missing = comparison.missing
        why = f"{when}; {label} ended {reason}, and the {device} never showed {listed(missing, total)}."
        return gap(_ID, device, why, evidence, value=len(missing), unit="words")
    if reason == "completed":
        return passed(_ID, device, f"{when}, and {label} went on to its end.", evidence)
    why = f"{when}; {label} was ended as {reason}, everybody was told, and nothing that had been said is lost."
    return passed(_ID, device, why, evidence)


def _gone(history: History, label: str, begun: int) -> tuple[str, ...]:
    """Words that somebody had seen before the restart and that the last transcript does not hold."""
    for read in final_reads(history)[-1:]:
        answer = answers(read, labels(history)).get(label)
        held = set(answer.text.split()) if answer is not None else set()
        seen = dict.fromkeys(word.text for word in sightings(history, label) if word.index < begun)
        return tuple(word for word in seen if word not in held and not any(each.startswith(word) for each in held))
    return ()


RESTART = Rule(
    id=_ID,
    capability=RESILIENT_DELIVERY,
    severity=Severity.HIGH,
    title="A restart costs nothing that was said",
    truth="After a restart of the server every run goes on or ends with a named reason, and what had been said is "
    "there, once.",
    felt="During a deploy answers stop in the middle and spin for ever, or start again from the beginning.",
    why="Runs, buffers and cursors live in the memory of the process that is ended; nobody takes over what it had in "
    "hand.",
    source=("vercel/resumable-stream#42", "Ably AI Transport (agent crash)", "durable-streams (fencing)"),
    remedy=Remedy(
        action="Keep the log and the state of every run outside the process; when a server starts, end what a dead one "
        "had in hand, or go on with it from the last word that is stored.",
        gain="Deploys and crashes are pauses, at any hour.",
        cost="Every event is stored before it is sent, and runs need an owner that can be replaced (leases, fencing).",
        effort="session layer",
    ),
    judge=judge,
)
