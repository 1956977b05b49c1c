"""What should have arrived: the oracle of a run, from the most trusted source the history holds.

Content, never HTTP status: many real systems answer 200 and nothing. In order of trust: `witness` (an undisturbed
device in the same history), `final-read` (the transcript after everything settled), `counting` (the prompt asked for
numbered words). None of them: loss and order cannot be proven.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from ..event import Event, Phase
from ..history import History
from .attendance import first_texts
from .memo import per_history
from .screen import Shown, labels, screens
from .transcript import answers
from .words import compare, words

_DISTURBANCES = frozenset({"offline", "freeze", "forget", "leave"})


@dataclass(frozen=True, slots=True)
class Oracle:
    """The words of one run in order, where they come from, and the index of the event that settles it (if one does)."""

    kind: Literal["witness", "final-read", "counting"]
    words: tuple[str, ...]
    source: str
    evidence: tuple[int, ...] = ()


@per_history
def oracle(history: History, label: str, device: str | None = None) -> Oracle | None:
    """The best oracle for a run, not counting what `device` itself saw."""
    return _witness(history, label, device) or _final_read(history, label) or _counting(history, label)


@per_history
def counted(history: History, label: str) -> tuple[str, ...] | None:
    """The numbered words that the prompt of a run asked for, or None when it asked for none."""
    for invoke, _ in history.invocations("prompt"):
        told = invoke.value.get("asked")
        if told and invoke.value.get("label") == label:
            return tuple(str(told["format"]).format(number) for number in range(1, int(told["items"]) + 1))
    return None


@per_history
def disturbed(history: History) -> frozenset[str]:
    """Devices that something was done to: a fault struck their link; they froze, left, forgot or lost the network."""
    struck = {e.who.removeprefix("link:") for e in strikes(history)}
    return frozenset(struck | {e.who for e in history.events if e.phase is Phase.NOTE and e.what in _DISTURBANCES})


def strikes(history: History) -> tuple[Event, ...]:
    """Receipts of faults that really took hold of a connection."""
    return tuple(e for e in history.events if e.what == "fault" and e.value.get("state") == "struck")


def _witness(history: History, label: str, device: str | None) -> Oracle | None:
    shown = screens(history)
    candidates = [name for name in shown if name != device and _may_testify(history, label, name)]
    if not candidates:
        return None
    best = max(candidates, key=lambda name: len(shown[name].run(label).text))
    run = shown[best].run(label)
    last = run.pieces[-1][0] if run.pieces else run.ends[-1]
    return Oracle("witness", tuple(word.text for word in words(run)), best, (last,))


@per_history
def _may_testify(history: History, label: str, device: str) -> bool:
    """Nothing was done to it, it never had to resume, its stream did not break off, and it has the run from its
    beginning: of what was asked for, if that is known, nothing twice and nothing else."""
    run, told, first = screens(history)[device].run(label), counted(history, label), first_texts(history).get(label)
    if device in disturbed(history) or any(history.invocations("resume", device)) or _broke_off(history, device, run):
        return False
    if not run.pieces or first is None:
        return first is None and bool(run.ends)  # it saw the run end before anybody had a word of it
    if told is None:
        return run.text.lstrip().startswith(str(first.value.get("text", "")).strip())
    found = compare(told, words(run))
    return run.text.split()[:1] == [told[0]] and not (found.repeated or found.reordered or found.foreign)


def _broke_off(history: History, device: str, run: Shown) -> bool:
    """A witness whose own stream died without an ending saw only a part."""
    closed = [e.index for e in history.of(device) if e.what == "closed" and e.value.get("how") != "local"]
    return not run.ends and bool(closed)


def _final_read(history: History, label: str) -> Oracle | None:
    for event in reversed(history.events):
        if event.what == "read" and event.phase is Phase.OK and event.value.get("final"):
            answer = answers(event, labels(history)).get(label)
            if answer is not None and answer.text.split() and answer.ending != "running":
                told = tuple(answer.text.split())
                return None if _retold(history, label, told) else Oracle("final-read", told, event.who, (event.index,))
    return None


def _retold(history: History, label: str, told: tuple[str, ...]) -> bool:
    """Does a transcript hold a word twice that was asked for once? Then what is to be found out stands in it, too."""
    asked = counted(history, label)
    return asked is not None and any(count > 1 for word, count in Counter(told).items() if word in asked)


def _counting(history: History, label: str) -> Oracle | None:
    """Only for runs that nobody stopped, and only where a disconnect is not declared to end them."""
    told = counted(history, label)
    if told is None or history.meta["contract"]["disconnect"] == "cancel" or _stopped(history, label):
        return None
    return Oracle("counting", told, "the prompt")


def _stopped(history: History, label: str) -> bool:
    return any(invoke.value.get("label") == label for invoke, _ in history.invocations("stop"))
