"""A late device holds history and live, without a hole or an overlap where they meet."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import CONTINUITY
from ..event import Event, Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .base import Rule
from .delivery import Delivery, delivery
from .facts import Call, accepted, items, texts
from .verdicts import gap, passed, unproven, worst
from .wording import at, listed, outcome


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that joined when something had been said that it had not seen."""
    for device in history.devices:
        call = _last_join(history, device)
        if call is not None:
            runs = (label for label in accepted(history) if _missed(history, label, call[0]))
            yield from worst(_judge(delivery(history, label, device), call) for label in runs)


def _last_join(history: History, device: str) -> Call | None:
    """The last join of a device that stayed; what it shows at the end is what this join gave it."""
    last = max(history.invocations("join", device), key=lambda call: call[0].index, default=None)
    if last is None or any(e.what in ("leave", "forget") for e in history.of(device) if e.index > last[0].index):
        return None
    return last


def _missed(history: History, label: str, join: Event) -> bool:
    """Somebody had seen text of this run, and the device had none of it on a stream since it was opened or reloaded."""
    if not any(e.index < join.index for e in texts(history, label)):
        return False
    blank = max((e.index for e in history.of(join.who) if e.what == "forget" and e.index < join.index), default=-1)
    return not any(blank < e.index < join.index for e in items(history, label, join.who))


def _judge(found: Delivery, call: Call) -> Finding:
    invoke, done = call
    device, label = found.device, found.label
    evidence = [invoke.index, done.index if done else invoke.index, *found.evidence]
    what = f"The {device} opened the session at {at(invoke)}, in the middle of {label}"
    if done is not None and done.phase is Phase.FAIL:
        return gap("join", device, f"{what}: a join {outcome(done)}.", evidence)
    if found.oracle is None or found.comparison is None:
        return unproven("join", device, f"{what}, and there is nothing to compare it with.", evidence)
    missing, repeated = found.comparison.missing, found.comparison.repeated
    if missing:
        why = f"{what}, and never showed {listed(missing, found.total)}."
        ends = (word.index for word in (*found.words[:1], *found.words[-1:]))
        return gap("join", device, why, [*evidence, *ends], value=len(missing), unit="words")
    if repeated:
        why = f"{what}, and showed {listed([word.text for word in repeated], found.total)} twice."
        indices = (word.index for word in repeated)
        return gap("join", device, why, [*evidence, *indices], value=len(repeated), unit="words")
    return passed("join", device, f"{what}, and shows all {found.total} words once.", evidence)


JOIN = Rule(
    id="join",
    capability=CONTINUITY,
    severity=Severity.CRITICAL,
    title="A late device has it all",
    truth="A device that opens the session late holds history and live text, without a hole or an overlap between.",
    felt="On the second device the answer starts in the middle, has a gap, or says a passage twice.",
    why="History is read from one place and live text from another, and nothing ties the end of one to the start of "
    "the other; or the stream belongs to the connection that asked.",
    source=(
        "cloudflare/agents#1827",
        "A2A SubscribeToTask: snapshot, then live",
        "LangGraph: a joiner starts at the tail",
    ),
    remedy=Remedy(
        action="Serve history and live text from one log, as one subscription that starts at a position.",
        gain="Any number of devices can open a session at any moment and see the same.",
        cost="Readers load the log, so it needs an index by session and a bound on its length.",
        effort="session layer",
    ),
    judge=judge,
)
