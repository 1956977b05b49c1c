"""Cursors name one place each, and grow: also where items come back to back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..contract import RESILIENT_DELIVERY
from ..event import Event
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .base import Rule
from .facts import accepted, items, texts
from .verdicts import gap, passed, worst

_ORDERED = frozenset({"int", "offset+epoch"})


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that saw cursors; one for the trial when there should be some and are none."""
    traits = history.meta["traits"]
    if traits["cursor"] == "none":
        return
    seen = [event for label in accepted(history) for event in texts(history, label) if event.what == "text"]
    if seen and not any(e.value.get("cursor") is not None for e in seen):
        if traits["resumes"] and traits["replay"] == "continue":
            why = f"None of {len(seen)} items of text carried a cursor, though a resume needs one to continue from."
            yield gap("cursor-integrity", None, why, [seen[0].index, seen[-1].index], value=0, unit="cursors")
        return
    for device in history.devices:
        yield from worst(_judge(history, label, device) for label in accepted(history))


def _judge(history: History, label: str, device: str) -> Finding | None:
    seen = items(history, label, device)
    cursors = [e for e in seen if e.what == "text" and e.value.get("cursor") is not None]
    if not cursors:
        return None
    clash = _collision(cursors, across=history.meta["traits"]["comparison"] == "events")
    if clash is not None:
        first, second = clash
        why = f"Two different pieces of {label} came to the {device} under one cursor, {first.value['cursor']}."
        return gap("cursor-integrity", device, why, [first.index, second.index], value=len(cursors), unit="cursors")
    back = _step_back(seen) if history.meta["traits"]["cursor"] in _ORDERED else None
    if back is not None:
        first, second = back
        steps = f"{first.value['cursor']}, then {second.value['cursor']}"
        why = f"On the {device} the cursor of {label} did not grow: {steps}."
        return gap("cursor-integrity", device, why, [first.index, second.index], value=len(cursors), unit="cursors")
    why = f"The {len(cursors)} cursors of {label} on the {device} are unique{_and_ordered(history)}."
    return passed("cursor-integrity", device, why, value=len(cursors), unit="cursors")


def _and_ordered(history: History) -> str:
    return " and ordered" if history.meta["traits"]["cursor"] in _ORDERED else ""


def _collision(cursors: Iterable[Event], across: bool) -> tuple[Event, Event] | None:
    """Two items with one cursor and different text. across: also on different connections; a protocol that rolls items
    up may send them in other pieces the second time."""
    known: dict[tuple[object, str], Event] = {}
    for event in cursors:
        place = (None if across else event.value.get("conn"), str(event.value["cursor"]))
        before = known.setdefault(place, event)
        if before.value.get("text") != event.value.get("text"):
            return before, event
    return None


def _step_back(seen: Iterable[Event]) -> tuple[Event, Event] | None:
    """An item whose cursor is not greater than the one before it on the same connection, in the same epoch."""
    last: dict[tuple[object, str], tuple[int, Event]] = {}
    for event in seen:
        conn, place = event.value.get("conn"), _place(event)
        if event.what in ("reset", "snapshot"):
            last = {key: held for key, held in last.items() if key[0] != conn}  # a replay starts over
        elif event.what == "text" and place is not None:
            epoch, offset = place
            if (conn, epoch) in last and offset <= last[conn, epoch][0]:
                return last[conn, epoch][1], event
            last[conn, epoch] = (offset, event)
    return None


def _place(event: Event) -> tuple[str, int] | None:
    """Epoch and offset of a cursor; None where it is not a number after all."""
    epoch, _, offset = str(event.value.get("cursor")).rpartition(":")
    return (epoch, int(offset)) if offset.isascii() and offset.isdigit() else None


CURSOR_INTEGRITY = Rule(
    id="cursor-integrity",
    capability=RESILIENT_DELIVERY,
    severity=Severity.HIGH,
    title="Cursors name one place each",
    truth="Every cursor names exactly one place in the stream, and cursors grow, also in bursts.",
    felt="After a resume single words are missing, seemingly at random.",
    why="Cursors are made from the clock or per message, so that items written in the same millisecond share one.",
    source=("langchain-ai/langgraph#8112", "automattic/agents-api#552", "WHATWG HTML 9.2.6 (id field)"),
    remedy=Remedy(
        action="Take the cursor from the log's own position: one counter per session, one step per item.",
        gain="A resume is exact, and a client can see that nothing is missing.",
        cost="One place has to hand out positions, so the writes of a session are serialized.",
        effort="endpoint",
    ),
    judge=judge,
)
