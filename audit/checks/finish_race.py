"""A stop that meets the natural end leaves one ending, the same for everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..contract import LIVE_CONTROL
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .base import Rule
from .facts import endings, is_unsupported, prompts, stops
from .screen import screens
from .verdicts import gap, passed, unproven, worst
from .wording import at, joined

_ID = "finish-race"


def judge(history: History) -> Iterator[Finding]:
    """One finding for the trial: the worst of its races."""
    raced = [label for label in prompts(history) if _is_stopped(history, label)]
    found = [finding for label in raced if (finding := _broken(history, label)) is not None]
    untold = [label for label in raced if not _reasons(history, label)]
    if found:
        yield from worst(found)
    elif untold:
        asked = [invoke.index for label in untold for invoke, _ in stops(history, label)]
        why = f"Nobody was told how {joined(untold)} ended, so it is not known what the stop left."
        yield unproven(_ID, None, why, asked)
    elif raced:
        yield _clean(history, raced)


def _is_stopped(history: History, label: str) -> bool:
    """Somebody pressed stop where there is a command for it."""
    answers = [done for _, done in stops(history, label)]
    hung_up = any(done is not None and done.value.get("hangup") for done in answers)
    return bool(answers) and not hung_up and not all(is_unsupported(done) for done in answers)


def _broken(history: History, label: str) -> Finding | None:
    evidence = [event.index for call in stops(history, label) for event in call if event is not None]
    pressed = stops(history, label)[0][0]
    what = f"The {pressed.who} stopped {label} at {at(pressed)}, just when it ended"
    for device, screen in screens(history).items():
        ends = screen.run(label).ends
        if len(ends) > 1:
            told = " and ".join(str(history.events[index].value.get("reason", "unknown")) for index in ends[:3])
            why = f"{what}, and the {device} was told {len(ends)} endings: {told}."
            return gap(_ID, None, why, [*evidence, *ends], value=len(ends), unit="endings")
    reasons = _reasons(history, label)
    if len(reasons) > 1:
        said = joined([f"{reason} ({where})" for reason, (where, _) in reasons.items()])
        indices = [*evidence, *(index for _, index in reasons.values())]
        why = f"{what}; how it ended depends on where you look: {said}."
        return gap(_ID, None, why, indices, value=len(reasons), unit="endings")
    return None


def _reasons(history: History, label: str) -> dict[str, tuple[str, int]]:
    """How a run ended, where it was said first, and by which event. `unknown` contradicts nothing."""
    found: dict[str, tuple[str, int]] = {}
    for ending in endings(history, label):
        if ending.reason != "unknown":
            read = history.events[ending.index].what == "read"
            found.setdefault(ending.reason, ("in the transcript" if read else f"on the {ending.device}", ending.index))
    return found


def _clean(history: History, raced: list[str]) -> Finding:
    ended = Counter(next(iter(_reasons(history, label))) for label in raced)
    said = joined([f"{count} {reason}" for reason, count in sorted(ended.items())])
    why = f"Of {len(raced)} answers that were stopped as they ended, {said}, each with one ending, the same everywhere."
    evidence = [index for label in raced for _, index in _reasons(history, label).values()]
    return passed(_ID, None, why, evidence, value=1, unit="endings")


FINISH_RACE = Rule(
    id=_ID,
    capability=LIVE_CONTROL,
    severity=Severity.MEDIUM,
    title="One ending, whoever is first",
    truth="A stop that meets the natural end of a run leaves exactly one ending, the same on every device.",
    felt="The phone says stopped, the laptop says done, and after a reload it is the other way round.",
    why="The stop and the generator each write an ending of their own, and nothing decides which of them was first.",
    source=("A2A specification, CancelTask (terminal states are final)", "RFC 9110 9.2.2 (idempotent methods)"),
    remedy=Remedy(
        action="Let one place decide how a run ends: a state machine whose first ending counts, stored before it is "
        "told.",
        gain="Every device and every reload agree, and retries are harmless.",
        cost="Endings go through storage with a compare-and-set instead of being sent by whoever notices them.",
        effort="session layer",
    ),
    judge=judge,
)
