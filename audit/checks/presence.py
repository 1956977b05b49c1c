"""What is shown as present, or as still being written, is true within its time-to-live."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from ..contract import CONTINUITY
from ..event import Event, Phase
from ..finding import Finding, Severity, Verdict
from ..history import History
from ..result import Remedy
from .base import Rule
from .facts import accepted, final_reads
from .moments import Stream, first_end, streams
from .screen import labels
from .starved import fair
from .transcript import answers
from .verdicts import gap, passed, unproven, worst
from .wording import at

_ID = "presence"
_BUSY_MS = 300.0  # our own loop, and the target's, may be this late with what is no news to anybody


@dataclass(frozen=True, slots=True)
class _Crowd:
    """Devices that follow the session at a moment, as far as a target can know within its time-to-live: some may be
    counted or not, because they have just come or gone, or because we have cut their network."""

    least: int
    most: int


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that is told who is there, and for each one whose transcript says what runs."""
    ttl_ns = int(float(history.meta["traits"].get("presence_ttl_s") or 0) * 1e9)
    for device in history.devices:
        counts = _wrong_counts(history, device, ttl_ns) if history.meta["traits"].get("presence") and ttl_ns else ()
        yield from worst((*counts, *_phantoms(history, device, ttl_ns)))


def _wrong_counts(history: History, device: str, ttl_ns: int) -> Iterator[Finding]:
    mine = [stream for stream in streams(history).values() if stream.device == device]
    told = [e for e in history.of(device) if e.what == "presence" and e.phase is Phase.SEEN]
    for moment in _moments(history, ttl_ns):
        stream = next((s for s in mine if _held(history, s, moment)), None)
        shown = [e for e in told if stream is not None and e.t_ns <= moment and _is_on(history, stream, e)]
        wrong = _wrong(history, stream, shown, moment, ttl_ns) if stream is not None else None
        if wrong is not None and (wrong.verdict is Verdict.GAP or moment == _last(history).t_ns):
            yield wrong
            return
        if shown and moment == _last(history).t_ns:
            yield _right(history, shown[-1], moment)


def _moments(history: History, ttl_ns: int) -> list[int]:
    """When what is shown must be true again: a time-to-live after each coming and going, and at the very end."""
    changed = (
        history.events[i].t_ns for s in streams(history).values() for i in (s.opened, s.closed) if i < _end(history)
    )
    over = _last(history).t_ns
    return sorted({due for t in changed if (due := t + ttl_ns + int(_BUSY_MS * 1e6)) <= over} | {over})


def _end(history: History) -> int:
    """Index of the first stream that was closed because the trial was over: everything after is ours."""
    index = len(history.events)
    while (
        index and history.events[index - 1].what == "closed" and history.events[index - 1].value.get("how") == "local"
    ):
        index -= 1
    return index


def _last(history: History) -> Event:
    return history.events[max(0, _end(history) - 1)]


def _held(history: History, stream: Stream, moment: int) -> bool:
    """The stream was open, and nothing had been done to it."""
    opened = history.events[stream.opened].t_ns
    return opened <= moment and _alive(history, stream.closed, moment) and _alive(history, stream.hurt, moment)


def _right(history: History, shown: Event, moment: int) -> Finding:
    """What it showed last was not wrong; was it right, or only not yet due to be?"""
    there = sum(_held(history, stream, moment) for stream in streams(history).values())
    device, count = shown.who, shown.value.get("devices")
    if count != there:
        why = f"The {device} showed {count} devices where there were {there}, which may still be on its way."
        return unproven(_ID, device, why, [shown.index])
    why = f"The {device} showed {count} devices at the end, told at {at(shown)}; so many there were."
    return passed(_ID, device, why, [shown.index], value=there, unit="devices")


def _alive(history: History, until: int, moment: int) -> bool:
    return until >= _end(history) or history.events[until].t_ns > moment


