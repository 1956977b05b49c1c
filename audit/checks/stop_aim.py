"""A late stop never hits the next run, and stopping one run leaves the others alone."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import LIVE_CONTROL
from ..event import Event
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .attendance import settled
from .base import Rule
from .facts import accepted, endings, is_ok, is_unsupported, prompts, stops, went_on
from .moments import going_on, was_over
from .oracle import counted
from .verdicts import gap, passed, unproven, worst_of_each
from .wording import at, outcome

_ID = "stop-aim"


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device whose stop was meant for one run while another one was going on."""
    yield from worst_of_each(
        _judge(history, aimed, invoke, done, label)
        for invoke, done in history.invocations("stop")
        for aimed in [str(invoke.value.get("label", ""))]
        for label in accepted(history)
        if not (done is not None and done.value.get("hangup")) and _is_bystander(history, aimed, label, invoke)
    )


def _is_bystander(history: History, aimed: str, label: str, stop: Event) -> bool:
    """Another run, going on, that nobody ever meant to stop: one that was asked for before, or a later one when the run
    that was meant had been dealt with before it."""
    if label == aimed or stops(history, label) or not going_on(history, label, stop.index):
        return False
    asked = prompts(history)[label][0]
    if aimed in prompts(history) and asked.index < prompts(history)[aimed][0].index:
        return bool(history.meta["contract"].get("concurrent_send") != "interrupt")  # which ends it without any stop
    before = any(is_ok(done) and invoke.index < asked.index for invoke, done in stops(history, aimed))
    return asked.index < stop.index and (before or was_over(history, aimed, asked.index))


def _judge(history: History, aimed: str, invoke: Event, done: Event | None, label: str) -> Finding:
    device, evidence = invoke.who, [invoke.index, done.index if done else invoke.index]
    again = stops(history, aimed)[0][0].index < invoke.index or was_over(history, aimed, invoke.index)
    verb = "repeated its stop of" if again else "stopped"
    what = f"The {device} {verb} {aimed} at {at(invoke)} while {label} was going on"
    if is_unsupported(done):
        return unproven(_ID, device, f"{what}, but a stop {outcome(done)}: there is nothing to aim.", evidence)
    told = [ending for ending in endings(history, label) if ending.reason != "unknown"]
    hit = next((ending for ending in told if ending.reason != "completed"), None)
    if hit is not None:
        why = f"{what}, and {label} ended {hit.reason}: the {'late ' if again else ''}stop hit the wrong run."
        return gap(_ID, device, why, [*evidence, hit.index])
    fate, last = went_on(history, label, invoke.index), [ending.index for ending in told]
    if fate.whole or (told and not counted(history, label)):
        return passed(_ID, device, f"{what}, and {label} went on to its end.", [*evidence, *fate.more[-1:], *last])
    end = settled(history)
    if told or end is not None:
        why = f"{what}, and {label} never said all of its words after that."
        return gap(_ID, device, why, [*evidence, *fate.more[-1:], *last, *([end.index] if end else [])])
    return unproven(_ID, device, f"{what}; the trial was cut short before {label} could end.", evidence)


STOP_AIM = Rule(
    id=_ID,
    capability=LIVE_CONTROL,
    severity=Severity.HIGH,
    title="A stop hits only what it was meant for",
    truth="A stop for one run, late or not, never touches another one.",
    felt="You stop, ask again, and the new answer is cut off by the old stop.",
    why='The stop says "whatever is running in this chat" instead of naming the run, so a slow one hits its successor.',
    source=("vercel/ai stop guide (clear the active stream only if unchanged)", "Ably AI Transport, cancel by run id"),
    remedy=Remedy(
        action="Name the run in every stop (its id, or the key of its prompt); ignore a stop for a run that is over.",
        gain="Stops may be late, repeated or delivered twice without harm.",
        cost="Clients have to keep the id of the run they show; the server has to compare before it cancels.",
        effort="endpoint",
    ),
    judge=judge,
)
