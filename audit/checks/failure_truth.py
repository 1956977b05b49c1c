"""An agent that failed in the middle of its answer reads as failed, on every device and in the transcript."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import RESILIENT_DELIVERY
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .attendance import abandoned, attempts, connected, settled
from .base import Rule
from .facts import accepted, came_back, cuts, final_reads, gone
from .marks import marks
from .screen import Shown, labels, screens
from .transcript import answers
from .verdicts import gap, passed, unproven, worst

_ID = "failure-truth"


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that shows something of a run whose agent was made to fail."""
    failed = [label for mark in marks(history, "fails") if (label := str(mark.value.get("label"))) in accepted(history)]
    for device, screen in screens(history).items():
        if not _left_out(history, device):
            yield from worst(_judge(history, device, label, screen.run(label)) for label in failed)


def _left_out(history: History, device: str) -> bool:
    """Gone, or never let back in: the words it lacks are for loss to find."""
    cut = [index for who, index in cuts(history) if who == device]
    tried = any(cut and invoke.index > cut[0] for invoke, _ in attempts(history, device))
    never_back = tried and not came_back(history, device) and not connected(history, device)
    return gone(history, device) or abandoned(history, device) or never_back


def _judge(history: History, device: str, label: str, shown: Shown) -> Finding | None:
    written = _written(history, device, label)
    if written is not None:
        return written
    if not shown.pieces and not shown.ends:
        return None
    evidence = [*[index for index, _ in shown.pieces[-1:]], *shown.ends]
    if shown.ending == "failed":
        return passed(_ID, device, f"The {device} was told that {label} failed.", evidence)
    if shown.ending is None:
        return _untold(history, device, label, evidence)
    told = "over, and not how" if shown.ending == "unknown" else shown.ending
    why = f"The agent of {label} failed in the middle of its answer, and the {device} was told that it is {told}."
    return gap(_ID, device, why, evidence)


def _written(history: History, device: str, label: str) -> Finding | None:
    """The transcript that a device fetched last says that the run ended otherwise."""
    for read in final_reads(history)[-1:]:
        answer = answers(read, labels(history)).get(label)
        if read.who == device and answer is not None and answer.ended and answer.ending != "failed":
            why = f"The agent of {label} failed, and the transcript that the {device} reads says {answer.ending}."
            return gap(_ID, device, why, [read.index])
    return None


def _untold(history: History, device: str, label: str, evidence: list[int]) -> Finding:
    """It shows a part of the answer and no ending: its stream is over, or it was waited for in vain."""
    last, note = evidence[0], settled(history)
    closes = (e for e in history.of(device) if e.what == "closed" and e.index > last)
    closed = next((e for e in closes if e.value.get("how") in ("clean", "fin", "rst")), None)
    if closed is not None and not connected(history, device):
        why = f"The agent of {label} failed, and all that the {device} could see is that its stream was over."
        return gap(_ID, device, why, [*evidence, closed.index])
    if note is not None and note.value.get("why") == "deadline":
        why = f"The agent of {label} failed, and the {device} was never told: it still waits for the rest."
        return gap(_ID, device, why, [*evidence, note.index])
    return unproven(_ID, device, f"The {device} was not there for long enough to be told how {label} ended.", evidence)


FAILURE_TRUTH = Rule(
    id=_ID,
    capability=RESILIENT_DELIVERY,
    severity=Severity.HIGH,
    title="A failure reads as a failure",
    truth="An answer whose agent failed reads as failed on every device, those that come back or come later too.",
    felt="Half an answer looks like a whole one, or a spinner turns for ever over an answer that will never go on.",
    why="The error goes to the connection that asked and is not kept, or the end of the stream is taken for the end "
    "of the answer, so that whoever comes back finds a text without a word about what happened to it.",
    source=(
        "ironclaw#6337",
        "RFC 9112 section 8",
        "OpenAI Responses (response.failed)",
        "a2aproject/a2a-python#464",
    ),
    remedy=Remedy(
        action="Write the failure into the session as the run's ending, as you write a completed one, and send it to "
        "everyone who follows or resumes.",
        gain="People see that an answer is incomplete, on whatever device, and can ask again.",
        cost="Every way an agent can die has to write that ending, the death of its process included.",
        effort="endpoint",
    ),
    judge=judge,
)
