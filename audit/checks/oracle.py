"""What should have arrived: the oracle of a run, from the most trusted source the history holds.

Content, never HTTP status: many real systems answer 200 and nothing. In order of trust: `witness` (an undisturbed
device in the same history), `final-read` (the transcript after everything settled), `counting` (the prompt asked for
numbered words). None of them: loss and order cannot be proven.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..event import Event, Phase
from ..history import History
from .screen import Shown, labels, screens
from .words import words

_DISTURBANCES = frozenset({"offline", "freeze", "forget", "leave"})


@dataclass(frozen=True, slots=True)
class Oracle:
    """The words of one run in order, where they come from, and the index of the event that settles it (if one does)."""

    kind: Literal["witness", "final-read", "counting"]
    words: tuple[str, ...]
    source: str
    evidence: tuple[int, ...] = ()


def oracle(history: History, label: str, device: str | None = None) -> Oracle | None:
    """The best oracle for a run, not counting what `device` itself saw."""
    return _witness(history, label, device) or _final_read(history, label) or _counting(history, label)


def disturbed(history: History) -> frozenset[str]:
    """Devices that something was done to: a fault struck their link, or they froze, left, forgot or lost the network."""
    struck = {e.who.removeprefix("link:") for e in strikes(history)}
    return frozenset(struck | {e.who for e in history.events if e.phase is Phase.NOTE and e.what in _DISTURBANCES})


def strikes(history: History) -> tuple[Event, ...]:
    """Receipts of faults that really took hold of a connection."""
    return tuple(e for e in history.events if e.what == "fault" and e.value.get("state") == "struck")


def _witness(history: History, label: str, device: str | None) -> Oracle | None:
    hurt, shown = disturbed(history), screens(history)
    candidates = [name for name in shown if name != device and name not in hurt and label in shown[name].runs]
    if not candidates:
        return None
    best = max(candidates, key=lambda name: len(shown[name].run(label).text))
    run = shown[best].run(label)
    if not run.pieces or _broke_off(history, best, run):
        return None
    return Oracle("witness", tuple(word.text for word in words(run)), best, (run.pieces[-1][0],))


def _broke_off(history: History, device: str, run: Shown) -> bool:
    """A witness whose own stream died without an ending saw only a part."""
    closed = [e.index for e in history.of(device) if e.what == "closed" and e.value.get("how") != "local"]
    return not run.ends and bool(closed)


def _final_read(history: History, label: str) -> Oracle | None:
    order = list(dict.fromkeys(labels(history).values()))
    for event in reversed(history.events):
        if event.what == "read" and event.phase is Phase.OK and event.value.get("final"):
            said = _said(event, label, order, labels(history))
            if said:
                return Oracle("final-read", tuple(said.split()), event.who, (event.index,))
    return None


def _said(event: Event, label: str, order: list[str], known: dict[str, str]) -> str:
    answers = [m for m in event.value.get("messages", ()) if m["role"] == "assistant" and m.get("ending") != "running"]
    named = [m for m in answers if m.get("run") is not None]
    if named:
        return "".join(str(m["text"]) for m in named if known.get(str(m["run"])) == label)
    place = order.index(label) if label in order else -1
    return str(answers[place]["text"]) if 0 <= place < len(answers) else ""


def _counting(history: History, label: str) -> Oracle | None:
    """Only for runs that nobody stopped, and only where a disconnect is not declared to end them."""
    told = history.meta["oracle"].get("runs", {}).get(label)
    if not told or history.meta["contract"]["disconnect"] == "cancel" or _stopped(history, label):
        return None
    counted = tuple(str(told["format"]).format(number) for number in range(1, int(told["items"]) + 1))
    return Oracle("counting", counted, "the prompt")


def _stopped(history: History, label: str) -> bool:
    return any(invoke.value.get("label") == label for invoke, _ in history.invocations("stop"))
