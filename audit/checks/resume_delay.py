"""How long it takes from asking to resume to the first new item on the screen."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from ..contract import RESILIENT_DELIVERY
from ..event import Event, Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .base import Rule
from .facts import is_ok, ms
from .starved import fair
from .verdicts import gap, passed

BUDGET_MS = 2_000.0  # people take a pause of over two seconds for a failure
BUDGET_PACES = 50  # a slow agent has nothing to send at once: then so many times its own pace
_SHOWS = frozenset({"text", "snapshot", "end"})


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device whose resume brought something."""
    for device in history.devices:
        found = list(_yields(history, device))
        if found:
            yield _judge(history, device, found)


def _judge(history: History, device: str, found: list[tuple[Event, Event]]) -> Finding:
    budget = max(BUDGET_MS, BUDGET_PACES * float(history.meta["deadlines"].get("pace_ms") or 0.0))
    waits = [ms(invoke, first) for invoke, first in found]
    invoke, first = max(found, key=lambda pair: ms(*pair))
    middle, evidence = median(waits), [invoke.index, first.index]
    of_limit = max(waits) / budget
    if max(waits) > budget:
        why = f"The {device} waited {max(waits):.0f} ms for the first item after its resume (budget {budget:.0f} ms)."
        found_late = gap("resume-delay", device, why, evidence, value=middle, unit="ms", of_limit=of_limit)
        return fair(found_late, history, invoke, first, budget)
    why = f"The {device} had its first item {middle:.0f} ms after its resume (budget {budget:.0f} ms)."
    return passed("resume-delay", device, why, evidence, value=middle, unit="ms", of_limit=of_limit)


def _yields(history: History, device: str) -> Iterator[tuple[Event, Event]]:
    """Each resume that was not refused and the first thing it put on the screen, if it did before the next one."""
    calls = [(invoke, done) for invoke, done in history.invocations("resume", device) if done is not None]
    until = [*(invoke.index for invoke, _ in calls[1:]), len(history.events)]
    for (invoke, done), end in zip(calls, until, strict=False):
        if not is_ok(done):
            continue  # a transcript shown in its place says nothing of how fast a resume is
        conn = done.value.get("conn", invoke.value.get("conn"))
        later = (e for e in history.events[invoke.index : end] if e.who == device)
        first = next((e for e in later if _shows(e, conn)), None)
        if first is not None:
            yield invoke, first


def _shows(event: Event, conn: object) -> bool:
    """An item on the resumed stream, or the transcript shown in its place."""
    if event.what == "read":
        return event.phase is Phase.OK and bool(event.value.get("shown"))
    return event.phase is Phase.SEEN and event.what in _SHOWS and event.value.get("conn") == conn


RESUME_DELAY = Rule(
    id="resume-delay",
    capability=RESILIENT_DELIVERY,
    severity=Severity.MEDIUM,
    title="Resuming is quick",
    truth="After a resume the first new item is there within two seconds (or fifty times the agent's own pace).",
    felt="After every short loss of signal the answer stands still for seconds.",
    why="The resume replays everything from the start, polls a store, or waits for the producer to notice it.",
    source=("Nielsen 1993, response times", "langchain-ai/langgraphjs#2689", "WHATWG HTML 9.2 (reconnection time)"),
    remedy=Remedy(
        action="Seek in the log by cursor instead of replaying it, and push live items instead of polling for them.",
        gain="Coming back feels as if one had never been away.",
        cost="The log needs an index by cursor and a way to wake waiting subscribers.",
        effort="endpoint",
    ),
    judge=judge,
)
