"""What sub-agents said: several voices of one run, which say numbered words of their own at the same time. Pure.

A voice has a label of its own, `run-1/a1` (screen.label_of). Where the prompt asked for numbered words, each of them is
known by its number, whatever stands before it: the sub-agents of one run may well say the same words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..history import History
from .facts import accepted, endings, final_reads, sightings, stops
from .memo import per_history
from .oracle import counted, disturbed
from .screen import labels, screens
from .transcript import answers
from .words import Word, words


@dataclass(frozen=True, slots=True)
class Voice:
    """One sub-agent of a run. words: all that it should have said; counted: by what the prompt asked for, else by the
    device (`source`) that shows the most of it."""

    label: str
    words: tuple[str, ...]
    source: str
    counted: bool


@per_history
def voices(history: History) -> dict[str, tuple[Voice, ...]]:
    """Label of a run → the sub-agents that anybody saw speak in it, in the order of their names."""
    return {
        label: tuple(_voice(history, label, name) for name in _names(history, label)) for label in accepted(history)
    }


def spoken(history: History, run: str, shown: Iterable[Word]) -> tuple[Word, ...]:
    """The words of a voice, each as the numbered word of the prompt that it ends with, where it does."""
    wanted = {word: word for word in counted(history, run) or ()}
    lengths = sorted({len(word) for word in wanted}, reverse=True)
    return tuple(
        replace(word, text=next((word.text[-n:] for n in lengths if word.text[-n:] in wanted), word.text))
        for word in shown
    )


def _names(history: History, run: str) -> list[str]:
    found = {label for screen in screens(history).values() for label in screen.runs}
    found |= {label for read in final_reads(history) for label in answers(read, labels(history))}
    return sorted(label for label in found if label.startswith(f"{run}/"))


def _voice(history: History, run: str, label: str) -> Voice:
    wanted = counted(history, run) if _whole(history, run) else None
    if wanted is not None and all(word.text in wanted for word in spoken(history, run, sightings(history, label))):
        return Voice(label, wanted, "the prompt", True)
    told = {device: words(screen.run(label)) for device, screen in screens(history).items()}
    sound = [device for device in told if device not in disturbed(history)] or list(told)
    best = max(sound, key=lambda device: len(told[device]))
    return Voice(label, tuple(word.text for word in told[best]), best, False)


def _whole(history: History, run: str) -> bool:
    """The run went on to its natural end, as far as anybody knows."""
    return not stops(history, run) and all(
        ending.reason in ("completed", "unknown") for ending in endings(history, run)
    )
