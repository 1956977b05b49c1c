"""After the acknowledged stop, output ceases within the budget."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import LIVE_CONTROL
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .base import Rule
from .facts import endings, final_reads, ms
from .stopping import Growth, Stop, budget_ms, first_stops
from .verdicts import gap, passed, unproven, worst_of_each
from .wording import at, outcome


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that pressed stop, about the first stop of each run."""
    found = (_judge(history, stop) for stop in first_stops(history))
    yield from worst_of_each(finding for finding in found if finding is not None)


def _judge(history: History, stop: Stop) -> Finding | None:
    broken = _broken(history, stop)
    if broken is not None:
        return broken
    if stop.refused or (stop.acknowledged and stop.answer.value.get("ended")):
        return None  # it was over already, says the target, and nothing contradicts that
    if stop.reason is None and not stop.ceased:
        why = f"{_said(stop)}; nobody saw whether the run went on, so its effect cannot be proven."
        return unproven("stop", stop.device, why, _asked(stop))
    why = f"{_said(stop)}, and no word came later than {budget_ms(history):.0f} ms after that."
    return passed("stop", stop.device, why, [*_asked(stop), *_told(history, stop)])


def _broken(history: History, stop: Stop) -> Finding | None:
    if stop.unsupported:
        why = f"The {stop.device} could not stop {stop.label} at all: a stop {outcome(stop.done)}."
        return gap("stop", stop.device, why, _asked(stop))
    if stop.late:
        return _too_late(history, stop)
    if stop.ignored:
        why = f"{_said(stop)}, and the run still went on to its last word: it {_proof(stop)}."
        return gap("stop", stop.device, why, [*_asked(stop), *_told(history, stop)])
    if stop.growth is not None and (stop.acknowledged or stop.reason == "stopped"):
        return _out_of_sight(stop, stop.growth)
    if stop.refused and stop.reason != "completed":
        return gap("stop", stop.device, f"{_said(stop)}: the user could not stop it.", _asked(stop))
    return None


def _out_of_sight(stop: Stop, growth: Growth) -> Finding:
    count = f"{len(growth.words)} more word{'s' if len(growth.words) > 1 else ''}"
    why = (
        f"{_said(stop)}; the transcript of {at(growth.later)} holds {count} than the one of {at(growth.first)}, when "
        "the budget was over: it is written on out of sight."
    )
    evidence = [*_asked(stop), growth.first.index, growth.later.index]
    return gap("stop", stop.device, why, evidence, value=len(growth.words), unit="words")


def _too_late(history: History, stop: Stop) -> Finding:
    last = history.events[stop.late[-1].index]
    delay = ms(stop.answer, last)
    many = len({word.text for word in stop.late})
    count = f"{many} more word{'s' if many > 1 else ''}"
    why = f"{_said(stop)}; {count} came later than {budget_ms(history):.0f} ms after that, the last one {delay:.0f} ms."
    evidence = [*_asked(stop), *(word.index for word in stop.late)]
    return gap("stop", stop.device, why, evidence, value=round(delay, 1), unit="ms")


def _said(stop: Stop) -> str:
    if stop.hangup:
        return f"The {stop.device} could only hang up on {stop.label} at {at(stop.answer)}, which nobody acknowledges"
    if stop.acknowledged:
        return f"The {stop.device}'s stop of {stop.label} was acknowledged at {at(stop.answer)}"
    return f"The {stop.device}'s stop of {stop.label} {outcome(stop.done)} at {at(stop.answer)}"


def _proof(stop: Stop) -> str:
    return "is reported as completed" if stop.reason == "completed" else "can be read in full"


def _asked(stop: Stop) -> list[int]:
    return [stop.invoke.index, stop.answer.index]


def _told(history: History, stop: Stop) -> Iterator[int]:
    """Who learned how it ended, or at least the transcript."""
    yield from (ending.index for ending in endings(history, stop.label))
    yield from (read.index for read in final_reads(history))


STOP = Rule(
    id="stop",
    capability=LIVE_CONTROL,
    severity=Severity.CRITICAL,
    title="Stop means stop",
    truth="After a stop was acknowledged, output ceases within the declared budget, everywhere.",
    felt="You press stop and it keeps writing; or it only looks stopped, and goes on, and is billed, out of sight.",
    why="The button only closes the stream in the browser; nothing carries the wish to the process that generates.",
    source=(
        "vercel/ai#6502",
        "CopilotKit/CopilotKit#2422",
        "langchain-ai/deepagents#4234",
        "A2A specification, CancelTask",
    ),
    remedy=Remedy(
        action="Add a stop command addressed to the run, acknowledge it when it is recorded, and have the process that "
        "generates watch for it and cancel the model's request.",
        gain="Stop works whoever holds the stream, and the tokens after it are not paid for.",
        cost="The generator needs a way to be told (a flag or a channel per run) and must look at it between tokens.",
        effort="endpoint",
    ),
    judge=judge,
)
