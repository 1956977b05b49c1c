"""Every run ends once on every device, in a way that tells completed, stopped, failed and cut apart."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import RESILIENT_DELIVERY
from ..event import Event
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .attendance import abandoned, attempts, connected, settled
from .base import Rule
from .facts import accepted, came_back, cuts, gone
from .screen import Shown, screens
from .verdicts import gap, passed, worst


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that shows a run and was there, or back, to be told how it ended."""
    for device, screen in screens(history).items():
        if not _left_out(history, device):
            runs = ((label, screen.run(label)) for label in accepted(history))
            yield from worst(_judge(history, device, label, shown) for label, shown in runs if shown.pieces)


def _left_out(history: History, device: str) -> bool:
    """Gone, taken away, or cut and never let back in: the last one is loss, and judged there."""
    cut = [index for who, index in cuts(history) if who == device]
    tried = [invoke for invoke, _ in attempts(history, device) if cut and invoke.index > cut[0]]
    never_back = bool(tried) and not came_back(history, device) and not connected(history, device)
    return gone(history, device) or abandoned(history, device) or never_back


def _judge(history: History, device: str, label: str, shown: Shown) -> Finding | None:
    ends, last = shown.ends, shown.pieces[-1][0]
    if not ends:
        return _untold(history, device, label, last)
    if len(ends) > 1:
        why = f"The {device} was told {len(ends)} times that {label} had ended."
        return gap("termination", device, why, ends, value=len(ends), unit="endings")
    if shown.ending == "unknown":
        why = f"The {device} was told that {label} had ended, but not whether it was completed, stopped or failed."
        return gap("termination", device, why, ends, value=1, unit="endings")
    late = [index for index, _ in shown.pieces if index > ends[0] > shown.restated]
    if late:
        why = f"Text of {label} still came to the {device} after it had been told that {label} had ended."
        return gap("termination", device, why, [*ends, *late], value=1, unit="endings")
    why = f"The {device} was told once that {label} had ended: {shown.ending}."
    return passed("termination", device, why, ends, value=1, unit="endings")


def _untold(history: History, device: str, label: str, last: int) -> Finding | None:
    """No ending: a gap where the stream said nothing until the deadline, or closed in good order without one."""
    closed = _closed(history, device, last)
    if closed is not None and closed.value.get("how") == "clean":
        why = f"The stream of {label} to the {device} closed in good order without an ending."
        return gap("termination", device, why, [last, closed.index], value=0, unit="endings")
    note = settled(history)
    if note is not None and note.value.get("why") == "deadline" and connected(history, device):
        why = f"The {device} was still connected when {label} must have ended long since, and was never told an ending."
        return gap("termination", device, why, [last, note.index], value=0, unit="endings")
    return None


def _closed(history: History, device: str, last: int) -> Event | None:
    """The close of the connection that brought the last piece of text."""
    conn = history.events[last].value.get("conn")
    closes = (e for e in history.of(device) if e.what == "closed" and e.index > last and e.value.get("conn") == conn)
    return next(closes, None)


TERMINATION = Rule(
    id="termination",
    capability=RESILIENT_DELIVERY,
    severity=Severity.HIGH,
    title="Every run ends once",
    truth="Every run ends exactly once on every device, and the wire tells completed, stopped, failed and cut apart.",
    felt="The spinner never stops, or a half answer looks finished.",
    why="The end of the connection is taken for the end of the answer, so nothing tells a finished run from a cut one.",
    source=("langchain-ai/langgraph (run stream)", "dust-tt/dust#27032", "ironclaw#6337", "RFC 9112 section 8"),
    remedy=Remedy(
        action="Send one explicit ending with its reason as the last event of every run, and store it with the run.",
        gain="Clients can tell a finished answer from a lost connection, and know when to resume.",
        cost="Every way a run can end has to write that event, crashes included.",
        effort="endpoint",
    ),
    judge=judge,
)
