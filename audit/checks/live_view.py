"""An observer sees the answer as it comes, not when it is over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..contract import CONTINUITY
from ..event import Event, Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .base import Rule
from .facts import Call, accepted, is_unsupported, ms, prompts, sightings, texts
from .moments import IN_FLIGHT_MS, first_end, is_disturbance
from .starved import fair
from .verdicts import gap, passed, worst
from .wording import at, outcome

_ID = "live-view"
_WORTH_WATCHING_MS = 300.0  # of a run that is over sooner, nobody can say whether it came at once or as it was said
_LONG_ENOUGH_MS = 400.0
_MANY = 10  # words; a few may well be written in one go
_LAST = 0.1  # of the time from the join to the end


@dataclass(frozen=True, slots=True)
class _View:
    """One device watching somebody else's run, from `start` (joined and asked) until `end`.

    live: when words came to it for the first time, those left out that the join itself delivered. spoken: text that
    others saw in the meantime.
    """

    call: Call
    asked: Event
    start: Event
    end: Event
    live: tuple[Event, ...]
    spoken: tuple[Event, ...]


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that observed a run which another device had asked for."""
    for device in history.devices:
        yield from worst(_judge(history, label, device) for label in accepted(history))


def _judge(history: History, label: str, device: str) -> Finding | None:
    asked, end = prompts(history)[label][0], _end(history, label)
    call = _joined(history, device, end) if end is not None and asked.who != device else None
    if call is None or end is None:
        return None
    invoke, done = call
    if is_unsupported(done):
        why = f"The {device} cannot watch {label} at all: a join {outcome(done)}."
        return gap(_ID, device, why, [invoke.index, done.index if done else invoke.index])
    start = max(asked, done or invoke, key=lambda event: event.index)
    if ms(start, end) < _WORTH_WATCHING_MS or _was_disturbed(history, device, invoke, end):
        return None
    view = _view(history, label, call, asked, end)
    found = _watched(view, label)
    return fair(found, history, view.start, view.end) if found is not None else None


def _end(history: History, label: str) -> Event | None:
    """When the run was over for whoever was told first, or at least spoke no more."""
    return first_end(history, label) or next(iter(texts(history, label)[::-1]), None)


def _joined(history: History, device: str, end: Event) -> Call | None:
    """The last time before the end that it opened the session."""
    calls = (call for call in history.invocations("join", device) if call[0].index < end.index)
    return max(calls, key=lambda call: call[0].index, default=None)


def _was_disturbed(history: History, device: str, start: Event, end: Event) -> bool:
    between = history.events[start.index : end.index]
    hung_up = (e.who == device and e.what == "closed" and e.value.get("how") in ("local", "timeout") for e in between)
    return any(hung_up) or any(is_disturbance(e) and e.who.removeprefix("link:") == device for e in between)


def _view(history: History, label: str, call: Call, asked: Event, end: Event) -> _View:
    invoke, done = call
    start = max(asked, done or invoke, key=lambda event: event.index)
    first: dict[str, Event] = {}
    for word in sightings(history, label, invoke.who):
        first.setdefault(word.text, history.events[word.index])
    live = (e for e in first.values() if e.phase is Phase.SEEN and ms(done or invoke, e) > IN_FLIGHT_MS)
    others = (e for e in texts(history, label) if e.who != invoke.who)
    spoken = (e for e in others if ms(start, e) > IN_FLIGHT_MS and ms(e, end) > IN_FLIGHT_MS)
    return _View(call, asked, start, end, tuple(sorted(live, key=lambda e: e.index)), tuple(spoken))


def _watched(view: _View, label: str) -> Finding | None:
    invoke, done = view.call
    device, span = invoke.who, ms(view.start, view.end)
    evidence = [view.asked.index, invoke.index, done.index if done else invoke.index, view.end.index]
    in_time = [event for event in view.live if event.index < view.end.index]
    if not in_time and view.spoken:
        why = (
            f"The {device} watched {label} for {span:.0f} ms and saw no word of it until it was over at {at(view.end)}."
        )
        seen = [view.spoken[0].index, view.spoken[-1].index, *(e.index for e in view.live[:1])]
        return gap(_ID, device, why, [*evidence, *seen])
    if not view.live:
        return None
    waited = ms(view.start, view.live[0])
    ends = [view.live[0].index, view.live[-1].index]
    popped = waited >= (1 - _LAST) * span and ms(view.asked, view.end) > _LONG_ENOUGH_MS
    if popped and len(view.live) >= _MANY:
        why = f"The {device} watched {label} for {span:.0f} ms; all {len(view.live)} words came after {waited:.0f} ms."
        return gap(_ID, device, why, [*evidence, *ends], value=round(waited, 1), unit="ms")
    why = f"The {device} saw {len(in_time)} words of {label} as they came, the first one after {waited:.0f} ms."
    return passed(_ID, device, why, [*evidence, *ends], value=round(waited, 1), unit="ms")


LIVE_VIEW = Rule(
    id=_ID,
    capability=CONTINUITY,
    severity=Severity.HIGH,
    title="Watchers see it live",
    truth="A device that watches somebody else's run sees the words as they come.",
    felt="The second screen shows nothing for half a minute, and then the whole answer at once.",
    why="Other devices read what is stored, and the answer is stored only when it is complete.",
    source=("openkaiden#1160", "get-convex/agent#16"),
    remedy=Remedy(
        action="Publish every piece of an answer to the session, and let all devices subscribe to that, the asker too.",
        gain="Every screen shows the same at the same time.",
        cost="Each piece is delivered once per open device, and the session needs fan-out.",
        effort="session layer",
    ),
    judge=judge,
)
