"""A stopped run does not come back on reconnect."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import LIVE_CONTROL
from ..event import Event
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .attendance import attempts
from .base import Rule
from .facts import Call, endings, is_unsupported, items, ms, sightings
from .stopping import Stop, budget_ms, first_stops
from .verdicts import gap, passed, unproven, worst_of_each
from .wording import at, listed, outcome
from .words import Word

_ID = "resurrection"


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that opened a stream after a run was stopped."""
    yield from worst_of_each(
        _judge(history, stop, call)
        for stop in first_stops(history)
        for device in history.devices
        for call in attempts(history, device)
        if call[0].index > stop.answer.index and not is_unsupported(call[1])
    )


def _judge(history: History, stop: Stop, call: Call) -> Finding:
    invoke, done = call
    evidence = [stop.invoke.index, stop.answer.index, invoke.index, *([done.index] if done else [])]
    if not stop.worked:
        why = f"The stop of {stop.label} had no proven effect, so nothing could come back to life."
        return unproven(_ID, invoke.who, why, evidence)
    what = (
        f"{stop.label} was stopped at {at(stop.answer)}; when the {invoke.who} opened the stream again at {at(invoke)}"
    )
    begun = _second_start(history, stop.label, call)
    if begun is not None:
        return gap(_ID, invoke.who, f"{what}, the run started a second time.", [*evidence, begun.index])
    fresh = _beyond(history, stop, call)
    if fresh:
        total = len({word.text for word in sightings(history, stop.label)})
        why = f"{what}, it went on with {listed([word.text for word in fresh], total)}."
        indices = (word.index for word in fresh)
        return gap(_ID, invoke.who, why, [*evidence, *indices], value=len(fresh), unit="words")
    why = f"{what} ({invoke.what} {outcome(done)}), nothing of the run came back to life."
    return passed(_ID, invoke.who, why, evidence)


def _beyond(history: History, stop: Stop, call: Call) -> list[Word]:
    """Words on the reopened stream after the last one that anybody had before: the run went on. Words before that one
    are history. If nobody knew yet that it was stopped, what came within the budget may be from before the stop."""
    invoke, conn = call[0], _conn(call)
    came = sightings(history, stop.label)
    known = {word.text for word in came if word.index < invoke.index}
    mine = [w for w in came if w.index > invoke.index and history.events[w.index].value.get("conn") == conn]
    mine = [word for word in mine if history.events[word.index].who == invoke.who]
    last = max((place for place, word in enumerate(mine) if word.text in known), default=-1)
    told = any(e.reason == "stopped" and e.index < invoke.index for e in endings(history, stop.label))
    limit = 0.0 if told else budget_ms(history)
    return [word for word in mine[last + 1 :] if ms(stop.answer, history.events[word.index]) > limit]


def _second_start(history: History, label: str, call: Call) -> Event | None:
    """A `start` on the reopened stream that is not the old one replayed: another one on the same stream without a
    replay between them, or one with a cursor of its own."""
    before = {e.value.get("cursor") for e in items(history, label) if e.what == "start" and e.index < call[0].index}
    begun = False
    for event in items(history, label, call[0].who):
        if event.index < call[0].index or event.value.get("conn") != _conn(call):
            continue
        if event.what == "start":
            cursor = event.value.get("cursor")
            if begun or (cursor is not None and before - {None} and cursor not in before):
                return event
        begun = event.what != "reset" and (begun or event.what == "start")
    return None


def _conn(call: Call) -> object:
    invoke, done = call
    return (done.value if done else {}).get("conn", invoke.value.get("conn"))


RESURRECTION = Rule(
    id=_ID,
    capability=LIVE_CONTROL,
    severity=Severity.HIGH,
    title="What was stopped stays stopped",
    truth="A stopped run neither goes on nor starts again when a device reconnects.",
    felt="You stop an answer, reload the page, and it is being written again.",
    why="The stop only closed this page's stream; the record that says a run is active was not cleared, so a reload "
    "resumes it.",
    source=("AI SDK: stopping streams, resuming streams", "vercel/ai 79d6195"),
    remedy=Remedy(
        action="Make `stopped` a final state of the run in storage, and let a resume of it answer with that ending.",
        gain="Reloads and reconnects are harmless after a stop.",
        cost="The run's state has to be stored and checked before a resume attaches to anything.",
        effort="endpoint",
    ),
    judge=judge,
)
