"""Past the time for which a resume is promised: a named gap, and the answer is still to be read."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import RESILIENT_DELIVERY
from ..event import Event, Phase
from ..finding import Finding, Severity, Verdict
from ..history import History
from ..result import Remedy
from .attendance import attempts
from .base import Rule
from .delivery import delivery
from .facts import final_reads, is_ok
from .marks import marks
from .screen import labels
from .transcript import answers
from .verdicts import gap, passed, unproven, worst_of_each
from .wording import listed, outcome

_ID = "retention"


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that came back after the declared time."""
    found = marks(history, "retention")
    for mark in found:
        if "device" not in mark.value:
            promised, longest = mark.value.get("retention_s"), mark.value.get("longest_s")
            why = f"The target promises {promised:g} s; a trial of this profile waits {longest:g} s at most."
            yield Finding(_ID, Verdict.NOT_APPLICABLE, why)
    yield from worst_of_each(_judge(history, mark) for mark in found if "device" in mark.value)


def _judge(history: History, mark: Event) -> Finding:
    device, label = str(mark.value["device"]), str(mark.value["label"])
    invoke, done = next((call for call in attempts(history, device) if call[0].index > mark.index), (None, None))
    what = (
        f"The {device} came back {float(mark.value['waited_s']):.1f} s after the end of {label}, "
        f"of which a resume is promised for {float(mark.value['retention_s']):g} s"
    )
    if invoke is None:
        return unproven(_ID, device, f"The {device} never tried to come back.", [mark.index])
    found = delivery(history, label, device)
    if found.comparison is None:
        return unproven(_ID, device, f"There is nothing to compare the words of {label} with.", [mark.index])
    evidence = [mark.index, invoke.index, *([done.index] if done else []), *found.evidence]
    missing = found.comparison.missing
    if not missing:
        return passed(_ID, device, f"{what}, and still got all of it.", evidence)
    told = _told(history, device, invoke, done)
    lacking = f"it lacks {listed(missing, found.total)}"
    if not told:
        return gap(
            _ID, device, f"{what}; {lacking}, and nothing told it so.", evidence, value=len(missing), unit="words"
        )
    read = _whole_in(history, label, found.oracle.words if found.oracle else ())
    if read is None:
        why = f"{what}; it was told that it cannot go on ({told}), and no transcript holds the whole answer."
        return gap(_ID, device, why, evidence, value=len(missing), unit="words")
    why = f"{what}; it was told so ({told}), and the transcript holds the whole answer."
    return passed(_ID, device, why, [*evidence, read.index])


def _told(history: History, device: str, invoke: Event, done: Event | None) -> str:
    """How the device learned that it cannot simply go on; empty when it did not."""
    if done is not None and (done.phase is Phase.FAIL or done.value.get("nothing")):
        return f"its {invoke.what} {outcome(done)}"
    later = (e for e in history.events[invoke.index :] if e.who == device and e.phase is Phase.SEEN)
    named = next((e for e in later if e.what in ("gap", "reset", "snapshot")), None)
    if named is not None:
        return f"gap: {named.value.get('reason', 'unnamed')}" if named.what == "gap" else named.what
    return "not recovered" if done is not None and is_ok(done) and done.value.get("recovered") is False else ""


def _whole_in(history: History, label: str, wanted: tuple[str, ...]) -> Event | None:
    """The transcript that holds every word of the run."""
    for read in reversed(final_reads(history)):
        answer = answers(read, labels(history)).get(label)
        if answer is not None and set(wanted) <= set(answer.text.split()):
            return read
    return None


RETENTION = Rule(
    id=_ID,
    capability=RESILIENT_DELIVERY,
    severity=Severity.MEDIUM,
    title="Too late is told, and nothing is gone",
    truth="Who comes back after the promised time is told so, and finds the answer in the history.",
    felt="Over lunch the answer turned into an empty page, or into a spinner that never stops.",
    why="The buffer expires silently: an old cursor is answered with success and whatever is left, and nothing else "
    "was ever stored.",
    source=("dust-tt/dust#27032", "LangGraph resumable streams (120 s)", "cloudflare/agents#1963"),
    remedy=Remedy(
        action="Store the folded answer before its events expire, and answer a cursor that is too old with a gap.",
        gain="Retention becomes a matter of cost: whatever it is set to, nobody loses an answer.",
        cost="A client has to load the transcript when it is told of a gap.",
        effort="endpoint",
    ),
    judge=judge,
)