def _is_on(history: History, stream: Stream, event: Event) -> bool:
    return streams(history).get((event.who, event.value.get("conn"))) is stream


def _crowd(history: History, moment: int, ttl_ns: int) -> _Crowd:
    least = most = 0
    for stream in streams(history).values():
        opened = history.events[stream.opened].t_ns
        alive = _alive(history, stream.closed, moment)
        unhurt = _alive(history, stream.hurt, moment)
        lately = not alive and history.events[stream.closed].t_ns + ttl_ns > moment
        lost = not _alive(history, stream.hurt, moment) and stream.hurt < stream.closed  # the target may not know
        least += alive and unhurt and opened + ttl_ns <= moment
        most += opened <= moment and (alive or lately or lost)
    return _Crowd(least, most)


def _wrong(history: History, stream: Stream, shown: list[Event], moment: int, ttl_ns: int) -> Finding | None:
    crowd, when, device = _crowd(history, moment, ttl_ns), f"{moment / 1e9:.2f} s", stream.device
    there = str(crowd.least) if crowd.least == crowd.most else f"{crowd.least} to {crowd.most}"
    if not shown:
        if history.events[stream.opened].t_ns + ttl_ns > moment:
            return None
        why = f"The {device} was never told who is there, though it had asked; at {when} there were {there} devices."
        return _fair(history, gap(_ID, device, why, [stream.opened]), moment, ttl_ns)
    count = int(shown[-1].value.get("devices") or 0)
    if crowd.least <= count <= crowd.most:
        return None
    evidence = [shown[-1].index, *_changes(history, moment)[-2:]]
    why = f"The {device} showed {count} devices at {when}, told at {at(shown[-1])}; there were {there}."
    found = gap(_ID, device, why, evidence, value=abs(count - crowd.least), unit="devices")
    return _fair(history, found, moment, ttl_ns)


def _fair(history: History, found: Finding, moment: int, ttl_ns: int) -> Finding:
    """A count that is late may be late because we were: what matters is the time since the last change that was due."""
    due = _changes(history, moment - ttl_ns)[-1:] or [0]
    seen = bisect_right(history.events, moment, key=lambda event: event.t_ns)
    return fair(
        found, history, history.events[due[0]], history.events[min(seen, len(history.events) - 1)], ttl_ns / 1e6
    )


def _changes(history: History, moment: int) -> list[int]:
    found = sorted(i for s in streams(history).values() for i in (s.opened, s.closed) if i < _end(history))
    times = [history.events[index].t_ns for index in found]
    return found[: bisect_right(times, moment)]


def _phantoms(history: History, device: str, ttl_ns: int) -> Iterator[Finding]:
    """A transcript that says of a run that it is being written, when it had long ended."""
    for read in final_reads(history):
        said = answers(read, labels(history)) if read.who == device else {}
        for label in accepted(history):
            end = first_end(history, label)
            if end is None or label not in said or end.t_ns + ttl_ns > read.t_ns:
                continue
            if said[label].ending == "running":
                why = f"The {device} read at {at(read)} that {label} is still being written; it ended at {at(end)}."
                yield gap(_ID, device, why, [end.index, read.index])


PRESENCE = Rule(
    id=_ID,
    capability=CONTINUITY,
    severity=Severity.ADVICE,
    title="Presence is true",
    truth="What is shown as online, or as being written, is true within its time-to-live.",
    felt='Somebody who left an hour ago is still "online", and an answer is "being written" for ever.',
    why="Presence is counted up when a device comes, and down by a message that a dying device never sends.",
    source=("Ably AI Transport, agent crash", "XEP-0198 (stream management)"),
    remedy=Remedy(
        action="Count connections, not messages, and let what is not renewed expire.",
        gain="People trust what they see, and do not wait for somebody who is gone.",
        cost="Heartbeats, and a time-to-live to choose: short ones flicker, long ones lie.",
        effort="endpoint",
    ),
    judge=judge,
)
