"""How long it takes from pressing stop until somebody is told `stopped`."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import LIVE_CONTROL
from ..event import Event
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .base import Rule
from .facts import items, ms
from .moments import streams
from .starved import fair
from .stopping import Stop, budget_ms, first_stops
from .verdicts import gap, passed, unproven, worst_of_each
from .wording import at

_ID = "control-delay"


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that pressed stop: the slowest of its stops."""
    yield from worst_of_each(_judge(history, stop) for stop in first_stops(history))


def _judge(history: History, stop: Stop) -> Finding:
    asked, budget = [stop.invoke.index, stop.answer.index], budget_ms(history)
    told = _told(history, stop)
    if told is None:
        why = f"Nobody was told on a stream that {stop.label} was stopped, so the delay cannot be measured."
        return unproven(_ID, stop.device, why, asked)
    delay = ms(stop.invoke, told)
    why = (
        f"{delay:.0f} ms after the {stop.device} pressed stop at {at(stop.invoke)} the {told.who} was told that "
        f"{stop.label} was stopped (budget {budget:.0f} ms)."
    )
    if delay > budget and not _heard_live(history, stop, told):
        return unproven(_ID, stop.device, f"{why} It heard of it only on a stream that was opened later.", asked)
    verdict = gap if delay > budget else passed
    of_limit = delay / budget if budget else None
    found = verdict(_ID, stop.device, why, [*asked, told.index], value=round(delay, 1), unit="ms", of_limit=of_limit)
    return fair(found, history, stop.invoke, told, budget)


def _told(history: History, stop: Stop) -> Event | None:
    later = (e for e in items(history, stop.label) if e.index > stop.invoke.index)
    return next((e for e in later if e.value.get("reason") == "stopped"), None)


def _heard_live(history: History, stop: Stop, told: Event) -> bool:
    """The news came on a stream that had been open all the while and that nothing held up."""
    stream = streams(history).get((told.who, told.value.get("conn")))
    return stream is not None and stream.opened < stop.invoke.index and told.index < stream.hurt


CONTROL_DELAY = Rule(
    id=_ID,
    capability=LIVE_CONTROL,
    severity=Severity.MEDIUM,
    title="Stop acts at once",
    truth="From pressing stop to the run's `stopped` ending it takes no longer than the declared budget.",
    felt="After pressing stop the answer keeps growing for seconds.",
    why="The generator looks for a stop only between steps or on a slow poll, or buffers in between drain first.",
    source=("LangGraph: 6 ms from cancel to silence, measured", "Nielsen 1993, response times (1 s)"),
    remedy=Remedy(
        action="Push the stop to the generator instead of letting it poll, and cancel the model request itself.",
        gain="Stop feels like a stop, and less is paid for what nobody reads.",
        cost="A live channel from the session to each generator.",
        effort="endpoint",
    ),
    judge=judge,
)
