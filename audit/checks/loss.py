"""Every word that was said reaches every device that followed the run."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import RESILIENT_DELIVERY
from ..event import Event
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .attendance import abandoned, attempts, from_start
from .base import Rule
from .delivery import Delivery, delivery
from .facts import accepted, cuts, gone, is_ok, prompts, sightings
from .oracle import Oracle
from .verdicts import gap, passed, unproven, worst
from .wording import listed, outcome


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that followed a run from its start and was not taken away for good."""
    for device in history.devices:
        if not gone(history, device) and not abandoned(history, device):
            runs = (label for label in accepted(history) if _followed(history, label, device))
            yield from worst(_judge(history, delivery(history, label, device)) for label in runs)


def _followed(history: History, label: str, device: str) -> bool:
    """It was there from the first word. One that never got any though nothing happened to it does not follow others'
    runs at all: that is for live-view, join and convergence to find."""
    asked = prompts(history)[label][0].who == device
    took_part = asked or bool(sightings(history, label, device)) or any(who == device for who, _ in cuts(history))
    return took_part and from_start(history, label, device)


def _judge(history: History, found: Delivery) -> Finding | None:
    device, label = found.device, found.label
    if found.oracle is None or found.comparison is None:
        return unproven("loss", device, f"There is nothing to compare the words of {label} on the {device} with.")
    if not found.oracle.words:
        return None  # the run ended before it had said anything
    missing = found.comparison.missing
    if not missing:
        why = f"The {device} shows all {found.total} words of {label}."
        return passed("loss", device, why, found.evidence, value=0, unit="words")
    why = f"The {device} never showed {listed(missing, found.total)} of {label}; {_held(found.oracle)}"
    refused = _refusal(history, device)
    why += f", and its {refused.what} {outcome(refused)}." if refused else "."
    return gap("loss", device, why, _evidence(history, found, refused), value=len(missing), unit="words")


def _held(oracle: Oracle) -> str:
    said = {"witness": f"the {oracle.source} showed them", "final-read": "the transcript holds them"}
    return said.get(oracle.kind, "the prompt asked for them")


def _refusal(history: History, device: str) -> Event | None:
    """The last attempt to come back, if it failed."""
    tried = attempts(history, device)
    done = tried[-1][1] if tried else None
    return done if done is not None and not is_ok(done) else None


def _evidence(history: History, found: Delivery, refused: Event | None) -> Iterator[int]:
    """The prompt, the cuts, the attempts to come back, the last word shown, and what settles the oracle."""
    yield from (invoke.index for invoke, _ in history.invocations("prompt") if invoke.value.get("label") == found.label)
    yield from (index for who, index in cuts(history) if who == found.device)
    yield from (invoke.index for invoke, _ in attempts(history, found.device))
    yield from (word.index for word in found.words[-1:])
    yield from (refused.index,) if refused else ()
    yield from found.evidence


LOSS = Rule(
    id="loss",
    capability=RESILIENT_DELIVERY,
    severity=Severity.CRITICAL,
    title="Nothing is lost",
    truth="Every word that was said reaches every device that comes back.",
    felt="The answer stops in the middle of a sentence, or has a hole in it, and the rest never comes.",
    why="The answer exists only in the connection that carries it: nothing keeps what was sent while nobody was "
    "listening, or the cursor of a resume points past it.",
    source=(
        "WHATWG HTML 9.2.3 (Last-Event-ID)",
        "langchain-ai/langgraph#8112",
        "cloudflare/agents#1607",
        "modelcontextprotocol/typescript-sdk#2499",
    ),
    remedy=Remedy(
        action="Append every event of an answer to a log of the session, give each one a cursor, and let devices "
        "resume from the last cursor they have.",
        gain="A dropped connection costs the user nothing; any device can read on from where it was.",
        cost="Every event is stored for as long as a resume is promised, and is written before it is sent.",
        effort="session layer",
    ),
    judge=judge,
)
