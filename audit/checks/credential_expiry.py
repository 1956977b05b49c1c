"""A credential that expires in the middle of an answer is renewed, and nothing of the answer is lost."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import RESILIENT_DELIVERY
from ..event import Event, Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .attendance import attempts
from .base import Rule
from .delivery import delivery
from .facts import accepted, endings, is_ok, items, prompts, texts
from .verdicts import gap, passed, unproven, worst_of_each
from .wording import at, listed, outcome

_ID = "credential-expiry"


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that got another credential."""
    yield from worst_of_each(
        _judge(history, label, renewed)
        for renewed in history.events
        if renewed.what == "renewed" and renewed.phase is Phase.NOTE
        for label in accepted(history)
        if prompts(history)[label][0].index < renewed.index
    )


def _judge(history: History, label: str, renewed: Event) -> Finding:
    device, when = renewed.who, f"The credential of the {renewed.who} expired while {label} was being written"
    lost = _lost(history, renewed)
    if lost is None:
        over = any(e.what == "end" and e.index < renewed.index for e in items(history, label, device))
        if over and not _more(history, label, device, renewed):
            return unproven(_ID, device, f"{label} was over before the credential of the {device} expired.")
    ending = _false_ending(history, label, renewed)
    if ending is not None:
        why = f"{when}, and that looked like an ending: {ending.value.get('reason', 'nothing more to come')}."
        return gap(_ID, device, why, [ending.index, renewed.index])
    if lost is None:
        return passed(_ID, device, f"{when}, and its stream went on all the same.", [renewed.index])
    evidence = [lost.index, renewed.index]
    after = [call for call in attempts(history, device) if call[0].index > renewed.index]
    if not after:
        return unproven(_ID, device, f"{when}, and the {device} did not come back with a fresh one.", evidence)
    if not any(is_ok(done) for _, done in after):
        invoke, done = after[-1]
        why = f"{when}; with a fresh one, its {invoke.what} {outcome(done)}."
        return gap(_ID, device, why, [*evidence, invoke.index, *([done.index] if done else [])])
    return _resumed(history, label, renewed, when, [*evidence, after[0][0].index])


def _resumed(history: History, label: str, renewed: Event, when: str, evidence: list[int]) -> Finding:
    device = renewed.who
    broken = [each for each in endings(history, label) if each.reason in ("failed", "stopped", "superseded")]
    if broken:
        why = f"{when}, and {label} ended {broken[0].reason}, though nobody had stopped it."
        return gap(_ID, device, why, [*evidence, broken[0].index])
    found = delivery(history, label, device)
    if found.comparison is None:
        return unproven(_ID, device, f"{when}; there is nothing to compare its words with.", evidence)
    missing = found.comparison.missing
    if missing:
        why = f"{when}; with a fresh one it came back, and never showed {listed(missing, found.total)}."
        return gap(_ID, device, why, [*evidence, *found.evidence], value=len(missing), unit="words")
    why = f"{when}; with a fresh one it came back at {at(history.events[evidence[-1]])} and lacks nothing."
    return passed(_ID, device, why, [*evidence, *found.evidence], value=0, unit="words")


def _lost(history: History, renewed: Event) -> Event | None:
    """The stream that the device lost before it had another credential."""
    mine = (e for e in history.of(renewed.who) if e.index < renewed.index and e.what == "closed")
    return next((e for e in mine if e.value.get("how") != "local"), None)


def _more(history: History, label: str, device: str, renewed: Event) -> bool:
    """Did somebody else get words of the run after this device was told of its end?"""
    told = next((e for e in items(history, label, device) if e.what == "end" and e.index < renewed.index), None)
    return told is not None and any(e.who != device and e.index > told.index for e in texts(history, label))


def _false_ending(history: History, label: str, renewed: Event) -> Event | None:
    """An ending, or "nothing to resume", that the device was told while others still got words of the run."""
    device = renewed.who
    ends = [e for e in items(history, label, device) if e.what == "end" and e.index < renewed.index]
    done = (d for _, d in attempts(history, device) if d is not None and d.index < renewed.index)
    nothing = [d for d in done if is_ok(d) and d.value.get("nothing")]
    later = [e.index for e in texts(history, label) if e.who != device]
    return next((e for e in [*ends, *nothing] if any(index > e.index for index in later)), None)


CREDENTIAL_EXPIRY = Rule(
    id=_ID,
    capability=RESILIENT_DELIVERY,
    severity=Severity.MEDIUM,
    title="An expired credential costs a pause",
    truth="When a credential expires during an answer, a fresh one carries on; a 401 never looks like the end.",
    felt="A long answer stops after exactly an hour; the app shows it as finished, or asks to log in and has lost it.",
    why="A stream is checked once, when it opens; the reconnect that follows carries the old token, and its 401 is "
    "taken for the end of the stream.",
    source=("twentyhq/twenty#18928", "WeKnora#3028", "aws-blocks#503", "RFC 9110 15.5.2 (401)", "RFC 6750 3.1"),
    remedy=Remedy(
        action="Let clients get a fresh token when a stream ends or answers 401, and resume with it from their cursor; "
        "tell them before it expires, where the protocol can.",
        gain="Tokens can be short-lived without anybody noticing.",
        cost="The client needs a way to get a token without the user, and the server must not tie a run to a token.",
        effort="endpoint",
    ),
    judge=judge,
)
