"""A resume yields something, says "nothing to resume", or fails: within its deadline, and never neither."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import RESILIENT_DELIVERY
from ..event import Event, Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .attendance import disrupted, settled
from .base import Rule
from .facts import accepted, endings, is_unsupported, ms, prompts
from .starved import fair
from .verdicts import gap, passed, unproven, worst

_SAYS_NOTHING = frozenset({"ping", "presence"})


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that tried to resume."""
    for device in history.devices:
        yield from worst(_judge(history, invoke, done) for invoke, done in history.invocations("resume", device))


def _judge(history: History, invoke: Event, done: Event | None) -> Finding | None:
    if is_unsupported(done):
        return None
    if done is None:
        return _unanswered(history, invoke)
    limit_ms = _limit_ms(history)
    if ms(invoke, done) > limit_ms or done.value.get("timeout"):
        return None if disrupted(history, invoke.who, invoke.index, done.index) else _never(history, invoke, done)
    if done.phase is not Phase.OK or done.value.get("nothing"):
        why = f"The resume of the {invoke.who} was answered within {ms(invoke, done):.0f} ms."
        return passed("hang", invoke.who, why, [invoke.index, done.index], value=ms(invoke, done), unit="ms")
    return _silence(history, invoke, done, limit_ms)


def _limit_ms(history: History) -> float:
    return float(history.meta["deadlines"].get("resume_s", 5.0)) * 1e3


def _unanswered(history: History, invoke: Event) -> Finding:
    if not history.whole:
        return unproven("hang", invoke.who, "The trial was cut short before the resume was answered.", [invoke.index])
    why = f"The resume of the {invoke.who} was never answered."
    waited = ms(invoke, history.events[-1])
    found = gap("hang", invoke.who, why, [invoke.index], value=waited, unit="ms")
    return fair(found, history, invoke, history.events[-1])


def _never(history: History, invoke: Event, done: Event) -> Finding:
    waited = ms(invoke, done)
    why = f"The resume of the {invoke.who} had neither data nor an answer within {waited:.0f} ms."
    found = gap("hang", invoke.who, why, [invoke.index, done.index], value=waited, unit="ms")
    return fair(found, history, invoke, done)


def _silence(history: History, invoke: Event, done: Event, limit_ms: float) -> Finding | None:
    """The resume was accepted: something has to come of it."""
    device, sign = invoke.who, _first_sign(history, invoke, done)
    note = settled(history)
    if sign is not None and note is not None and note.index < sign.index and note.value.get("why") == "deadline":
        sign = None  # we had given up waiting
    end = sign or _last(history, done)
    if disrupted(history, device, done.index, end.index - 1) or end.value.get("how") == "local":
        return None  # a new fault struck, or the script moved on
    if sign is not None and ms(done, sign) <= limit_ms and not _gave_up(sign):
        waited, of_limit = ms(invoke, sign), ms(done, sign) / limit_ms
        why = f"The first sign of the resumed stream came to the {device} after {waited:.0f} ms."
        return passed("hang", device, why, [invoke.index, sign.index], value=waited, unit="ms", of_limit=of_limit)
    if _had_it_all(history, invoke):
        return None
    waited, must_have_come = ms(done, end), end.what == "settled" and end.value.get("why") == "deadline"
    if waited < limit_ms and not must_have_come and not _gave_up(end):
        return unproven("hang", device, "The trial ended before the resumed stream had to speak.", [invoke.index])
    why = f"The resume of the {device} was accepted, and then nothing came for {waited:.0f} ms."
    found = gap("hang", device, why, [invoke.index, done.index, end.index], value=waited, unit="ms")
    return fair(found, history, done, end)


def _last(history: History, done: Event) -> Event:
    """Until when nothing came: the trial settled, or ended."""
    note = settled(history)
    return note if note is not None and note.index > done.index else history.events[-1]


def _gave_up(event: Event) -> bool:
    return event.what == "closed" and event.value.get("how") == "timeout"


def _first_sign(history: History, invoke: Event, done: Event) -> Event | None:
    """The first thing on the new connection that is no heartbeat, nor tells only who else is there; it may have come
    before the answer was recorded."""
    conn = done.value.get("conn", invoke.value.get("conn"))
    later = (e for e in history.events[invoke.index :] if e.who == invoke.who and e.phase is Phase.SEEN)
    return next((e for e in later if e.value.get("conn") == conn and e.what not in _SAYS_NOTHING), None)


def _had_it_all(history: History, invoke: Event) -> bool:
    """The device already knew the end of every run that had been asked for: nothing more was to come."""
    asked = [label for label in accepted(history) if prompts(history)[label][0].index < invoke.index]
    told = {
        label for label in asked for e in endings(history, label) if e.device == invoke.who and e.index < invoke.index
    }
    return len(told) == len(asked)


HANG = Rule(
    id="hang",
    capability=RESILIENT_DELIVERY,
    severity=Severity.HIGH,
    title="A resume never hangs",
    truth='A resume yields data, says "nothing to resume", or fails, within its deadline.',
    felt="The app says it is reconnecting, and stays like that until the page is reloaded.",
    why="The resume waits for the process that was producing the answer; when that is gone, or has finished, nobody "
    "answers.",
    source=("vercel/resumable-stream#42", "vercel/resumable-stream", "WHATWG HTML 9.2.3 (204 ends reconnection)"),
    remedy=Remedy(
        action="Answer every resume from storage at once: what is there, then live items, or an explicit `nothing`.",
        gain="A device always knows where it stands, whatever became of the producer.",
        cost="The state of a run has to be stored where every server can read it.",
        effort="endpoint",
    ),
    judge=judge,
)
