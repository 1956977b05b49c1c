"""An answer that a newer prompt supersedes stops at once, and whoever watches it is told."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import LIVE_CONTROL
from ..event import Event, Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .attendance import rest
from .base import Rule
from .facts import gone, items, ms, sightings, texts
from .moments import Stream, shown_at, streams
from .oracle import strikes
from .overlap import Overlap, overlaps
from .screen import screens
from .stopping import budget_ms
from .verdicts import gap, passed, unproven, worst_of_each
from .wording import at, listed
from .words import Word

_ID = "interrupt"
_TOLD = frozenset({"superseded", "stopped", "failed"})


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that watched an answer which a newer prompt superseded."""
    yield from worst_of_each(finding for overlap in overlaps(history) for finding in _judge(history, overlap))


def _judge(history: History, overlap: Overlap) -> Iterator[Finding]:
    interrupts = history.meta["contract"].get("concurrent_send") == "interrupt"
    asked = [overlap.invoke.index, overlap.answer.index]
    if overlap.superseded and (overlap.reason == "superseded" or (interrupts and not strikes(history))):
        for device in history.devices:
            held = _watched_on(history, overlap, device)
            if held is not None:
                yield _seen_by(history, overlap, device, held)
    elif interrupts:
        why = f"{overlap.first} was not superseded by {overlap.second}, so it does not show how one is."
        yield unproven(_ID, overlap.invoke.who, why, asked)


def _watched_on(history: History, overlap: Overlap, device: str) -> Stream | None:
    """The stream on which a device was watching the first run, undisturbed to the end."""
    if gone(history, device) or not shown_at(history, device, overlap.first, overlap.invoke.index).pieces:
        return None
    held = (s for s in streams(history).values() if s.device == device and s.lives(overlap.invoke.index))
    return next((stream for stream in held if min(stream.hurt, stream.closed) >= _end_of(history, stream)), None)


def _end_of(history: History, stream: Stream) -> int:
    """Up to where a stream has to last: a response may close when its run is over."""
    return min(rest(history), stream.closed if stream.closed < stream.hurt else rest(history))


def _seen_by(history: History, overlap: Overlap, device: str, held: Stream) -> Finding:
    what = f"{overlap.first} was superseded by the {overlap.invoke.who}'s {overlap.second} at {at(overlap.answer)}"
    after = screens(history)[device].run(overlap.first)
    evidence = [overlap.invoke.index, overlap.answer.index, *after.ends]
    glow = _afterglow(history, overlap, device, held)
    if glow:
        named = listed([word.text for word in glow], len({w.text for w in sightings(history, overlap.first)}))
        why = f"{what}, and the {device} was still sent {named} of it afterwards."
        indices = [*evidence, *(word.index for word in glow)]
        return gap(_ID, device, why, indices, value=len(glow), unit="words")
    if after.ending not in _TOLD:
        told = f'was told "{after.ending}"' if after.ending else "was never told that it is over"
        return gap(
            _ID, device, f"{what}; the {device}, which was watching it, {told}.", [*evidence, _rest_or_last(history)]
        )
    why = f'{what}; the {device} got no word of it after that and was told "{after.ending}".'
    return passed(_ID, device, why, evidence)


def _rest_or_last(history: History) -> int:
    """The event at which everything had come to rest, or the last one."""
    return min(rest(history), len(history.events) - 1)


def _afterglow(history: History, overlap: Overlap, device: str, held: Stream) -> list[Word]:
    """Words of the superseded run that a device was sent for the first time after it had been told the end, after the
    newer answer had begun on the same stream, or later than the budget for stops allows."""
    over = _over(history, overlap, device)
    found: list[Word] = []
    known: set[str] = set()
    for word in sightings(history, overlap.first, device):
        event = history.events[word.index]
        live = event.phase is Phase.SEEN and word.index < held.hurt
        late = ms(overlap.answer, event) > budget_ms(history) or (over is not None and _is_behind(event, over))
        if live and late and word.text not in known:
            found.append(word)
        known.add(word.text)
    return found


def _over(history: History, overlap: Overlap, device: str) -> Event | None:
    """What told a device first that the answer it watched was over: its ending, or the newer answer itself."""
    ends = [e for e in items(history, overlap.first, device) if e.what == "end"][:1]
    begun = list(texts(history, overlap.second, device))[:1]
    return min((*ends, *begun), key=lambda event: event.index, default=None)


def _is_behind(event: Event, over: Event) -> bool:
    return event.index > over.index and event.value.get("conn") == over.value.get("conn")


INTERRUPT = Rule(
    id=_ID,
    capability=LIVE_CONTROL,
    severity=Severity.MEDIUM,
    title="What is superseded falls silent",
    truth="An answer that a newer prompt supersedes stops at once, and every device that watches it is told.",
    felt="You interrupt it, and it talks on over the new answer; or the other screen waits for the old one for ever.",
    why="The new run is started before the old one is called off, or what was buffered is still delivered; and only "
    "the device that interrupted knows of it.",
    source=(
        "Gemini Live API: interrupted, then buffered audio",
        "LangGraph: multitask_strategy=rollback deletes the run",
    ),
    remedy=Remedy(
        action="End the superseded run with an event of its own (`superseded`) before the new one begins, and refuse "
        "whatever its generator still writes.",
        gain="Interrupting works as people expect, on every screen.",
        cost="Generators have to be fenced, so that one which did not hear of it cannot write any more.",
        effort="session layer",
    ),
    judge=judge,
)
