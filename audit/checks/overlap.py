"""Two answers of one session at the same time: which run was asked for while another one was going on."""

from __future__ import annotations

from dataclasses import dataclass

from ..event import Event, Phase
from ..history import History
from .facts import accepted, endings, items, ms, prompts, stops, texts, went_on
from .memo import per_history
from .moments import IN_FLIGHT_MS, first_end, going_on
from .oracle import strikes


@dataclass(frozen=True, slots=True)
class Overlap:
    """`second` was asked for while `first` was going on, and nobody meant to stop either of them.

    invoke, done: of the second prompt. reason: how the first one ended, None when nobody learned it.
    """

    first: str
    second: str
    invoke: Event
    done: Event | None
    reason: str | None

    @property
    def answer(self) -> Event:
        """The second prompt's completion, or, if it has none, its invocation."""
        return self.done or self.invoke

    @property
    def refused(self) -> bool:
        """The second prompt was refused."""
        return self.done is not None and self.done.phase is Phase.FAIL

    @property
    def superseded(self) -> bool:
        """The first run was ended by the second prompt."""
        return self.reason not in (None, "completed", "unknown")


@per_history
def overlaps(history: History) -> tuple[Overlap, ...]:
    """Every prompt that came while another run was going on, in order; of two that came together, the one that was
    answered first is the first."""
    found: list[Overlap] = []
    for label, (invoke, done) in prompts(history).items():
        others = [other for other in accepted(history) if other != label and not stops(history, other)]
        met = [other for other in others if _met(history, other, invoke, done) and _apart(history, other, label)]
        before = [other for other in met if _was_first(history, other, label)]
        if before and not stops(history, label):
            found.append(Overlap(before[-1], label, invoke, done, _reason(history, before[-1])))
    return tuple(found)


def speaks_beside(history: History, overlap: Overlap) -> Event | None:
    """The first text of the second run, where the first run had still something new to say: on the same stream, or so
    much later that no two networks explain it. (Once connections were cut, what comes late may have been said early.)
    """
    begun = first_text(history, overlap.second)
    if begun is None:
        return None
    more = (history.events[index] for index in went_on(history, overlap.first, begun.index).more)
    later = [event for event in more if event.phase is Phase.SEEN]
    same = any(_stream(event) == _stream(begun) for event in later)
    apart = not strikes(history) and any(ms(begun, event) > IN_FLIGHT_MS for event in later)
    return begun if same or apart else None


def speaks_after(history: History, overlap: Overlap) -> bool:
    """A stream brought the end of the first run, and then the beginning of the second."""
    ends = {_stream(e): e.index for e in items(history, overlap.first) if e.what == "end"}
    return any(ends.get(_stream(event), event.index) < event.index for event in texts(history, overlap.second))


def first_text(history: History, label: str) -> Event | None:
    """The first text of a run that anybody saw."""
    return next(iter(texts(history, label)), None)


def last_sign(history: History, label: str) -> Event | None:
    """The end of a run, as somebody was told it on a stream; the last of its text where nobody was."""
    return first_end(history, label) or next(iter(texts(history, label)[::-1]), None)


def _met(history: History, other: str, invoke: Event, done: Event | None) -> bool:
    """A run was going on when a prompt was answered, or was ended by it; one that ended by itself meanwhile was not."""
    if going_on(history, other, (done or invoke).index):
        return True
    return _reason(history, other) not in (None, "completed") and going_on(history, other, invoke.index)


def _apart(history: History, *runs: str) -> bool:
    """Every word says of which run it is, where one stream carries several. (A run of which nobody knows the target's
    name has ours.)"""
    said = (event for label in runs for event in texts(history, label))
    return not history.meta["traits"]["subscribes"] or all(event.value.get("run") not in runs for event in said)


def _was_first(history: History, other: str, label: str) -> bool:
    mine, theirs = first_text(history, label), first_text(history, other)
    if mine is not None and theirs is not None:
        return theirs.index < mine.index
    return prompts(history)[other][0].index < prompts(history)[label][0].index or theirs is not None


def _reason(history: History, label: str) -> str | None:
    return next((ending.reason for ending in endings(history, label) if ending.reason != "unknown"), None)


def _stream(event: Event) -> tuple[str, object]:
    return event.who, event.value.get("conn")
