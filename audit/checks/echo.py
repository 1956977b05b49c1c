"""A prompt sent on one device appears on the others, once."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import CONTINUITY
from ..event import Event, Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .attendance import abandoned, attempts
from .base import Rule
from .facts import Call, gone, is_ok, is_unsupported, texts
from .screen import screens
from .verdicts import gap, passed, worst
from .wording import at, outcome


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that others prompted beside, and for a sender that shows its own prompt twice."""
    for device in history.devices:
        if not gone(history, device) and not abandoned(history, device):
            yield from worst(_judge(history, device, text, calls) for text, calls in _sent(history).items())


def _sent(history: History) -> dict[str, list[Call]]:
    """Text → the prompts with this text that were accepted. Equal texts cannot be told apart, only counted."""
    found: dict[str, list[Call]] = {}
    for invoke, done in history.invocations("prompt"):
        label = str(invoke.value.get("label", ""))
        refused = done is not None and done.phase is Phase.FAIL
        if is_ok(done) or (not refused and texts(history, label)):
            found.setdefault(_plain(invoke.value.get("text", "")), []).append((invoke, done))
    return found


def _plain(text: object) -> str:
    return " ".join(str(text).split())


def _judge(history: History, device: str, text: str, calls: list[Call]) -> Finding | None:
    shown = [index for index, _, said in screens(history)[device].prompts if _plain(said) == text]
    senders = {invoke.who for invoke, _ in calls}
    keys = {invoke.value.get("key", invoke.index) for invoke, _ in calls}
    invoke = calls[0][0]
    what = f"the {invoke.who}'s prompt for {invoke.value.get('label')} at {at(invoke)}"
    if len(shown) > len(calls):
        why = f"The {device} shows {what} {len(shown)} times."
        return gap("echo", device, why, [invoke.index, *shown], value=len(shown), unit="times")
    if device in senders:
        return None
    refused = _refusal(history, device)
    if refused is not None and len(shown) < len(keys):
        why = f"The {device} cannot be told of {what}: a join {outcome(refused)}."
        return gap("echo", device, why, [invoke.index, refused.index])
    joined = _joined(history, device)
    if not joined:
        return None
    if len(shown) < len(keys):
        evidence = [invoke.index, *shown, *joined]
        return gap("echo", device, f"The {device} never showed {what}.", evidence, value=len(shown), unit="times")
    return passed("echo", device, f"The {device} shows {what} once.", [invoke.index, *shown], value=1, unit="times")


def _refusal(history: History, device: str) -> Event | None:
    """The target offers this device no way to join."""
    answers = [done for _, done in history.invocations("join", device)]
    return answers[-1] if answers and all(is_unsupported(done) for done in answers) else None


def _joined(history: History, device: str) -> list[int]:
    """When it became part of the session: it had a stream, or it shows a transcript."""
    opened = (done for _, done in attempts(history, device) if is_ok(done) and done and not done.value.get("nothing"))
    reads = (e for e in history.of(device) if e.what == "read" and e.phase is Phase.OK and e.value.get("shown"))
    return [event.index for event in (*opened, *reads)]


ECHO = Rule(
    id="echo",
    capability=CONTINUITY,
    severity=Severity.HIGH,
    title="Prompts appear everywhere",
    truth="A prompt sent on one device appears on every other one, exactly once.",
    felt="The other screen shows an answer to a question that it never shows, or your question twice.",
    why="Only answers are streamed; the sender draws its own prompt, and nobody tells the other devices about it.",
    source=("Ably AI Transport: useChat sees only its own sends", "coder/blink#141"),
    remedy=Remedy(
        action="Append every prompt to the session like any other event, under the id the sender gave it.",
        gain="Every device shows the whole conversation, and the sender can match its own prompt.",
        cost="Senders must replace what they drew at once by what comes back.",
        effort="endpoint",
    ),
    judge=judge,
)
