"""What sub-agents say reaches every device, late and resumed ones too, even while their orchestrator is busy."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import CONTINUITY
from ..event import Event
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .attendance import abandoned, attempts, openings
from .base import Rule
from .facts import gone, ms, prompts, sightings
from .marks import marks
from .moments import first_end
from .oracle import disturbed
from .screen import screens
from .verdicts import gap, passed, unproven, worst
from .voices import Voice, spoken, voices
from .wording import at, joined, listed
from .words import Word, compare, words

_ID = "subagents"
_MANY = 10  # words; a few may well be written in one go
_LAST = 0.1  # of the time from the prompt to the end: what comes then and not before was held back
_LONG_ENOUGH_MS = 400.0


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that was part of the session at the end, where anybody knows of sub-agents."""
    for device in history.devices:
        if gone(history, device) or abandoned(history, device) or not _took_part(history, device):
            continue
        yield from worst(_judge(history, run, said, device) for run, said in voices(history).items() if said)
    if marks(history, "busy") and not any(voices(history).values()):
        yield unproven(_ID, None, "No sub-agent was seen to speak, so nothing tells whom their words would reach.")


def _took_part(history: History, device: str) -> bool:
    asked = any(invoke.who == device for invoke, _ in prompts(history).values())
    return asked or bool(openings(history, device)) or bool(attempts(history, device))


def _judge(history: History, run: str, said: tuple[Voice, ...], device: str) -> Finding:
    findings = [found for voice in said if (found := _wrong(history, run, voice, device)) is not None]
    if findings:
        return findings[0]
    names = joined([voice.label.rpartition("/")[2] for voice in said])
    why = f"The {device} shows everything that the sub-agents {names} said in {run}, each for itself."
    return passed(_ID, device, why, _last(history, said, device), value=0, unit="words")


def _wrong(history: History, run: str, voice: Voice, device: str) -> Finding | None:
    """What is wrong with a sub-agent's words on a device, if anything is."""
    held = spoken(history, run, words(screens(history)[device].run(voice.label)))
    wanted = voice.words if voice.counted else tuple(w.text for w in spoken(history, run, _as_words(voice)))
    found, name = compare(wanted, held), voice.label.rpartition("/")[2]
    near = (w.index for w in (*held[:1], *held[-1:]))
    evidence = [*_asked(history, run), *_came(history, device), *near, *_proof(history, voice)]
    if found.missing:
        why = f"The {device} never showed {listed(found.missing, len(wanted))} of the sub-agent {name} in {run}"
        return gap(_ID, device, f"{why}; {_known(voice)}.", evidence, value=len(found.missing), unit="words")
    if found.repeated:
        twice = listed([word.text for word in found.repeated], len(wanted))
        why = f"On the {device} the sub-agent {name} said {twice} more than once in {run}, as if it were several."
        indices = [word.index for word in found.repeated]
        return gap(_ID, device, why, [*indices, *evidence[:3]], value=len(found.repeated), unit="words")
    return _late(history, run, voice, device)


def _as_words(voice: Voice) -> tuple[Word, ...]:
    return tuple(Word(text, 0) for text in voice.words)


def _known(voice: Voice) -> str:
    return "all sub-agents were to say as many" if voice.counted else f"the {voice.source} showed them"


def _asked(history: History, run: str) -> Iterator[int]:
    if run in prompts(history):
        yield prompts(history)[run][0].index


def _came(history: History, device: str) -> Iterator[int]:
    """The last time it came to the session."""
    yield from (invoke.index for invoke, _ in attempts(history, device)[-1:])


def _proof(history: History, voice: Voice) -> Iterator[int]:
    """Where the last of its words came to anybody."""
    yield from (word.index for word in sightings(history, voice.label)[-1:])


def _last(history: History, said: tuple[Voice, ...], device: str) -> Iterator[int]:
    for voice in said:
        yield from (word.index for word in sightings(history, voice.label, device)[-1:])


def _late(history: History, run: str, voice: Voice, device: str) -> Finding | None:
    """On a device that was there from the prompt on, and that nothing was done to, its words come as they are said."""
    asked, end = prompts(history)[run][0], first_end(history, run)
    there = any(invoke.index < asked.index for invoke, _ in openings(history, device)) or asked.who == device
    if end is None or not there or device in disturbed(history) or ms(asked, end) <= _LONG_ENOUGH_MS:
        return None
    came = [history.events[word.index] for word in sightings(history, voice.label, device) if word.index <= end.index]
    if len(came) < _MANY or ms(asked, came[0]) < (1 - _LAST) * ms(asked, end):
        return None
    return _held_back(voice, run, device, (asked, came[0], came[-1], end))


def _held_back(voice: Voice, run: str, device: str, told: tuple[Event, Event, Event, Event]) -> Finding:
    asked, first, _, end = told
    name, waited = voice.label.rpartition("/")[2], ms(asked, first)
    why = (
        f"The {device} saw nothing of the sub-agent {name} for {waited:.0f} ms of {run}, which ended at {at(end)}; "
        "then its words came all at once."
    )
    return gap(_ID, device, why, [event.index for event in told], value=round(waited, 1), unit="ms")


SUBAGENTS = Rule(
    id=_ID,
    capability=CONTINUITY,
    severity=Severity.HIGH,
    title="Sub-agents are seen by all",
    truth="What every sub-agent says reaches every device, late and resumed ones too, even while the orchestrator is "
    "busy.",
    felt="The agents work, and the screen stands still; after a reload their half of the answer is gone.",
    why="Sub-agents report to their orchestrator, which relays them over its own connection when it has time; what it "
    "has relayed is kept nowhere, or under one name for all.",
    source=("cloudflare/agents#1377", "agentscope-java#2482", "TeXRA#5657", "Ably AI Transport, concurrent turns"),
    remedy=Remedy(
        action="Let every sub-agent append to the session itself, under its own name; devices subscribe to that.",
        gain="Progress shows as it is made, on every device, and the orchestrator has one job less.",
        cost="Sub-agents need an address and credentials of the session, and devices must show several voices.",
        effort="session layer",
    ),
    judge=judge,
)
