"""Cutting a recorded history: take events out, put some in, change them, move them in time; it stays a valid history.

Events keep the index they were recorded under until `spliced` numbers them again, so a completion always finds its
invocation. What is put in counts on from NEW.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from audit.event import Event, Phase, Value
from audit.history import History

NEW = 1_000_000
MS = 1_000_000

Change = Callable[[Event], Event | Iterable[Event]]
Which = Callable[[Event], bool]


def spliced(history: History, events: Iterable[Event]) -> History:
    """A history of these events: in order of time (those of one instant as they come), numbered from 0."""
    ordered = sorted(events, key=lambda event: event.t_ns)
    place = {event.index: number for number, event in enumerate(ordered)}
    return History(
        history.meta,
        tuple(
            replace(event, index=place[event.index], op=None if event.op is None else place[event.op])
            for event in ordered
        ),
        history.whole,
    )


def edited(history: History, change: Change) -> History:
    """Every event replaced by what `change` makes of it: itself, another one, several, or none."""
    made: list[Event] = []
    for event in history.events:
        found = change(event)
        made += [found] if isinstance(found, Event) else found
    return spliced(history, made)


def without(history: History, *unwanted: Event) -> History:
    """The history as if these had not happened."""
    gone = {event.index for event in unwanted}
    return spliced(history, (event for event in history.events if event.index not in gone))


def swapped(history: History, old: Event, *new: Event) -> History:
    """The history with others in the place of one event; `old` may be among them."""
    return edited(history, lambda event: new if event.index == old.index else event)


def changed(event: Event, **value: Any) -> Event:
    """The event with parts of its value changed."""
    return replace(event, value={**event.value, **value})


def again(event: Event, number: int = 0, **value: Any) -> Event:
    """The event once more, a moment later, as a new one."""
    return replace(changed(event, **value), index=NEW + number, t_ns=event.t_ns + 1)


def delayed(history: History, by_ms: float, which: Which) -> History:
    """Some events come later."""
    return edited(history, lambda event: replace(event, t_ns=event.t_ns + int(by_ms * MS)) if which(event) else event)


def saw(history: History, who: str, what: str, **value: Any) -> list[Event]:
    """What a device saw of a kind, with these values, in order."""
    return [e for e in history.of(who) if e.phase is Phase.SEEN and e.what == what and _has(e, value)]


def did(history: History, who: str, what: str, phase: Phase = Phase.INVOKE, **value: Any) -> list[Event]:
    """What a device did, or how that was completed, in order."""
    return [e for e in history.of(who) if e.phase is phase and e.what == what and _has(e, value)]


def told_nothing_first(history: History, asked: Event) -> History:
    """The device asks twice: first it is told that nothing is there, and then it gets what it got."""
    early = replace(asked, index=NEW, value={**asked.value, "conn": 9})
    told = replace(early, index=NEW + 1, phase=Phase.OK, op=NEW, value={"conn": 9, "nothing": True})
    return swapped(history, asked, early, told, asked)


def note(history: History, what: str) -> Event:
    """The first thing of a kind that the script noted."""
    return next(e for e in history.of("stage") if e.what == what)


def struck(history: History, device: str) -> Event:
    """When a fault took hold of a device's connection."""
    return next(e for e in history.of(f"link:{device}") if e.value.get("state") == "struck")


def next_cursor(event: Event) -> str:
    """The cursor of the place behind this item."""
    return _moved(event, 1)


def cursor_before(event: Event) -> str:
    """The cursor of the place in front of this item."""
    return _moved(event, -1)


def _moved(event: Event, by: int) -> str:
    epoch, _, offset = str(event.value["cursor"]).rpartition(":")
    return f"{epoch}:{int(offset) + by}"


def ended(history: History, was: str, now: str) -> History:
    """All runs that ended so ended otherwise, on every device and in the transcript."""
    told = edited(history, lambda e: changed(e, reason=now) if e.what == "end" and e.value["reason"] == was else e)
    return transcribed(told, lambda message: {**message, "ending": now} if message["ending"] == was else message)


def transcribed(history: History, change: Callable[[Value], Value]) -> History:
    """What is read back is changed, answer by answer."""

    def reread(event: Event) -> Event:
        if event.what != "read" or event.phase is not Phase.OK:
            return event
        said = [change(m) if m["role"] == "assistant" else m for m in event.value["messages"]]
        return changed(event, messages=said)

    return edited(history, reread)


def _has(event: Event, value: dict[str, Any]) -> bool:
    return all(event.value.get(key) == wanted for key, wanted in value.items())
