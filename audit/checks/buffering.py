"""Words arrive when they are produced, not all at once at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..contract import RESILIENT_DELIVERY
from ..event import Event
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .attendance import from_start, openings
from .base import Rule
from .facts import accepted, cuts, prompts, texts
from .oracle import disturbed
from .starved import fair
from .verdicts import gap, passed, worst

MIN_ITEMS = 10  # fewer say nothing about smoothness
MIN_PACE_MS = 5.0  # faster agents look like a burst by themselves
MIN_SPAN_MS = 250.0  # nobody notices whether less than this was smooth
TAIL, TAIL_SHARE = 0.10, 0.80  # a gap: so much of the items in so small a part of the time
WINDOW = 0.05


def judge(history: History) -> Iterator[Finding]:
    """One finding for each undisturbed device that saw enough of a run that was not in a hurry."""
    hurt = disturbed(history) | {who for who, _ in cuts(history)}
    for device in history.devices:
        if device not in hurt:
            runs = (label for label in accepted(history) if from_start(history, label, device))
            yield from worst(_judge(history, label, device) for label in runs)


def _judge(history: History, label: str, device: str) -> Finding | None:
    asked, _ = prompts(history)[label]
    seen = [e for e in texts(history, label, device) if e.what == "text" and e.index > asked.index]
    if len(seen) < MIN_ITEMS or _pace_ms(history, asked) < MIN_PACE_MS:
        return None
    began = _began(history, asked, seen[0])
    span_ns = seen[-1].t_ns - began.t_ns
    if span_ns < MIN_SPAN_MS * 1e6:
        return None
    late = sum(e.t_ns >= seen[-1].t_ns - TAIL * span_ns for e in seen) / len(seen)
    share, evidence = _densest(seen, WINDOW * span_ns), [began.index, seen[0].index, seen[-1].index]
    told = f"of the {len(seen)} pieces of {label} came to the {device} in the last tenth of {span_ns / 1e6:.0f} ms"
    verdict, why = (gap, f"{late:.0%} {told}.") if late >= TAIL_SHARE else (passed, f"Only {late:.0%} {told}.")
    found = verdict("buffering", device, why, evidence, value=share, unit="share", of_limit=late / TAIL_SHARE)
    return fair(found, history, began, seen[-1])


def _began(history: History, asked: Event, first: Event) -> Event:
    """From when on words could come to a device: from the prompt, if it asked; else from when its stream was open, for
    until then it is the join that is slow."""
    conn = first.value.get("conn")
    opened = [done for _, done in openings(history, first.who) if done.value.get("conn") == conn]
    return asked if asked.who == first.who else max([asked, *opened], key=lambda event: event.index)


def _pace_ms(history: History, asked: Event) -> float:
    """The pace the prompt asks for; where it asks for none, the one that was measured."""
    told = asked.value.get("asked") or {}
    return float(told.get("pace_ms", history.meta["deadlines"].get("pace_ms") or 0.0))


def _densest(seen: Sequence[Event], window_ns: float) -> float:
    """The largest share of items within any window of this length."""
    best, start = 0, 0
    for end, event in enumerate(seen):
        while event.t_ns - seen[start].t_ns > window_ns:
            start += 1
        best = max(best, end - start + 1)
    return best / len(seen)


BUFFERING = Rule(
    id="buffering",
    capability=RESILIENT_DELIVERY,
    severity=Severity.MEDIUM,
    title="Words come as they are said",
    truth="Items arrive when they are produced, not in one burst at the end.",
    felt="Nothing happens for a long time, and then the whole answer appears at once.",
    why="A proxy, a compressor or a framework's response buffer holds the stream back until it is full or closed.",
    source=("nginx proxy_buffering (X-Accel-Buffering)", "WHATWG HTML 9.2.7 (authoring notes)", "xo-space#169"),
    remedy=Remedy(
        action="Turn off buffering and compression for the stream's path (`X-Accel-Buffering: no`, no gzip), and flush "
        "after every event.",
        gain="The first word is there at once, and heartbeats cross the path.",
        cost="Slightly more bytes and packets on the wire.",
        effort="configuration",
    ),
    judge=judge,
)
