"""A long quiet phase of the agent survives: no stream is cut, no run is given up, and heartbeats cross the path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ..contract import RESILIENT_DELIVERY
from ..event import Event, Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .base import Rule
from .facts import is_ok, items, ms, prompts, sightings, stops
from .marks import marks
from .moments import broke, streams
from .verdicts import gap, passed, unproven, worst_of_each
from .wording import at

_ID = "silence"
_QUIET_MS = 1_000.0  # what is shorter is no silence
_BEAT_MS = 30_000.0  # twice the fifteen seconds that WHATWG HTML advises between two comments of an idle stream
_GIVEN_UP = frozenset({"failed", "stopped", "superseded"})
_UNSEEN = frozenset({"json-socket"})  # its heartbeats may be pings of the socket itself, which no message shows


@dataclass(frozen=True, slots=True)
class _Quiet:
    """Nobody heard anything new of a run from one event to another. wanted_ms: how long its agent was to be silent."""

    label: str
    start: Event
    end: Event
    wanted_ms: float

    @property
    def ms(self) -> float:
        """How long it was."""
        return ms(self.start, self.end)


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that held a stream when the agent fell silent and that nothing was done to."""
    yield from worst_of_each(_findings(history))


def _findings(history: History) -> Iterator[Finding]:
    for mark in marks(history, "quiet"):
        quiet = _quiet(history, str(mark.value.get("label", "")), _seconds(mark) * 1e3)
        if quiet is not None:
            for stream in streams(history).values():
                if stream.lives(quiet.start.index) and stream.hurt > quiet.end.index:
                    yield _judge(history, stream.device, quiet)


def _seconds(mark: Event) -> float:
    told = mark.value.get("seconds")
    return float(told) if isinstance(told, int | float) else 0.0


def _quiet(history: History, label: str, wanted_ms: float) -> _Quiet | None:
    """The longest time in which nobody heard anything new of a run, from its prompt on."""
    asked = prompts(history).get(label)
    if asked is None or not is_ok(asked[1]) or asked[1] is None:
        return None
    said: dict[str, int] = {}
    for word in sightings(history, label):
        said.setdefault(word.text, word.index)
    ends = (e.index for e in items(history, label) if e.what == "end")
    heard = sorted({asked[1].index, *said.values(), *ends, _last(history)})
    pairs = [(history.events[one], history.events[other]) for one, other in pairwise(heard)]
    start, end = max(pairs, key=lambda pair: ms(*pair), default=(asked[1], asked[1]))
    return _Quiet(label, start, end, wanted_ms)


def _last(history: History) -> int:
    """Nothing was waited for any more."""
    return next((e.index for e in history.of("stage") if e.what == "settled"), len(history.events) - 1)


def _judge(history: History, device: str, quiet: _Quiet) -> Finding:
    between = [e for e in history.events[quiet.start.index + 1 : quiet.end.index + 1] if e.who == device]
    cut = next((e for e in between if broke(e)), None)
    if cut is not None:
        silent = ms(quiet.start, cut)
        why = f"The stream of the {device} was cut at {at(cut)}, when the agent had been silent for {silent:.0f} ms."
        return gap(_ID, device, why, [quiet.start.index, cut.index], value=round(silent), unit="ms")
    reason = quiet.end.value.get("reason")
    if reason in _GIVEN_UP and not stops(history, quiet.label):
        how = f"ended {reason} when its agent had been silent for {quiet.ms:.0f} ms, and was at work"
        why = f"The {device} saw {quiet.label} given up: it {how}."
        return gap(_ID, device, why, [quiet.start.index, quiet.end.index], value=round(quiet.ms), unit="ms")
    if quiet.ms < min(_QUIET_MS, quiet.wanted_ms / 2):
        return unproven(_ID, device, f"The agent was never silent for longer than {quiet.ms:.0f} ms.")
    return _heartbeats(history, device, quiet, [e for e in between if e.what == "ping" and e.phase is Phase.SEEN])


def _heartbeats(history: History, device: str, quiet: _Quiet, beats: list[Event]) -> Finding:
    kept = f"The {device} kept its stream through {quiet.ms:.0f} ms of silence"
    evidence = [quiet.start.index, *(beat.index for beat in beats), quiet.end.index]
    if beats:
        why = f"{kept}, and {len(beats)} {'heartbeat' if len(beats) == 1 else 'heartbeats'} crossed the path."
        return passed(_ID, device, why, evidence, value=round(quiet.ms), unit="ms")
    if quiet.ms < _BEAT_MS:
        why = f"{kept}, and no heartbeat came; that none comes within {_BEAT_MS / 1e3:.0f} s only `deep` can tell."
        return unproven(_ID, device, why, evidence)
    if history.meta.get("protocol") in _UNSEEN:
        return unproven(_ID, device, f"{kept}; its heartbeats, if there are any, are not messages.", evidence)
    why = f"{kept}, but not one heartbeat came: on a path that cuts what is idle this stream is lost."
    return gap(_ID, device, why, evidence, value=round(quiet.ms), unit="ms")


SILENCE = Rule(
    id=_ID,
    capability=RESILIENT_DELIVERY,
    severity=Severity.HIGH,
    title="Silence is not the end",
    truth="A long quiet phase of the agent survives: nobody cuts the stream or gives up the run, and heartbeats cross.",
    felt="Whenever the assistant works on something for a minute, the chat breaks off or reports an error.",
    why="Something on the path cuts what has been idle for 30 or 60 seconds, and no heartbeat is sent, or it is held "
    "back by a buffer; or a watchdog takes a working agent for a dead one.",
    source=(
        "WHATWG HTML 9.2.7 (a comment every 15 seconds)",
        "RFC 6455 section 5.5.2",
        "CopilotKit/CopilotKit#6980",
        "TriliumNext/Trilium#11628",
        "Significant-Gravitas/AutoGPT#11855",
    ),
    remedy=Remedy(
        action="Send a heartbeat on every stream that has been idle for 15 seconds, flush it at once, and let only the "
        "agent's own process say that a run has failed.",
        gain="Tools may take as long as they need, behind any proxy.",
        cost="A few bytes for each idle device, and phones wake up for them.",
        effort="configuration",
    ),
    judge=judge,
)
