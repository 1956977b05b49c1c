"""A steer gets an answer, taken or not taken, that everybody sees; and it makes no second run."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import LIVE_CONTROL
from ..event import Event, Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .attendance import rest, settled
from .base import Rule
from .facts import Call, is_ok, is_unsupported, ms
from .moments import streams, was_over
from .screen import label_of, labels
from .verdicts import gap, passed, unproven, worst_of_each
from .wording import at, joined, outcome

_ID = "steer"
_OUTCOMES = {"taken": "taken", "refused": "refused", "too-late": "too late"}


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that steered, or that was there when another one did."""
    yield from worst_of_each(found for call in history.invocations("steer") for found in _judge(history, call))


def _judge(history: History, call: Call) -> Iterator[Finding]:
    yield _answered(history, call)
    if is_ok(call[1]):
        others = (device for device in history.devices if device != call[0].who)
        yield from (_seen_by(history, call, device) for device in others if _was_there(history, device, call))


def _answered(history: History, call: Call) -> Finding:
    invoke, done = call
    what, evidence = _what(call), [invoke.index, *([done.index] if done else [])]
    if is_unsupported(done):
        return gap(_ID, invoke.who, f"{what} {outcome(done)}.", evidence)
    fork = _fork(history, call)
    if fork is not None:
        why = f"{what} {outcome(done)}, and a second run began that nobody had asked for."
        return gap(_ID, invoke.who, why, [*evidence, fork.index])
    told = _outcomes(history, call)
    if len(told) > 1:
        why = f"{what} is said to be {joined([_OUTCOMES.get(each, each) for each in told])}: nobody knows which."
        return gap(_ID, invoke.who, why, [*evidence, *told.values()])
    if told:
        (verdict, index), *_ = told.items()
        why = f"{what} {outcome(done)}, and was {_OUTCOMES.get(verdict, verdict)}."
        waited = round(ms(invoke, history.events[index]), 1)
        return passed(_ID, invoke.who, why, [*evidence, index], value=waited, unit="ms")
    return _without_verdict(history, call, what, evidence)


def _without_verdict(history: History, call: Call, what: str, evidence: list[int]) -> Finding:
    """Nobody was told whether it was taken."""
    invoke, done = call
    label, end = str(invoke.value.get("label", "")), settled(history)
    if done is not None and done.phase is Phase.FAIL:
        if was_over(history, label, done.index):
            return passed(_ID, invoke.who, f"{what}, which was over, {outcome(done)}.", evidence)
        return gap(_ID, invoke.who, f"{what} {outcome(done)} while it was going on.", evidence)
    if end is None or not is_ok(done):
        return unproven(_ID, invoke.who, f"{what} {outcome(done)}, and nobody saw what became of it.", evidence)
    why = f"{what} {outcome(done)}, and nobody was ever told whether it was taken."
    return gap(_ID, invoke.who, why, [*evidence, end.index])


def _seen_by(history: History, call: Call, device: str) -> Finding:
    """Another device that was there is shown the wish that was taken, and what became of it."""
    invoke, done = call
    evidence = [invoke.index, *([done.index] if done else [])]
    wishes = [event for event in _wishes(history, call) if event.who == device]
    told = _outcomes(history, call)
    if not wishes and "taken" not in told:
        return passed(_ID, device, f"{_what(call)} was not taken, so the {device} had nothing to be shown.", evidence)
    if not wishes:
        why = f"{_what(call)} was taken, and the {device} was never shown it."
        return gap(_ID, device, why, [*evidence, *told.values()])
    heard = [event for event in _verdicts(history, call) if event.who == device]
    shown = [*evidence, *(event.index for event in wishes)]
    if told and not heard:
        why = f"The {device} was shown {_lower(call)}, but never what became of it."
        return gap(_ID, device, why, [*shown, *told.values()])
    return passed(_ID, device, f"The {device} was shown {_lower(call)}, and what became of it.", shown)


def _what(call: Call) -> str:
    return f"The {_plain(call)}"


def _lower(call: Call) -> str:
    return f"the {_plain(call)}"


def _plain(call: Call) -> str:
    invoke = call[0]
    return f"{invoke.who}'s steer of {invoke.value.get('label', 'a run')} at {at(invoke)}"


def _was_there(history: History, device: str, call: Call) -> bool:
    """It held a stream on the session from before the steer until everything had settled."""
    if not (history.meta["traits"]["subscribes"] and history.meta["traits"]["observable"]):
        return False
    held = (stream for stream in streams(history).values() if stream.device == device)
    return any(s.lives(call[0].index) and min(s.closed, s.hurt) >= rest(history) for s in held)


def _wishes(history: History, call: Call) -> list[Event]:
    """Where the steer itself was shown."""
    key = call[0].value.get("key")
    return [e for e in _seen(history, "steer") if e.value.get("key") == key]


def _verdicts(history: History, call: Call) -> list[Event]:
    """Where it was told on a stream what became of it."""
    ids = {event.value.get("id") for event in _wishes(history, call)} - {None}
    return [e for e in _seen(history, "steer-outcome") if e.value.get("id") in ids]


def _seen(history: History, what: str) -> list[Event]:
    return [e for e in history.events if e.what == what and e.phase is Phase.SEEN]


def _outcomes(history: History, call: Call) -> dict[str, int]:
    """What is said to have become of it → the first event that says so."""
    done, found = call[1], dict[str, int]()
    if done is not None and done.value.get("outcome"):
        found[str(done.value["outcome"])] = done.index
    for event in _verdicts(history, call):
        found.setdefault(str(event.value.get("outcome")), event.index)
    return found


def _fork(history: History, call: Call) -> Event | None:
    """A run that began after the steer and that no prompt explains."""
    known = labels(history)
    began = (e for e in history.events[call[0].index :] if e.phase is Phase.SEEN and e.what in ("start", "text"))
    return next((e for e in began if e.value.get("run") and label_of(e, known) not in set(known.values())), None)


STEER = Rule(
    id=_ID,
    capability=LIVE_CONTROL,
    severity=Severity.MEDIUM,
    title="A steer is answered",
    truth="A steer is said to be taken or not taken, every device sees that, and no second run begins.",
    felt="You add a wish while it is writing, and never learn whether it was heard; or two answers come.",
    why="The wish is put into a queue that the agent may never look at again, or it is sent as a new prompt.",
    source=("Ably AI Transport: consumed: false", "AI SDK: prepareStep removes steering messages", "docs/protocol.md"),
    remedy=Remedy(
        action="Record a steer as an event of its run, let the agent answer each one (taken, refused), and answer what "
        "is left as too late when the run ends.",
        gain="Clients can show whether a wish was followed, and offer to ask again where it was not.",
        cost="Agents have to look for steers between steps, and a run's end has to clear what is left.",
        effort="session layer",
    ),
    judge=judge,
)
