"""A stop and a lost connection are told apart: stopping and resuming both work on one configuration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..contract import LIVE_CONTROL
from ..event import Event, Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .base import Rule
from .facts import endings, is_unsupported, stops, went_on
from .marks import marks
from .verdicts import gap, passed, unproven
from .wording import outcome

_ID = "stop-vs-disconnect"
_ARMS = ("drop", "stop", "finish")


@dataclass(frozen=True, slots=True)
class _Arm:
    """One of the three runs: how it ended as far as anybody learned, and the events that tell."""

    name: str
    label: str
    ending: str | None
    evidence: tuple[int, ...]


def judge(history: History) -> Iterator[Finding]:
    """One finding for the trial, when its script marked the arms `drop`, `stop` and `finish`."""
    arms = {
        name: _arm(history, mark) for mark in marks(history, "arm") for name in _ARMS if mark.value.get("arm") == name
    }
    if not arms:
        return
    evidence = [index for arm in arms.values() for index in arm.evidence]
    if len(arms) < len(_ARMS):
        there = ", ".join(arms)
        yield unproven(
            _ID, None, f"Only {there} came about before the trial was cut short; three are compared.", evidence
        )
        return
    yield _no_stop(history, arms["stop"], evidence) or _compare(history, arms, evidence)


def _arm(history: History, mark: Event) -> _Arm:
    label = str(mark.value.get("label", ""))
    told = [ending for ending in endings(history, label) if ending.reason != "unknown"]
    fate = went_on(history, label, mark.index)
    ending = told[0].reason if told else ("completed" if fate.whole else None)
    seen = [told[0].index] if told else fate.more[-1:]
    return _Arm(str(mark.value["arm"]), label, ending, (mark.index, *seen))


def _no_stop(history: History, arm: _Arm, evidence: list[int]) -> Finding | None:
    """There was no stop that could be told from anything."""
    calls = stops(history, arm.label)
    if not calls:
        return unproven(_ID, None, f"Nobody pressed stop on {arm.label}.", evidence)
    invoke, done = calls[0]
    evidence = [*evidence, invoke.index, *([done.index] if done else [])]
    if done is not None and done.value.get("hangup"):
        why = f"The only way to stop {arm.label} is to hang up, and that is what a lost signal does, too."
        return gap(_ID, None, why, evidence)
    if done is not None and done.phase is Phase.FAIL and (is_unsupported(done) or arm.ending != "stopped"):
        why = f"The stop of {arm.label} {outcome(done)}: leaving is the only control there is."
        return gap(_ID, None, why, evidence)
    if arm.ending == "completed":
        why = f"The stop of {arm.label} {outcome(done)}, and the run completed all the same."
        return gap(_ID, None, why, evidence)
    return None


def _compare(history: History, arms: dict[str, _Arm], evidence: list[int]) -> Finding:
    drop, stop, finish = (arms[name] for name in _ARMS)
    told = f"The dropped run ended {drop.ending}, the stopped one {stop.ending}, the finished one {finish.ending}"
    unknown = [arm for arm in (drop, stop, finish) if arm.ending is None]
    if drop.ending is not None and drop.ending == stop.ending:
        return gap(_ID, None, f"{told}: a lost connection and a stop cannot be told apart.", evidence)
    if unknown:
        which = " and ".join(f"{arm.label} ({arm.name})" for arm in unknown)
        return unproven(_ID, None, f"Nobody learned how {which} ended, so nothing can be compared.", evidence)
    wrong = _wrong(drop, stop, finish, history.meta["contract"].get("disconnect"))
    if wrong:
        return gap(_ID, None, f"{told}: {wrong}.", evidence)
    return passed(_ID, None, f"{told}: each of them can be told apart.", evidence)


def _wrong(drop: _Arm, stop: _Arm, finish: _Arm, declared: object) -> str:
    """What is not as it must be, though stop and drop differ; empty when all is."""
    if stop.ending != "stopped":
        return "a stop has to be called one"
    if finish.ending != "completed":
        return "a run that nobody touched has to complete"
    if declared == "continue" and drop.ending != "completed":
        return "the contract says that a dropped run goes on"
    return ""


STOP_VS_DISCONNECT = Rule(
    id=_ID,
    capability=LIVE_CONTROL,
    severity=Severity.CRITICAL,
    title="Leaving is not stopping",
    truth="A stop and a lost connection can be told apart, and stopping and resuming both work on one configuration.",
    felt="Either a tunnel kills your answer, or stop does not stop it: the product can have one of the two.",
    why="A closed stream is the only signal the server gets, and it has to guess which of the two it means.",
    source=(
        "AI SDK: abort is not compatible with resumption",
        "vercel/ai#6502",
        "a2aproject/a2a-python#296",
        "AG-UI HttpAgent",
    ),
    remedy=Remedy(
        action="Give stop a command of its own, and treat a closed stream as nothing but a device that left.",
        gain="Answers survive every lost signal, and stop still stops.",
        cost="Runs must live apart from requests, and those that nobody stops are paid for to their end.",
        effort="session layer",
    ),
    judge=judge,
)
