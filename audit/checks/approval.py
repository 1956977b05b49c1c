"""What an agent asks for survives reloads, and is answered once, from any device."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import CONTINUITY
from ..event import Event, Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .attendance import abandoned, openings
from .base import Rule
from .facts import Call, gone, is_ok
from .marks import marks
from .verdicts import gap, passed, unproven, worst
from .wording import at, outcome

_ID = "approval"


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that could have seen or answered what was asked, and one for the trial when nothing
    was asked of anybody."""
    requests = _requests(history)
    for device in history.devices:
        found = (_judge(history, id, asked, device) for id, asked in requests.items())
        yield from worst(found)
    if not requests and marks(history, "asks"):
        yield unproven(_ID, None, "No agent asked for an approval, so nothing tells what becomes of one.")


def _requests(history: History) -> dict[str, Event]:
    """Id → the first time that anybody was asked."""
    found: dict[str, Event] = {}
    for event in _seen(history, "approval-request"):
        found.setdefault(str(event.value.get("id")), event)
    return found


def _seen(history: History, what: str, id: str | None = None, device: str | None = None) -> Iterator[Event]:
    for event in history.events:
        wanted = event.phase is Phase.SEEN and event.what == what and device in (None, event.who)
        if wanted and id in (None, str(event.value.get("id"))):
            yield event


def _judge(history: History, id: str, asked: Event, device: str) -> Finding | None:
    calls = [call for call in history.invocations("approve", device) if str(call[0].value.get("approval")) == id]
    wrong = _lost(history, id, asked, device) or _refused(id, calls) or _twice(history, id, device)
    wrong = wrong or _both_counted(history, id, calls) or _untold(history, id, asked, device)
    if wrong is not None:
        return wrong
    shown = next(_seen(history, "approval-request", id, device), None)
    told = next(_seen(history, "approval", id, device), None)
    if shown is None or told is None:
        return None
    did = " and answered it" if calls else ""
    why = f"The {device} showed what was asked at {at(shown)}{did}, and the one answer that counts at {at(told)}."
    return passed(_ID, device, why, [shown.index, *(invoke.index for invoke, _ in calls), told.index])


def _lost(history: History, id: str, asked: Event, device: str) -> Finding | None:
    """A page that opened the session while the question was open must show it."""
    resolved = next((e.index for e in _seen(history, "approval", id)), len(history.events))
    for invoke, done in openings(history, device):
        until = _next_stream(history, device, invoke)
        if invoke.value.get("cursor") is not None or not asked.index < invoke.index < resolved:
            continue
        if not any(invoke.index < e.index < until for e in _seen(history, "approval-request", id, device)):
            what = "reloaded" if _reloaded(history, device, invoke) else "opened the session"
            why = (
                f"The {device} {what} at {at(invoke)} while an approval was waiting (since {at(asked)}), and was not "
                "asked for it."
            )
            return gap(_ID, device, why, [asked.index, invoke.index, done.index])
    return None


def _next_stream(history: History, device: str, invoke: Event) -> int:
    later = (other.index for other, _ in openings(history, device) if other.index > invoke.index)
    return next(later, len(history.events))


def _reloaded(history: History, device: str, join: Event) -> bool:
    return any(e.what == "forget" and e.index < join.index for e in history.of(device))


def _refused(id: str, calls: list[Call]) -> Finding | None:
    """Any device may answer; a second answer is told whose counted, and is no error."""
    for invoke, done in calls:
        if not is_ok(done):
            why = f"The {invoke.who}'s answer to what was asked {outcome(done)} (at {at(invoke)})."
            return gap(_ID, invoke.who, why, [invoke.index, *([done.index] if done else [])])
    return None


def _twice(history: History, id: str, device: str) -> Finding | None:
    """The question is resolved once: the same event may come again on another stream, another one may not."""
    told: dict[object, Event] = {}
    for event in _seen(history, "approval", id, device):
        told.setdefault(event.value.get("cursor") or event.value.get("conn"), event)
    conns = {event.value.get("conn") for event in told.values()}
    if len(told) < 2 or (len(conns) == len(told) and not _by_cursor(history)):
        return None
    why = f"On the {device} one question was answered {len(told)} times: the agent may act on it as often."
    return gap(_ID, device, why, [e.index for e in told.values()], value=len(told), unit="answers")


def _by_cursor(history: History) -> bool:
    return bool(history.meta["traits"].get("dedupe") == "cursor")


def _both_counted(history: History, id: str, calls: list[Call]) -> Finding | None:
    """Whoever answers is told what counts: what everybody is told."""
    counted = next(_seen(history, "approval", id), None)
    for invoke, done in calls:
        said = done.value.get("granted") if done is not None else None
        if counted is not None and done is not None and said is not None and said != counted.value.get("granted"):
            mine, theirs = ("yes" if answer else "no" for answer in (said, counted.value.get("granted")))
            why = f'The {invoke.who} was told that "{mine}" counts, and everybody that "{theirs}" does.'
            return gap(_ID, invoke.who, why, [invoke.index, done.index, counted.index])
    return None


def _untold(history: History, id: str, asked: Event, device: str) -> Finding | None:
    """Who shows the question learns that it was answered."""
    counted = next(_seen(history, "approval", id), None)
    shown = next(_seen(history, "approval-request", id, device), None)
    away = gone(history, device) or abandoned(history, device)
    if counted is None or shown is None or away or any(_seen(history, "approval", id, device)):
        return None
    why = f"The {device} still asks for an approval that was answered at {at(counted)}."
    return gap(_ID, device, why, [asked.index, shown.index, counted.index])


APPROVAL = Rule(
    id=_ID,
    capability=CONTINUITY,
    severity=Severity.MEDIUM,
    title="Approvals wait, and count once",
    truth="A pending approval survives reloads and is resolved once, from any device.",
    felt="You reload, and the agent waits for ever for a yes that it no longer asks for; or it does the thing twice.",
    why="The question lives in the memory of the page or of the request that asked it, and every answer is acted upon.",
    source=("Ably AI Transport, human in the loop", "vercel/ai 5ddbb70"),
    remedy=Remedy(
        action="Keep the open question in the session, under an id, and let the first answer close it.",
        gain="Agents can wait for hours, and people answer from whatever device they have at hand.",
        cost="Open questions are state to keep and to expire, and a second answer has to be told whose counted.",
        effort="session layer",
    ),
    judge=judge,
)
