"""A 429 or 503 on the way back is no end: it says when to come again, and coming again works."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import RESILIENT_DELIVERY
from ..event import Event, Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .attendance import attempts
from .base import Rule
from .facts import Call, is_ok, ms
from .verdicts import gap, passed, unproven, worst_of_each
from .wording import outcome

_ID = "refused-reconnect"
_STATUS = (429, 503)
_CODES = frozenset({"rate-limited", "full", "draining"})


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that was sent away for now when it wanted a stream."""
    yield from worst_of_each(
        _judge(history, invoke, done)
        for device in history.devices
        for invoke, done in attempts(history, device)
        if done is not None and _sent_away(done)
    )


def _sent_away(done: Event) -> bool:
    return done.phase is Phase.FAIL and (done.value.get("status") in _STATUS or done.value.get("code") in _CODES)


def _judge(history: History, invoke: Event, done: Event) -> Finding:
    device, hint = invoke.who, done.value.get("retry_ms")
    what = f"The {invoke.what} of the {device} {outcome(done)}"
    if hint is None:
        why = f"{what}, with no word of when to come again: neither Retry-After nor a delay of its own."
        return gap(_ID, device, why, [invoke.index, done.index])
    later = [call for call in attempts(history, device) if call[0].index > done.index]
    back = next((again for _, again in later if is_ok(again)), None)
    if back is not None:
        why = f"{what} and said to come again in {hint:g} ms; coming again worked."
        return passed(_ID, device, why, [invoke.index, done.index, back.index])
    patient = [call for call in later if ms(done, call[0]) >= hint]
    if not patient:
        why = f"{what} and said to come again in {hint:g} ms; the {device} did not try after that."
        return unproven(_ID, device, why, [invoke.index, done.index])
    why = f"{what} and said to come again in {hint:g} ms; that was not answered with a stream either."
    return gap(_ID, device, why, [invoke.index, done.index, *_last(patient)])


def _last(calls: list[Call]) -> list[int]:
    invoke, done = calls[-1]
    return [invoke.index, *([done.index] if done else [])]


REFUSED_RECONNECT = Rule(
    id=_ID,
    capability=RESILIENT_DELIVERY,
    severity=Severity.MEDIUM,
    title="Sent away, but not for good",
    truth="A 429 or 503 on a reconnect says when to come again, and coming again works.",
    felt="After a short overload the app stays dead until the page is reloaded, or everybody comes back at once.",
    why="A proxy or limiter answers without a delay, and clients either give up on the first refusal or retry in step.",
    source=("RFC 9110 10.2.3 (Retry-After)", "RFC 6585 4 (429)", "WHATWG HTML 9.2 (retry)", "cetacean#148"),
    remedy=Remedy(
        action="Send Retry-After (another delay for everybody) with every 429 and 503, and let clients wait so long.",
        gain="An overload, or a deploy, passes without anybody noticing more than a pause.",
        cost="The delay has to be set where the refusal is made: in the server and in the proxy before it.",
        effort="configuration",
    ),
    judge=judge,
)
