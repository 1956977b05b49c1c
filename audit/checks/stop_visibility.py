"""Every device that watches learns that the run was stopped, and keeps what it had."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..contract import LIVE_CONTROL
from ..event import Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .attendance import openings, rest
from .base import Rule
from .facts import final_reads, gone, items
from .moments import Stream, broke, shown_at, streams
from .screen import Shown, labels, screens
from .stopping import Stop, first_stops
from .transcript import answers
from .verdicts import gap, passed, unproven, worst_of_each
from .wording import at, listed, outcome
from .words import words

_ID = "stop-visibility"


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that was viewing when stop was pressed; one for the presser when none can be told."""
    yield from worst_of_each(finding for stop in first_stops(history) for finding in _judge(history, stop))


def _judge(history: History, stop: Stop) -> Iterator[Finding]:
    asked = [stop.invoke.index, stop.answer.index]
    if stop.unsupported or stop.hangup:
        how = "the protocol can only hang up" if stop.hangup else f"a stop {outcome(stop.done)}"
        yield gap(_ID, stop.device, f"Nobody can be told that {stop.label} was stopped: {how}.", asked)
    elif not stop.worked:
        why = f"The stop of {stop.label} at {at(stop.invoke)} had no proven effect, so nobody had to be told of one."
        yield unproven(_ID, stop.device, why, asked)
    else:
        yield from (
            _seen_by(history, stop, device) for device in history.devices if _was_viewing(history, stop, device)
        )


def _was_viewing(history: History, stop: Stop, device: str) -> bool:
    """It held a stream and showed text of the run; and it was still listening when the news should have come, or
    came back where we had cut it off."""
    if gone(history, device) or not shown_at(history, device, stop.label, stop.invoke.index).pieces:
        return False
    held = [s for s in streams(history).values() if s.device == device and s.lives(stop.invoke.index)]
    told = next((e.index for e in items(history, stop.label, device) if e.what == "end"), rest(history))
    listened = any(min(s.hurt, s.closed) >= told or _broken_off(history, s) for s in held)
    return bool(held) and (listened or _came_back(history, device, stop.answer.index))


def _broken_off(history: History, stream: Stream) -> bool:
    """The target, not the audit, ended it."""
    return stream.closed < stream.hurt and broke(history.events[stream.closed])


def _came_back(history: History, device: str, after: int) -> bool:
    reads = (e for e in history.of(device) if e.what == "read" and e.value.get("shown") and e.phase is Phase.OK)
    return any(e.index > after for e in (*reads, *(done for _, done in openings(history, device))))


def _seen_by(history: History, stop: Stop, device: str) -> Finding:
    before = shown_at(history, device, stop.label, stop.invoke.index)
    after = screens(history)[device].run(stop.label)
    evidence = [stop.invoke.index, stop.answer.index, before.pieces[-1][0], *after.ends]
    if after.ending != "stopped":
        told = f'was told "{after.ending}"' if after.ending else "was never told how it ended"
        why = f"{stop.label} was stopped at {at(stop.answer)}, but the {device}, which was watching, {told}."
        return gap(_ID, device, why, [*evidence, *_closings(history, device, stop.invoke.index)])
    lost, place, index = _kept(history, stop, before, after)
    if lost:
        had = listed(lost, len(words(before)))
        why = f"The {device} showed {had} of {stop.label} before the stop; {place} lost them."
        return gap(_ID, device, why, [*evidence, *index], value=len(lost), unit="words")
    why = f'The {device} was told that {stop.label} was "stopped", and its {len(words(before))} words are kept.'
    return passed(_ID, device, why, evidence)


def _kept(history: History, stop: Stop, before: Shown, after: Shown) -> tuple[list[str], str, list[int]]:
    """Words that were shown before the stop and are gone: from the screen, or else from the transcript."""
    shown = Counter(word.text for word in words(before))
    gone_from_screen = shown - Counter(word.text for word in words(after))
    if gone_from_screen:
        return list(gone_from_screen.elements()), "its screen", [index for index, _ in after.pieces[-1:]]
    for read in final_reads(history)[-1:]:
        answer = answers(read, labels(history)).get(stop.label)
        lost = shown - Counter(answer.text.split() if answer else ())
        return list(lost.elements()), "the transcript", [read.index]
    return [], "", []


def _closings(history: History, device: str, after: int) -> Iterator[int]:
    return (e.index for e in history.of(device) if e.index > after and e.what == "closed")


STOP_VISIBILITY = Rule(
    id=_ID,
    capability=LIVE_CONTROL,
    severity=Severity.HIGH,
    title="Everybody sees the stop",
    truth="Every device that watches learns that the run was stopped, and keeps the words it had shown.",
    felt="After a stop the answer just freezes on the other screen, or what was already written vanishes.",
    why="Stopping tears down the stream without a closing event, and only finished answers are ever stored.",
    source=("LangGraph run streams end without a marker", "vercel/ai stop guide", "AG-UI RUN_FINISHED / RUN_ERROR"),
    remedy=Remedy(
        action="End every run with an event that names the reason, and store the partial text when a run is stopped.",
        gain="Each device can say 'stopped' and offer to continue; nothing that was read disappears.",
        cost="Clients must know one more ending, and partial answers take part in the history the model sees.",
        effort="endpoint",
    ),
    judge=judge,
)
