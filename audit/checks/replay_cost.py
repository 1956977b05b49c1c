"""A join costs as much as there is to show, not as many times as there are tokens or joins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..contract import CONTINUITY
from ..event import Event, Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .base import Rule
from .facts import is_ok, ms
from .moments import screen_at
from .screen import label_of, labels
from .verdicts import gap, passed, worst
from .wording import at

_ID = "replay-cost"
_AGAIN = 1.5  # times the text that is shown: a snapshot and its last piece may overlap, a replay of a replay may not
_PER_BYTE = 100.0  # bytes for a byte of text: a token is some four bytes, and an envelope of 400 is a generous one
_WORTH_BYTES = 200  # of text; less than that proves nothing


@dataclass(frozen=True, slots=True)
class _Cost:
    """What a join brought until history was over (or, where no protocol says when that is, until its stream closed).

    said: bytes of text, repeats included. shown: bytes of the text that the device shows by then. received: all bytes.
    """

    join: Event
    over: Event
    said: int
    shown: int
    received: int | None


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that opened the session when there was something to tell."""
    for device in history.devices:
        yield from worst(_judge(history, cost) for cost in _costs(history, device))


def _costs(history: History, device: str) -> Iterator[_Cost]:
    for invoke, done in history.invocations("join", device):
        conn = invoke.value.get("conn")
        later = [e for e in history.of(device) if e.index > invoke.index and e.value.get("conn") == conn]
        over = next((e for e in later if e.what == "caught-up"), None) or next(
            (e for e in later if e.what == "closed"), None
        )
        if is_ok(done) and over is not None and over.phase is Phase.SEEN:
            yield _cost(history, invoke, over, [e for e in later if e.index < over.index])


def _cost(history: History, invoke: Event, over: Event, items: list[Event]) -> _Cost:
    texts = [e for e in items if e.phase is Phase.SEEN and e.what in ("text", "snapshot")]
    said = sum(_size(e.value.get("text")) for e in texts)
    screen = screen_at(history, invoke.who, over.index)
    shown = sum(_size(screen.run(label).text) for label in {label_of(e, labels(history)) for e in texts})
    received = over.value.get("bytes")
    return _Cost(invoke, over, said, shown, received if isinstance(received, int) else None)


def _size(text: object) -> int:
    return len(str(text or "").encode("utf-8", "surrogatepass"))


def _judge(history: History, cost: _Cost) -> Finding | None:
    if cost.shown < _WORTH_BYTES:
        return None
    device, took = cost.join.who, ms(cost.join, cost.over)
    what = (
        f"The {device} opened the session at {at(cost.join)} and showed {cost.shown} bytes of text {took:.0f} ms later"
    )
    evidence = [cost.join.index, cost.over.index]
    if cost.said > _AGAIN * cost.shown:
        why = f"{what}; it was told {cost.said} bytes, {cost.said / cost.shown:.1f} times as many."
        return gap(_ID, device, why, evidence, value=round(cost.said / cost.shown, 2), unit="times")
    if cost.received is None:
        return passed(_ID, device, f"{what}; no text was sent for nothing.", evidence)
    each = round(cost.received / cost.shown, 1)
    why = f"{what}; that took {cost.received} bytes, {each:g} for each of them."
    verdict = gap if each > _PER_BYTE else passed
    return verdict(_ID, device, why, evidence, value=each, unit="bytes per byte")


REPLAY_COST = Rule(
    id=_ID,
    capability=CONTINUITY,
    severity=Severity.LOW,
    title="Joining is cheap",
    truth="The bytes and the time of a join grow with what there is to show, not with tokens times joins.",
    felt="Long chats take longer and longer to open, and on a phone they eat the data plan.",
    why="Every join replays every token with its envelope, or the whole text once for every token of it.",
    source=("langgraphjs#2689", "dreb#365", "omnara#502"),
    remedy=Remedy(
        action="Offer the folded transcript to a device that joins, and the events after it; encode it once for all.",
        gain="A join costs as much as the text, and a crowd of them does not slow the rest.",
        cost="The fold is state of its own, and must agree with the events to the last character.",
        effort="endpoint",
    ),
    judge=judge,
)
