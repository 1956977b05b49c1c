"""A run that finished while a device was away: coming back brings all of it, the ending included."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import RESILIENT_DELIVERY
from ..event import Event
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .attendance import attempts, from_start, openings
from .base import Rule
from .delivery import Delivery, delivery
from .facts import accepted, cuts, gone, is_ok, items, prompts
from .marks import marks
from .screen import labels
from .transcript import answers
from .verdicts import gap, passed, unproven, worst
from .wording import listed, outcome


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that was away when a run ended, and came back."""
    for device in history.devices:
        if not gone(history, device):
            runs = (label for label in accepted(history) if from_start(history, label, device))
            yield from worst(_run(history, label, device) for label in runs)


def _run(history: History, label: str, device: str) -> Finding | None:
    if history.meta["contract"].get("disconnect") == "cancel" and prompts(history)[label][0].who == device:
        return None  # it did not finish: losing this device ended it, as declared
    over = _over(history, label, device)
    if any(mark.value.get("device") == device for mark in marks(history, "retention")):
        return None  # it came later than was promised: that is for retention to judge
    cut = max((i for who, i in cuts(history) if over is not None and who == device and i < over.index), default=None)
    if over is None or cut is None or _was_told(history, label, device, cut, over.index):
        return None
    back = next(((i, d) for i, d in attempts(history, device) if i.index > over.index), None)
    return _judge(history, delivery(history, label, device), [cut, over.index], back) if back else None


def _over(history: History, label: str, device: str) -> Event | None:
    """When the run had ended: another device was told so, or the script waited until it must have."""
    told = next((e for e in items(history, label) if e.what == "end" and e.who != device), None)
    marks = (e for e in history.of("stage") if e.what == "mark" and e.value.get("name") == "absent")
    waited = (e for e in marks if e.value.get("until") == "ended" and e.value.get("label", label) == label)
    return told or next(waited, None)


def _was_told(history: History, label: str, device: str, cut: int, over: int) -> bool:
    """It was not away after all: it had seen the ending, or had a stream again before the end."""
    ended = any(e.what == "end" and e.index < over for e in items(history, label, device))
    return ended or any(cut < invoke.index < over for invoke, _ in openings(history, device))


def _judge(history: History, found: Delivery, away: list[int], back: tuple[Event, Event | None]) -> Finding:
    device, label, (invoke, done) = found.device, found.label, back
    evidence = [*away, invoke.index, *([done.index] if done else []), *found.shown.ends, *found.evidence]
    answer = "" if is_ok(done) else f"; its {invoke.what} {outcome(done)}"
    finished, ending = f"{label} ended while the {device} was away", _ending(history, found, done)
    if found.comparison is not None and found.comparison.missing:
        why = f"{finished}, and coming back did not bring {listed(found.comparison.missing, found.total)}{answer}."
        return gap("completion-window", device, why, evidence, value=len(found.comparison.missing), unit="words")
    if not ending:
        why = f"{finished}, and coming back did not tell it how{answer}."
        return gap("completion-window", device, why, evidence, value=0, unit="words")
    if found.comparison is None:
        return unproven("completion-window", device, f"{finished}, and there is nothing to compare its words with.")
    why = f"{finished}, and coming back brought all {found.total} words and its ending ({ending})."
    return passed("completion-window", device, why, evidence, value=0, unit="words")


def _ending(history: History, found: Delivery, done: Event | None) -> str:
    """How the run ended, as far as the device was told; empty when it was not. "Nothing is being streamed", with a
    transcript that never tells endings but holds the answer, is told enough: it is over, and this is all of it."""
    shown = found.shown
    if shown.ending not in (None, "unknown"):
        return str(shown.ending)
    if done is None or not done.value.get("nothing") or shown.ending is not None or not shown.pieces:
        return ""
    read = history.events[shown.pieces[-1][0]]
    answer = answers(read, labels(history)).get(found.label) if read.what == "read" else None
    return "nothing more is streamed" if answer is not None and answer.ending is None else ""


COMPLETION_WINDOW = Rule(
    id="completion-window",
    capability=RESILIENT_DELIVERY,
    severity=Severity.HIGH,
    title="Finished while away",
    truth="An answer that finished while a device was away is there when it comes back, with its ending.",
    felt="The phone comes out of the pocket, and the answer that was being written is gone.",
    why="The stream's buffer is dropped at the end, and the history is written by the browser that was not there, or "
    "only after the stream had closed.",
    source=("vercel/resumable-stream#44", "danny-avila/LibreChat#15966", "cloudflare/agents#1607"),
    remedy=Remedy(
        action="Write the answer and its ending on the server before the live buffer goes; let a resume read both.",
        gain="Whoever comes back late finds the whole answer.",
        cost="The server has to fold and store answers by itself, for as long as the product promises.",
        effort="session layer",
    ),
    judge=judge,
)
