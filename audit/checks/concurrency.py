"""A prompt that comes while an answer is being written does what is declared, and the two never mix."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import LIVE_CONTROL
from ..event import Event
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .attendance import settled
from .base import Rule
from .facts import endings, is_ok, ms, prompts, went_on
from .marks import marks
from .oracle import counted, strikes
from .overlap import Overlap, first_text, last_sign, overlaps, speaks_after, speaks_beside
from .screen import screens
from .stopping import budget_ms
from .verdicts import gap, passed, unproven, worst, worst_of_each
from .wording import at, listed, outcome
from .words import Word, compare, words

_ID = "concurrency"
_DOES = {
    "queue": "waits for its turn",
    "reject": "is refused",
    "interrupt": "ends the answer before it",
    "parallel": "is answered beside it",
}
_AGAIN = 3.0  # times what the first answer took to begin, before a second one counts as held back


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that asked while another run was going on."""
    yield from worst_of_each(_judge(history, overlap) for overlap in overlaps(history))
    why = "The stream does not say of which answer a word is, so nothing was asked while one was being written."
    yield from worst(unproven(_ID, None, why, [mark.index]) for mark in marks(history, "nameless"))


def _judge(history: History, overlap: Overlap) -> Finding:
    device, declared = overlap.invoke.who, history.meta["contract"].get("concurrent_send")
    asked = [overlap.invoke.index, overlap.answer.index]
    mixed = _mixed(history, overlap)
    if mixed is not None:
        return mixed
    what = f"The {device} asked for {overlap.second} at {at(overlap.invoke)} while {overlap.first} was going on"
    if declared is None:
        why = f"{what}; what then happens is not declared (concurrent_send), so there is nothing to hold it to."
        return unproven(_ID, device, why, asked)
    found, why, evidence = _seen(history, overlap, str(declared))
    evidence = [*asked, *evidence]
    if found == "":
        return unproven(_ID, device, f"{what}; {why}.", evidence)
    if found == declared:
        return passed(_ID, device, f"{what}; as declared ({declared}) it {_DOES[declared]}: {why}.", evidence)
    said = f"{what}. Declared is {declared} (the new prompt {_DOES.get(str(declared), 'follows a rule')}), but {why}."
    return gap(_ID, device, said, evidence)


def _seen(history: History, overlap: Overlap, declared: str) -> tuple[str, str, list[int]]:
    """Which policy the target followed (`broken` when none of them, empty when nobody can tell), how that shows."""
    told = [ending.index for ending in endings(history, overlap.first)]
    if strikes(history) and overlap.superseded and overlap.reason != "superseded":
        return "", f"{overlap.first} ended {overlap.reason}, and a lost connection may be why", told
    if overlap.refused:
        return _refused(history, overlap, told)
    begun = first_text(history, overlap.second)
    if begun is None:
        return _unseen(history, overlap, declared)
    if overlap.superseded:
        return "interrupt", f"{overlap.first} ended {overlap.reason}", told
    return _beside_or_after(history, overlap, declared, begun)


def _refused(history: History, overlap: Overlap, told: list[int]) -> tuple[str, str, list[int]]:
    said = f"the prompt {outcome(overlap.done)}"
    if overlap.superseded:
        return "broken", f"{said}, and {overlap.first} ended {overlap.reason} all the same", told
    finished = went_on(history, overlap.first, overlap.invoke.index).finished
    return ("reject" if finished else ""), said, told


def _unseen(history: History, overlap: Overlap, declared: str) -> tuple[str, str, list[int]]:
    """Nobody saw a word of the second run."""
    said, rest = f"the prompt {outcome(overlap.done)}", settled(history)
    over = any(endings(history, overlap.second))
    if declared == "reject" and not over:
        return "", f"nothing of {overlap.second} was ever seen, but nobody was told that it is refused", []
    if strikes(history) or over or rest is None or not is_ok(overlap.done):
        return "", f"{said}, and nobody saw what became of {overlap.second}", []
    return "broken", f"{said}, and not a word of {overlap.second} came", [rest.index]


def _beside_or_after(history: History, overlap: Overlap, declared: str, begun: Event) -> tuple[str, str, list[int]]:
    beside = speaks_beside(history, overlap)
    if beside is None:
        return _one_after_the_other(history, overlap, declared, begun)
    why = f"{overlap.second} spoke at {at(beside)}, before {overlap.first} had said its last word"
    return "parallel", why, [beside.index]


