"""Words arrive in the order in which they were said, also over the seam of a resume."""

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
        return unproven("order", device, f"There is nothing to compare the order of {label} on the {device} with.")
    late = found.comparison.reordered
    if not late:
        why = f"The {device} shows the {len(found.words)} words of {label} in order."
        return passed("order", device, why, found.evidence, value=0, unit="words")
    said = listed([word.text for word in late], found.total)
    why = f"The {device} shows after later words of {label} what was said before them: {said}."
    evidence = [*_before(found), *(word.index for word in late), *found.evidence]
    return gap("order", device, why, evidence, value=len(late), unit="words")


def _before(found: Delivery) -> Iterator[int]:
    """The word in front of the first one that came too late."""
    first = found.comparison.reordered[0] if found.comparison else None
    if first in found.words[1:]:
        yield found.words[found.words.index(first) - 1].index


ORDER = Rule(
    id="order",
    capability=RESILIENT_DELIVERY,
    severity=Severity.CRITICAL,
    title="Order is kept",
    truth="Items arrive in the order of the log, also over the seam of a resume.",
    felt="The answer reads as nonsense: sentences stand in the wrong place.",
    why="Replayed and live items come over two paths and are joined by arrival, not by position.",
    source=("vercel/resumable-stream", "Centrifugo 6: history recovery by offset and epoch"),
    remedy=Remedy(
        action="Serve history and live items of a subscription from one ordered log: catch up first, then follow it.",
        gain="There is no seam at which order could break.",
        cost="A device that resumes gets live items only after it has caught up.",
        effort="session layer",
    ),
    judge=judge,
)
