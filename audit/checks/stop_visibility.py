"""Every device that watches learns that the run was stopped, and keeps what it had."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..contract import LIVE_CONTROL
from ..event import Event
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .base import Rule
from .facts import final_reads, gone, items
from .moments import Stream, broke, is_disturbance, shown_at, streams
from .presence import openings
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
        yield from (_seen_by(history, stop, device) for device in history.devices if _was_viewing(history, stop, device))


def _was_viewing(history: History, stop: Stop, device: str) -> bool:
    """It held a stream and showed text of the run; it is still there, or came back where we had cut it off."""
    if gone(history, device) or not shown_at(history, device, stop.label, stop.invoke.index).pieces:
        return False
    mine = [s for (who, _), s in streams(history).items() if who == device and s.lives(stop.invoke.index)]
    return bool(mine) and (not _taken_away(history, stop, device, mine) or _came_back(history, stop, device))


def _taken_away(history: History, stop: Stop, device: str, mine: list[Stream]) -> bool:
    """We ended its streams before it was told anything."""
    end = next((e.index for e in items(history, stop.label, device) if e.what == "end"), len(history.events))
    last = max(stream.closed for stream in mine)
    closing = history.events[last] if last < min(end, len(history.events)) else None
    pressed = device == stop.device and stop.hangup
    return closing is not None and not broke(closing) and not pressed


def _came_back(history: History, stop: Stop, device: str) -> bool:
    opened = any(done.index > stop.answer.index for _, done in openings(history, device))
    return opened or any(e.value.get("shown") and e.index > stop.answer.index and e.op is not None for e in _reads(history, device))


def _reads(history: History, device: str) -> Iterator[Event]:
    return (e for e in history.of(device) if e.what == "read")


def _seen_by(history: History, stop: Stop, device: str) -> Finding:
    before = shown_at(history, device, stop.label, stop.invoke.index)
    after = screens(history)[device].run(stop.label)
    evidence = [stop.invoke.index, stop.answer.index, before.pieces[-1][0], *after.ends]
    if after.ending != "stopped":
        told = f'was told "{after.ending}"' if after.ending else "was never told how it ended"
        why = f"{stop.label} was stopped at {at(stop.answer)}, but the {device}, which was watching, {told}."
        return gap(_ID, device, why, [*evidence, *_closings(history, device, stop)])
    lost, place, index = _kept(history, stop, before, after)
    if lost:
        why = f"The {device} showed {listed(lost, len(words(before)))} of {stop.label} before the stop; {place} lost them."
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


def _closings(history: History, device: str, stop: Stop) -> Iterator[int]:
    found = (e for e in history.of(device) if e.index > stop.invoke.index and (e.what == "closed" or is_disturbance(e)))
    return (e.index for e in found)


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
        action="End every run with an explicit event that names the reason, and store the partial text when a run is stopped.",
        gain="Each device can say 'stopped' and offer to continue; nothing that was read disappears.",
        cost="Clients must know one more ending, and partial answers take part in the history the model sees.",
        effort="endpoint",
    ),
    judge=judge,
)
