"""A cursor that is no good is refused or answered with a named gap; it never succeeds quietly."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import RESILIENT_DELIVERY
from ..event import Event, Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .attendance import disrupted, settled
from .base import Rule
from .facts import accepted, final_reads, is_ok, is_unsupported, prompts, texts
from .marks import marks
from .screen import labels
from .transcript import answers
from .verdicts import gap, passed, unproven, worst_of_each
from .wording import joined, outcome

_ID = "cursor-honesty"
_ADMITS = frozenset({"gap", "reset", "snapshot"})  # what tells a device that it does not simply go on


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that came back with a cursor that was never good, or had stopped being good."""
    if history.meta["traits"]["cursor"] != "none":
        yield from worst_of_each([*_forged(history), *_outlived(history)])


def _forged(history: History) -> Iterator[Finding]:
    for mark in marks(history, "cursor"):
        device = str(mark.value.get("device"))
        tries = (call for call in history.invocations("resume", device) if call[0].index > mark.index)
        invoke, done = next(tries, (None, None))
        if invoke is not None and not is_unsupported(done):
            yield _judge(history, mark, invoke, done)


def _judge(history: History, mark: Event, invoke: Event, done: Event | None) -> Finding:
    device, kind = invoke.who, str(mark.value.get("kind"))
    evidence = [mark.index, invoke.index, *([done.index] if done else [])]
    what = f"The {device} came back with {_named(kind)}"
    if done is None or done.phase is Phase.INFO:
        return unproven(_ID, device, f"{what}, and its resume {outcome(done)}.", evidence)
    if done.phase is Phase.FAIL:
        return passed(_ID, device, f"{what}, and its resume {outcome(done)}.", evidence)
    if done.value.get("nothing"):
        return gap(_ID, device, f"{what}, and was told that there was nothing to resume.", evidence)
    came = _came(history, invoke, done)
    admitted = next((event for event in came if event.what in _ADMITS), None)
    if admitted is not None or done.value.get("recovered") is False:
        why = f"{what}, and was told that it cannot go on from there."
        return passed(_ID, device, why, [*evidence, *([admitted.index] if admitted else [])])
    if not came and (settled(history) is None or disrupted(history, device, done.index, len(history.events) - 1)):
        return unproven(_ID, device, f"{what}; its new stream was over before it could say anything.", evidence)
    words = [event for event in came if event.what == "text"]
    brought = f"brought {len(words)} pieces of text as if nothing were wrong" if words else "brought nothing"
    why = f"{what}: the resume succeeded and {brought}."
    return gap(_ID, device, why, [*evidence, *(event.index for event in words[:1] + words[-1:])])


def _named(kind: str) -> str:
    said = {"garbage": "a cursor that is no cursor", "future": "a cursor from the future"}
    return said.get(kind, "a cursor of another session")


def _came(history: History, invoke: Event, done: Event) -> list[Event]:
    """All that the new stream brought but heartbeats; items may come before the answer is recorded."""
    conn, later = done.value.get("conn", invoke.value.get("conn")), history.events[invoke.index :]
    seen = (e for e in later if e.who == invoke.who and e.phase is Phase.SEEN and e.value.get("conn") == conn)
    return [event for event in seen if event.what not in ("ping", "closed", "presence")]


def _outlived(history: History) -> Iterator[Finding]:
    """The log that a cursor was of is gone, and the cursor is taken for one of the log that has come in its place."""
    restarted = next((e for e in history.of("stage") if e.what == "hook" and e.value.get("state") == "done"), None)
    if restarted is None:
        return
    lost = _lost(history, restarted)
    for device in history.devices:
        for invoke, done in history.invocations("resume", device):
            if not lost or invoke.index < restarted.index or not is_ok(done) or done is None:
                continue
            admitted = done.value.get("recovered") is False
            if invoke.value.get("cursor") and not admitted and _took_part(history, lost, device, restarted):
                yield _resumed(history, lost, invoke, done)


def _lost(history: History, restarted: Event) -> list[str]:
    """Labels of which words had been seen before the restart, and of which the last transcript holds nothing."""
    reads = final_reads(history)
    if not reads:
        return []
    held = answers(reads[-1], labels(history))
    asked = [label for label in accepted(history) if prompts(history)[label][0].index < restarted.index]
    begun = [label for label in asked if any(e.index < restarted.index for e in texts(history, label))]
    return [label for label in begun if not (label in held and held[label].text.strip())]


def _took_part(history: History, lost: list[str], device: str, restarted: Event) -> bool:
    return any(e.index < restarted.index for label in lost for e in texts(history, label, device))


def _resumed(history: History, lost: list[str], invoke: Event, done: Event) -> Finding:
    device, gone = invoke.who, joined(lost)
    admitted = next((event for event in _came(history, invoke, done) if event.what in _ADMITS), None)
    evidence = [invoke.index, done.index, final_reads(history)[-1].index]
    if admitted is not None:
        why = f"After the restart, which lost {gone}, the {device} was told that its cursor is no good any more."
        return passed(_ID, device, why, [*evidence, admitted.index])
    why = (
        f"The restart lost {gone}, and still the {device} could go on from a cursor of it: what came then is of "
        "another log, and nothing says so."
    )
    return gap(_ID, device, why, evidence)


CURSOR_HONESTY = Rule(
    id=_ID,
    capability=RESILIENT_DELIVERY,
    severity=Severity.HIGH,
    title="A bad cursor is told so",
    truth="A cursor that is garbage, from the future, or of another log gets a refusal or a named gap, never a quiet "
    "success.",
    felt="The app reconnects, everything looks fine, and part of the answer is missing or belongs to something else.",
    why="The server compares numbers and nothing more: what is no number counts as 0 or as the end, and a number of "
    "one log is good for any other.",
    source=("durable-streams/durable-streams (recreated stream)", "LangGraph join_stream", "dust-tt/dust#27032"),
    remedy=Remedy(
        action="Put the log's own incarnation into every cursor and check both parts; answer what does not fit with a "
        "refusal, or with a gap and everything there is.",
        gain="A client knows when it has to start over, so it never shows a wrong answer as a whole one.",
        cost="Clients have to handle the refusal: forget what they have and load the history.",
        effort="endpoint",
    ),
    judge=judge,
)