def _one_after_the_other(history: History, overlap: Overlap, declared: str, begun: Event) -> tuple[str, str, list[int]]:
    first, second = overlap.first, overlap.second
    last = last_sign(history, first)
    evidence = [*([last.index] if last else []), begun.index]
    if strikes(history) and not speaks_after(history, overlap):
        return "", "connections were lost meanwhile, and no stream tells which of the two came first", evidence
    if counted(history, first) and not strikes(history) and not went_on(history, first, overlap.invoke.index).whole:
        return "broken", f"{first} never said all of its words, and no ending tells why", evidence
    if declared == "interrupt" and _was_nearly_over(history, overlap):
        return "", f"{first} was over so soon that there was nothing to interrupt", evidence
    if declared == "parallel" and not _was_held_back(history, overlap):
        return "", f"{first} was over so soon that nobody can tell whether {second} waited", evidence
    return "queue", f"{second} began at {at(begun)}, after {first} was over", evidence


def _was_nearly_over(history: History, overlap: Overlap) -> bool:
    """The first run ended before a second prompt can have done anything to it."""
    last = last_sign(history, overlap.first)
    return last is None or ms(overlap.answer, last) < budget_ms(history) / 4


def _was_held_back(history: History, overlap: Overlap) -> bool:
    """The second run could have begun long before the first one was over."""
    last, begun, asked = last_sign(history, overlap.first), first_text(history, overlap.first), prompts(history)
    if last is None or begun is None:
        return False
    return ms(overlap.answer, last) > _AGAIN * ms(asked[overlap.first][0], begun) + 100


def _mixed(history: History, overlap: Overlap) -> Finding | None:
    """Words of one run that a device shows in the other, or twice: an answer holds only what was asked for."""
    for label in (overlap.first,) if overlap.refused else (overlap.first, overlap.second):
        wanted = counted(history, label)
        for device, screen in screens(history).items() if wanted else ():
            shown = words(screen.run(label))
            strays = [word for word in _strays(wanted or (), shown) if _is_of(history, label, word)]
            if strays:
                other = overlap.second if label == overlap.first else overlap.first
                named = listed([word.text for word in strays], len(shown))
                why = f"{label} on the {device} holds {named} that do not belong there, since {other} was asked for."
                indices = [overlap.invoke.index, *(word.index for word in strays)]
                return gap(_ID, overlap.invoke.who, why, indices, value=len(strays), unit="words")
    return None


def _is_of(history: History, label: str, word: Word) -> bool:
    """The word certainly came as one of this run: by its name, or on the stream that its prompt opened. (What a device
    gets that joins or resumes "the answer" of a chat may be another answer.)"""
    event, asked = history.events[word.index], prompts(history)[label][0]
    if history.meta["traits"]["subscribes"]:
        return True
    return (
        event.who == asked.who
        and event.value.get("conn") is not None
        and event.value["conn"] == asked.value.get("conn")
    )


def _strays(wanted: tuple[str, ...], shown: tuple[Word, ...]) -> tuple[Word, ...]:
    found = compare(wanted, shown)
    return (*found.foreign, *found.repeated)


CONCURRENCY = Rule(
    id=_ID,
    capability=LIVE_CONTROL,
    severity=Severity.MEDIUM,
    title="Asking again does what is declared",
    truth="A prompt sent while an answer is being written follows the declared policy, and the answers never mix.",
    felt="A second message during the answer gets lost, garbles both answers, or kills the first one by surprise.",
    why="Nobody decided what a second prompt means, so it depends on which half of the code is faster.",
    source=(
        "LangGraph: multitask_strategy (reject, enqueue, interrupt, rollback)",
        "Ably AI Transport, concurrent turns",
        "Cloudflare Agents, AIChatAgent",
    ),
    remedy=Remedy(
        action="Choose one policy (queue, reject, interrupt, parallel), enforce it where runs are started, and give "
        "every piece of text the id of its run.",
        gain="A second message does the same thing every time, and clients can say what it will be.",
        cost="Starting a run needs one place, or a lock, that knows whether another one is going on.",
        effort="endpoint",
    ),
    judge=judge,
)
