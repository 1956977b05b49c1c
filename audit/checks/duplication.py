"""Nothing is shown twice, once a device has dropped the repeats that the target documents how to drop."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import RESILIENT_DELIVERY
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .base import Rule
from .delivery import Delivery, delivery
from .facts import accepted
from .verdicts import gap, passed, unproven, worst
from .wording import listed


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that shows anything of a run."""
    for device in history.devices:
        shares = (delivery(history, label, device) for label in accepted(history))
        yield from worst(_judge(share) for share in shares if share.words)


def _judge(found: Delivery) -> Finding:
    device, label = found.device, found.label
    if found.comparison is None:
        return unproven("duplication", device, f"There is nothing to compare {label} on the {device} with.")
    repeated = found.comparison.repeated
    if not repeated:
        why = f"The {device} shows no word of {label} twice{_dropped(len(found.shown.repeats))}."
        return passed("duplication", device, why, found.shown.repeats, value=0, unit="words")
    why = f"The {device} shows a second time {listed([word.text for word in repeated], found.total)} of {label}."
    evidence = [*_first_showings(found), *(word.index for word in repeated), *found.evidence]
    return gap("duplication", device, why, evidence, value=len(repeated), unit="words")


def _dropped(repeats: int) -> str:
    """What the target sent twice and its own de-duplication removes."""
    return f"; {repeats} item{'s' if repeats > 1 else ''} sent again could be dropped by cursor" if repeats else ""


def _first_showings(found: Delivery) -> Iterator[int]:
    """Where the first repeated word stood before."""
    first = found.comparison.repeated[0].text if found.comparison else ""
    yield from [word.index for word in found.words if word.text == first][:1]


DUPLICATION = Rule(
    id="duplication",
    capability=RESILIENT_DELIVERY,
    severity=Severity.HIGH,
    title="Nothing is shown twice",
    truth="No word is shown twice after the target's own documented de-duplication.",
    felt="After a short loss of signal part of the answer is on the screen twice.",
    why="A resume sends again what the device already has, and nothing in the items lets the device tell.",
    source=(
        "WHATWG HTML 9.2.3 (Last-Event-ID)",
        "openai/openai-node#1983",
        "vercel/ai#18457",
        "cloudflare/agents#1733",
    ),
    remedy=Remedy(
        action="Give every item a cursor of its own, resume strictly after the cursor that was sent, and tell clients "
        "to drop an item whose cursor they have.",
        gain="A replay can never show twice, however often it is sent.",
        cost="Every item carries an id, and clients have to remember the last one.",
        effort="endpoint",
    ),
    judge=judge,
)
