"""What was the case at a moment of a history: which streams lived, what a device showed, which run was going on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..event import Event, Phase
from ..history import History
from .attendance import opens_stream
from .facts import is_ok, items, prompts, stops, texts
from .memo import per_history
from .screen import Screen, Shown, fold, labels

IN_FLIGHT_MS = 50.0  # what a target has sent before it knows better can still arrive this much later
_CLOSING = frozenset({"offline", "forget", "leave"})
_NOT_ITS_DOING = frozenset({"local", "timeout"})  # a device, or its watchdog, hung up


@dataclass(slots=True)
class Stream:
    """One connection of a device on which a target could speak. opened, closed: indices of what began and ended it.
    hurt: index of the first thing that the audit did to it (a fault, a freeze). Past the last event if nothing did."""

    device: str
    opened: int
    closed: int
    hurt: int

    def lives(self, index: int) -> bool:
        """Was it open at that event?"""
        return self.opened <= index < self.closed


@per_history
def streams(history: History) -> dict[tuple[str, object], Stream]:
    """(device, connection number) → stream, in order of opening. Shared: not to be changed."""
    found: dict[tuple[str, object], Stream] = {}
    openers = _openers(history)
    for event in history.events:
        key = (event.who, event.value.get("conn"))
        if key not in found and _speaks(history, event):
            found[key] = Stream(event.who, openers.get(key, event.index), len(history.events), len(history.events))
        for stream in _touched(found, key, event):
            stream.closed = min(stream.closed, event.index) if _closes(event) else stream.closed
            stream.hurt = min(stream.hurt, event.index) if event.what != "closed" else stream.hurt
    return found


def _openers(history: History) -> dict[tuple[str, object], int]:
    asked = (e for e in history.events if e.phase is Phase.INVOKE and e.what in ("join", "resume", "prompt"))
    return {(e.who, e.value["conn"]): e.index for e in asked if "conn" in e.value}


def _speaks(history: History, event: Event) -> bool:
    if event.value.get("conn") is None or event.what == "closed":
        return False
    return event.phase is Phase.SEEN or opens_stream(history, event)


def _closes(event: Event) -> bool:
    return event.what == "closed" or event.what in _CLOSING


def _touched(found: dict[tuple[str, object], Stream], key: tuple[str, object], event: Event) -> Iterator[Stream]:
    """The streams that an event ends or disturbs."""
    if event.what == "closed" and key in found:
        yield found[key]
    elif is_disturbance(event):
        device = event.who.removeprefix("link:")
        yield from (stream for stream in found.values() if stream.device == device and stream.lives(event.index))


def is_disturbance(event: Event) -> bool:
    """The audit does something to a device or its link."""
    struck = event.what == "fault" and event.value.get("state") == "struck"
    return event.phase is Phase.NOTE and (struck or event.what in _CLOSING or event.what == "freeze")


def broke(event: Event) -> bool:
    """A stream ended, and not because its device hung up."""
    return event.what == "closed" and event.value.get("how") not in _NOT_ITS_DOING


@per_history
def screen_at(history: History, device: str, index: int) -> Screen:
    """What a device showed just before an event. Shared: not to be changed."""
    screen, known = Screen(device), labels(history)
    for event in history.of(device):
        if event.index >= index:
            break
        fold(screen, event, known, str(history.meta["traits"]["dedupe"]))
    return screen


def shown_at(history: History, device: str, label: str, index: int) -> Shown:
    """What a device showed of a run just before an event."""
    return screen_at(history, device, index).run(label)


def first_end(history: History, label: str) -> Event | None:
    """The first time that anybody was told on a stream that a run is over."""
    told = (e for e in items(history, label) if e.what == "end" or (e.what == "snapshot" and e.value.get("reason")))
    return next(told, None)


def was_over(history: History, label: str, index: int) -> bool:
    """Had somebody been told, before this event, that the run is over?"""
    end = first_end(history, label)
    return end is not None and end.index < index


def going_on(history: History, label: str, index: int) -> bool:
    """Was a run certainly begun (accepted, or speaking) before this event, and neither over nor stopped?"""
    _, done = prompts(history)[label]
    begun = [e.index for e in (done, *texts(history, label)) if e is not None and (e is not done or is_ok(done))]
    stopped = any(is_ok(answer) and answer.index < index for _, answer in stops(history, label) if answer is not None)
    return bool(begun) and min(begun) < index and not was_over(history, label, index) and not stopped
