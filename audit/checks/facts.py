"""Plain facts of a history that several rules need. Pure; nothing here judges.

Everywhere a *label* is our name of a run (`run-1`) and an *index* is that of an event.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..event import Event, Phase
from ..history import History
from .attendance import opens_stream
from .memo import per_history
from .oracle import counted
from .screen import Shown, label_of, labels, screens
from .transcript import answers
from .words import Word, words

Call = tuple[Event, Event | None]  # an invoke and its completion, None when nothing ever answered

_OF_A_RUN = frozenset({"text", "snapshot", "start", "end", "reset"})
_TEXT = frozenset({"text", "snapshot"})


@dataclass(frozen=True, slots=True)
class Ending:
    """Somebody learned how a run ended, from a stream or from a transcript."""

    reason: str
    device: str
    index: int


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a run after a moment, as far as anybody could see.

    ending: the reason that was learned (the first one that is not `unknown`), or None. whole: every word that the
    prompt counted out can be read somewhere. more: indices of events that brought text nobody had before the moment.
    unfinished: index of the transcript that, when everything had settled, held only a part of those words.
    """

    ending: Ending | None
    whole: bool
    more: tuple[int, ...]
    unfinished: int | None = None

    @property
    def finished(self) -> bool:
        """The run was carried to its natural end."""
        return self.whole or (self.ending is not None and self.ending.reason == "completed")


def ms(start: Event, end: Event) -> float:
    """Milliseconds from one event to another."""
    return (end.t_ns - start.t_ns) / 1e6


@per_history
def prompts(history: History) -> dict[str, Call]:
    """Label → the first prompt that asked for this run, with its completion, in order."""
    found: dict[str, Call] = {}
    for invoke, done in history.invocations("prompt"):
        found.setdefault(str(invoke.value.get("label", "")), (invoke, done))
    return found


@per_history
def accepted(history: History) -> tuple[str, ...]:
    """Labels whose prompt was accepted (completed OK), or whose items somebody saw, in the order of the prompts."""
    ok = {str(e.value.get("label", "")) for e, done in history.invocations("prompt") if is_ok(done)}
    return tuple(label for label in prompts(history) if label in ok or items(history, label))


def is_ok(done: Event | None) -> bool:
    """The operation was answered, and with success."""
    return done is not None and done.phase is Phase.OK


def is_unsupported(done: Event | None) -> bool:
    """The target offers no way to do it."""
    return done is not None and done.phase is Phase.FAIL and bool(done.value.get("unsupported"))


@per_history
def items(history: History, label: str, device: str | None = None) -> tuple[Event, ...]:
    """What streams brought of a run (text, snapshot, start, end, reset), to everybody or to one device, in order."""
    return tuple(e for e in _items(history).get(label, ()) if device in (None, e.who))


@per_history
def _items(history: History) -> dict[str, list[Event]]:
    known, found = labels(history), dict[str, list[Event]]()
    for event in history.events:
        if event.phase is Phase.SEEN and event.what in _OF_A_RUN:
            found.setdefault(label_of(event, known), []).append(event)
    return found


@per_history
def texts(history: History, label: str, device: str | None = None) -> tuple[Event, ...]:
    """What was seen of a run's text (text and snapshot items), by everybody or by one device, in order."""
    return tuple(e for e in items(history, label, device) if e.what in _TEXT)


@per_history
def cuts(history: History) -> tuple[tuple[str, int], ...]:
    """(device, index) of each time a device lost its stream or its network: the first of a fault that struck, an
    `offline`, or a stream that closed on it (not by itself, nor in good order after all its runs had ended). What
    follows belongs to the same cut until the device has opened a stream again."""
    found: list[tuple[str, int]] = []
    down: set[str] = set()
    running: set[tuple[str, str]] = set()
    for event in history.events:
        device = event.who.removeprefix("link:")
        _follow(running, event)
        if opens_stream(history, event):
            down.discard(device)
        elif device not in down and _cuts(event, any(who == device for who, _ in running)):
            down.add(device)
            found.append((device, event.index))
    return tuple(found)


def _follow(running: set[tuple[str, str]], event: Event) -> None:
    """Keep count of the runs each device sees going on."""
    if event.phase is not Phase.SEEN or event.what not in _OF_A_RUN:
        return
    run = (event.who, str(event.value.get("run", "")))
    if event.what == "end" or (event.what == "snapshot" and event.value.get("reason")):
        running.discard(run)
    else:
        running.add(run)


