"""Which devices were there: who held a stream and when, and who followed a run from its first word."""

from __future__ import annotations

from ..event import Event, Phase
from ..history import History
from .memo import per_history
from .screen import label_of, labels

_ATTEMPTS = frozenset({"join", "resume"})
_TEXT = frozenset({"text", "snapshot"})


def opens_stream(history: History, event: Event) -> bool:
    """Is this an answer that gives the device a live stream? A prompt does so where its response is the stream."""
    if event.phase is not Phase.OK or event.value.get("nothing"):
        return False
    return event.what in _ATTEMPTS or (event.what == "prompt" and not history.meta["traits"]["subscribes"])


@per_history
def openings(history: History, device: str) -> tuple[tuple[Event, Event], ...]:
    """(invoke, completion) of every operation that gave a device a live stream. Items may come before the completion
    is recorded, never before the invoke."""
    done = (e for e in history.of(device) if e.op is not None and opens_stream(history, e))
    return tuple((history.events[e.op], e) for e in done if e.op is not None)


def attempts(history: History, device: str) -> tuple[tuple[Event, Event | None], ...]:
    """Every `join` and `resume` of a device with its completion."""
    calls = (call for what in sorted(_ATTEMPTS) for call in history.invocations(what, device))
    return tuple(sorted(calls, key=lambda call: call[0].index))


@per_history
def rest(history: History) -> int:
    """Index at which the trial had settled; the number of events when it never did."""
    notes = (e.index for e in history.of("stage") if e.what == "settled")
    return next(notes, len(history.events))


def settled(history: History) -> Event | None:
    """The note that says how the trial settled."""
    return history.events[rest(history)] if rest(history) < len(history.events) else None


@per_history
def connected(history: History, device: str) -> bool:
    """Does a device hold a live stream when everything settles?"""
    opened = {done.value.get("conn", invoke.value.get("conn")) for invoke, done in openings(history, device)}
    closed = {e.value.get("conn") for e in history.of(device) if e.what == "closed" and e.index < rest(history)}
    return bool(opened - closed)


@per_history
def abandoned(history: History, device: str) -> bool:
    """The script took a device's stream away and never let it try to come back, so nothing is owed to it."""
    taken = [e.index for e in history.events[: rest(history)] if _takes_away(e, device)]
    if not taken or connected(history, device):
        return False
    tries = [invoke.index for invoke, _ in attempts(history, device)]
    asks = [] if history.meta["traits"]["subscribes"] else [i.index for i, _ in history.invocations("prompt", device)]
    return max([*tries, *asks], default=-1) < taken[-1]


def _takes_away(event: Event, device: str) -> bool:
    if event.who == f"link:{device}":
        return event.what == "fault" and event.value.get("state") == "struck"
    if event.who != device:
        return False
    hung_up = event.what == "closed" and event.value.get("how") in ("local", "timeout")
    return hung_up or (event.phase is Phase.NOTE and event.what in ("offline", "forget", "leave"))


def disrupted(history: History, device: str, start: int, end: int) -> bool:
    """Did we ourselves disturb a device's network between two events? Then what failed is no fault of the target."""
    return any(_takes_away(e, device) for e in history.events[start : end + 1])


@per_history
def first_texts(history: History) -> dict[str, Event]:
    """Label of a run → the first piece of its text that anybody saw."""
    known, found = labels(history), dict[str, Event]()
    for event in history.events:
        if event.phase is Phase.SEEN and event.what in _TEXT:
            found.setdefault(label_of(event, known), event)
    return found


@per_history
def from_start(history: History, label: str, device: str) -> bool:
    """Did a device follow a run from its first word: it asked for it, it had a stream on the session before the first
    word came (where others' runs can be followed at all), or it was given the beginning?"""
    if any(invoke.value.get("label") == label for invoke, _ in history.invocations("prompt", device)):
        return True
    first = first_texts(history).get(label)
    if first is None:
        return False
    traits = history.meta["traits"]
    follows = traits["subscribes"] and traits["observable"]
    if follows and any(invoke.index < first.index for invoke, _ in openings(history, device)):
        return True
    beginning, known = str(first.value.get("text", "")).strip(), labels(history)
    seen = (e for e in history.of(device) if e.phase is Phase.SEEN and e.what in _TEXT and label_of(e, known) == label)
    return any(str(e.value.get("text", "")).lstrip().startswith(beginning) for e in seen)
