"""The same prompt sent twice, because its answer was lost, makes one run and one message."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import RESILIENT_DELIVERY
from ..event import Event, Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .base import Rule
from .facts import Call
from .screen import labels
from .verdicts import gap, passed, unproven, worst


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that sent a prompt again."""
    calls: dict[str, list[Call]] = {}
    for invoke, done in history.invocations("prompt"):
        calls.setdefault(str(invoke.value.get("key", "")), []).append((invoke, done))
    again = [same for same in calls.values() if len(same) > 1]
    for device in history.devices:
        yield from worst(_judge(history, same) for same in again if same[-1][0].who == device)


def _judge(history: History, same: list[Call]) -> Finding:
    device, asked = same[-1][0].who, [invoke.index for invoke, _ in same]
    if history.meta["contract"].get("idempotency") == "none":
        why = f"The {device} sent a prompt {len(same)} times; the product offers no idempotency key to make that one."
        return gap("resubmission", device, why, asked)
    runs, messages = _runs(history, same), _messages(history, same)
    if len(runs) > 1 or len(messages) > 1:
        many, what = max((runs, "runs"), (messages, "messages"), key=lambda found: len(found[0]))
        why = f"A prompt that the {device} sent {len(same)} times with one key became {len(many)} {what}."
        return gap("resubmission", device, why, [*asked, *many.values()], value=len(many), unit=what)
    proof = [*_recognized(same), *_in_transcript(history, same)]
    if proof:
        why = f"A prompt that the {device} sent {len(same)} times with one key is one run and one message."
        return passed("resubmission", device, why, [*asked, *proof], value=1, unit="runs")
    why = f"The {device} sent a prompt {len(same)} times with one key, and nothing tells how many runs that made."
    return unproven("resubmission", device, why, asked)


def _runs(history: History, same: list[Call]) -> dict[str, int]:
    """The target's id of every run this key made → an event that shows it: named in an answer, or seen on a stream
    after the first attempt and explained by no other prompt."""
    known, own = labels(history), {str(invoke.value.get("label", "")) for invoke, _ in same}
    found = {str(done.value["run"]): done.index for _, done in same if done is not None and done.value.get("run")}
    for event in history.events[same[0][0].index :]:
        if event.phase is Phase.SEEN and event.what in ("start", "text") and event.value.get("run"):
            run = str(event.value["run"])
            if run not in own and known.get(run, min(own)) in own:
                found.setdefault(run, event.index)
    return found


def _messages(history: History, same: list[Call]) -> dict[str, int]:
    """The user's messages this prompt became → an event that shows each; the larger of what streams and the last
    transcript hold. The same text may have been sent with other keys as well: those are taken off."""
    others = _other_keys(history, same)
    return max((_rest(_streamed(history, same), others), _rest(_transcribed(history, same), others)), key=len)


def _rest(found: dict[str, int], others: int) -> dict[str, int]:
    return dict(list(found.items())[others:])


def _text_of(same: list[Call]) -> str:
    return str(same[0][0].value.get("text", ""))


def _other_keys(history: History, same: list[Call]) -> int:
    keys = {
        i.value.get("key") for i, _ in history.invocations("prompt") if str(i.value.get("text", "")) == _text_of(same)
    }
    return len(keys) - 1


def _streamed(history: History, same: list[Call]) -> dict[str, int]:
    found: dict[str, int] = {}
    for event in history.events:
        id = event.value.get("id") or event.value.get("cursor")
        if event.phase is Phase.SEEN and event.what == "user" and id and event.value.get("text") == _text_of(same):
            found.setdefault(str(id), event.index)
    return found


def _transcribed(history: History, same: list[Call]) -> dict[str, int]:
    read = _last_read(history, same)
    said = [m for m in read.value.get("messages", ()) if m.get("role") == "user"] if read is not None else []
    own = [m for m in said if m.get("text") == _text_of(same)]
    return {str(m.get("id") or f"#{place}"): read.index for place, m in enumerate(own) if read is not None}


def _last_read(history: History, same: list[Call]) -> Event | None:
    """The last transcript that was fetched after the last attempt."""
    later = reversed(history.events[same[-1][0].index :])
    return next((e for e in later if e.what == "read" and e.phase is Phase.OK), None)


def _recognized(same: list[Call]) -> list[int]:
    """Answers that prove it: flagged as a duplicate, or naming the run that an earlier answer had named."""
    answers = [done for _, done in same if done is not None and done.phase is Phase.OK]
    flagged = [done.index for done in answers if done.value.get("duplicate")]
    named = [done.index for done in answers if done.value.get("run")]
    return flagged or (named if len(named) > 1 else [])


def _in_transcript(history: History, same: list[Call]) -> list[int]:
    return list(_transcribed(history, same).values())


RESUBMISSION = Rule(
    id="resubmission",
    capability=RESILIENT_DELIVERY,
    severity=Severity.HIGH,
    title="Sending twice is sending once",
    truth="A prompt that is sent again with the same idempotency key makes one run and one message.",
    felt="The signal flickers while sending, and the question stands there twice, answered twice, paid twice.",
    why="The reply to the prompt was lost, the client cannot know whether it arrived, and the server takes every "
    "attempt for a new prompt.",
    source=("draft-ietf-httpapi-idempotency-key-header", "elizaOS/eliza#15394", "chatwoot/chatwoot#15743"),
    remedy=Remedy(
        action="Let the client name each prompt with a key, and answer a known key with the run that it already made.",
        gain="Clients may retry whenever they are in doubt.",
        cost="Keys have to be stored with the session, in the same transaction as the message.",
        effort="endpoint",
    ),
    judge=judge,
)