def _cuts(event: Event, running: bool) -> bool:
    if event.what == "closed":
        how = event.value.get("how")
        return how != "local" and (how != "clean" or running)
    struck = event.what == "fault" and event.value.get("state") == "struck"
    return struck or (event.what == "offline" and event.phase is Phase.NOTE)


def came_back(history: History, device: str) -> tuple[tuple[Event, Event], ...]:
    """Resumes of a device that were answered OK with something to resume: (invoke, completion)."""
    done = ((i, d) for i, d in history.invocations("resume", device) if d is not None and d.phase is Phase.OK)
    return tuple((invoke, answer) for invoke, answer in done if not answer.value.get("nothing"))


def gone(history: History, device: str) -> bool:
    """The device was closed for good."""
    return any(e.what == "leave" and e.phase is Phase.NOTE for e in history.of(device))


def stops(history: History, label: str) -> tuple[Call, ...]:
    """Every stop of a run with its completion, in order."""
    return tuple(call for call in history.invocations("stop") if call[0].value.get("label") == label)


@per_history
def endings(history: History, label: str) -> tuple[Ending, ...]:
    """How a run ended, by everybody who learned it: from END items, snapshots with a reason, final transcripts."""
    told = (
        Ending(str(e.value.get("reason", "unknown")), e.who, e.index)
        for e in items(history, label)
        if e.what == "end" or (e.what == "snapshot" and e.value.get("reason"))
    )
    return tuple(sorted([*told, *_written_endings(history, label)], key=lambda ending: ending.index))


def _written_endings(history: History, label: str) -> Iterator[Ending]:
    for read in final_reads(history):
        answer = answers(read, labels(history)).get(label)
        if answer is not None and answer.ended:
            yield Ending(str(answer.ending), read.who, read.index)


@per_history
def final_reads(history: History) -> tuple[Event, ...]:
    """Transcripts fetched after everything settled, in order."""
    return tuple(e for e in history.events if e.what == "read" and e.phase is Phase.OK and e.value.get("final"))


def went_on(history: History, label: str, after: int) -> Fate:
    """What became of a run after the event `after`."""
    known = [ending for ending in endings(history, label) if ending.reason != "unknown"]
    wanted = set(counted(history, label) or ())
    whole = bool(wanted) and any(wanted <= set(text.split()) for text in _readable(history, label))
    unfinished = None if known or whole else _unfinished(history, label, wanted)
    return Fate(known[0] if known else None, whole, _more(history, label, after), unfinished)


def _unfinished(history: History, label: str, wanted: set[str]) -> int | None:
    for read in final_reads(history)[-1:]:
        answer = answers(read, labels(history)).get(label)
        if answer is not None and answer.ending is None and wanted & set(answer.text.split()):
            return read.index
    return None


def _readable(history: History, label: str) -> Iterator[str]:
    """Every text of a run that somebody has at the end."""
    yield from (screen.run(label).text for screen in screens(history).values())
    told = (answers(read, labels(history)).get(label) for read in final_reads(history))
    yield from (answer.text for answer in told if answer is not None)


def _more(history: History, label: str, after: int) -> tuple[int, ...]:
    came = sightings(history, label)
    before = {word.text for word in came if word.index <= after}
    return tuple(sorted({word.index for word in came if word.index > after and word.text not in before}))


@per_history
def sightings(history: History, label: str, device: str | None = None) -> tuple[Word, ...]:
    """Every word of a run that came to anybody (or to one device), as often as it came, by stream or transcript, in
    order: what crossed the wire, where a screen is what was left of it."""
    stretches = (shown for who, shown in _stretches(history, label) if device in (None, who))
    return tuple(sorted((word for shown in stretches for word in words(shown)), key=lambda word: word.index))


def _stretches(history: History, label: str) -> Iterator[tuple[str, Shown]]:
    """Raw text of a run in pieces that belong together: one a connection, one a snapshot, one a transcript."""
    live: dict[tuple[str, object], Shown] = {}
    for event in texts(history, label):
        piece = (event.index, str(event.value.get("text", "")))
        if event.what == "snapshot":
            yield event.who, Shown([piece])
        else:
            live.setdefault((event.who, event.value.get("conn")), Shown()).pieces.append(piece)
    yield from ((who, shown) for (who, _), shown in live.items())
    for event in history.completions.values():
        if event.what == "read" and event.phase is Phase.OK and label in (said := answers(event, labels(history))):
            yield event.who, Shown([(event.index, said[label].text)])
