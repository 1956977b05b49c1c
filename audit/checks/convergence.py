"""At rest, every two devices agree on what both of them hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from ..contract import CONTINUITY
from ..event import Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .attendance import connected
from .base import Rule
from .facts import accepted, is_ok, is_unsupported
from .screen import Screen, Shown, labels, screens
from .transcript import answers
from .verdicts import gap, passed, unproven
from .wording import joined, outcome, shortened
from .written import differences

_ID = "convergence"
_UNIT = "differences"


@dataclass(frozen=True, slots=True)
class _Clash:
    """Something on which two devices do not agree, and the events that show it."""

    why: str
    evidence: tuple[int, ...]


def judge(history: History) -> Iterator[Finding]:
    """One finding for the trial, when it has two devices at least."""
    shown = [screen for screen in screens(history).values() if screen.prompts or any(_texts(screen))]
    pairs = [(one, other) for one, other in combinations(shown, 2) if _share(one, other)]
    clashes = [clash for one, other in pairs for clash in _clashes(history, one, other)]
    clashes += _blank(history, shown)
    clashes += [_Clash(why, evidence) for why, evidence in differences(history)]
    if clashes:
        evidence = [index for clash in clashes for index in clash.evidence]
        yield gap(_ID, None, clashes[0].why, evidence, value=len(clashes), unit=_UNIT)
    elif pairs:
        names = [screen.device for screen in shown if any(screen in pair for pair in pairs)]
        why = f"At rest the {joined(names)} agree on everything that they both hold."
        yield passed(_ID, None, why, value=0, unit=_UNIT)
    else:
        yield from _nothing(history, [screen.device for screen in shown])


def _texts(screen: Screen) -> Iterator[str]:
    return (shown.text for shown in screen.runs.values())


def _share(one: Screen, other: Screen) -> bool:
    """There is something that both of them hold."""
    mine, theirs = ({label for label, shown in screen.runs.items() if shown.text} for screen in (one, other))
    return bool(mine & theirs) or bool({text for _, _, text in one.prompts} & {text for _, _, text in other.prompts})


def _blank(history: History, shown: list[Screen]) -> Iterator[_Clash]:
    """Devices that opened the session, were there to the end, and show nothing of what another one shows."""
    said = next((run.pieces[0][0] for screen in shown for run in screen.runs.values() if run.text), None)
    if said is None:
        return
    blank = (device for device in history.devices if all(device != screen.device for screen in shown))
    for device in blank:
        joins = [done for _, done in history.invocations("join", device) if done is not None and is_ok(done)]
        if joins and connected(history, device) and not _gave_it_up(history, device):
            why = f"The {device} has opened the session and shows nothing of it; the {history.events[said].who} does."
            yield _Clash(why, (joins[-1].index, said))


def _gave_it_up(history: History, device: str) -> bool:
    return any(e.what in ("leave", "forget") and e.phase is Phase.NOTE for e in history.of(device))


def _nothing(history: History, shown: list[str]) -> Iterator[Finding]:
    if len(history.devices) < 2:
        return
    for invoke, done in history.invocations("join"):
        if is_unsupported(done) and done is not None:
            why = f"The {invoke.who} cannot show what the others show: a join {outcome(done)}."
            yield gap(_ID, None, why, [invoke.index, done.index])
            return
    who = f"only the {shown[0]} shows anything" if len(shown) == 1 else "no two devices show the same run or prompt"
    yield unproven(_ID, None, f"There is nothing to compare: {who}.")


def _clashes(history: History, one: Screen, other: Screen) -> Iterator[_Clash]:
    for label in accepted(history):
        mine, theirs = one.run(label), other.run(label)
        names = f"the {one.device} and the {other.device}"
        yield from _endings(label, names, mine, theirs)
        yield from _ids(history, label, names, mine, theirs)
    yield from _prompts(history, one, other)


def _endings(label: str, names: str, one: Shown, other: Shown) -> Iterator[_Clash]:
    """`unknown` says that the wire does not tell, which contradicts nothing."""
    known = {one.ending, other.ending} - {None, "unknown"}
    if len(known) > 1:
        why = f"How {label} ended depends on where you look: {one.ending} and {other.ending} on {names}."
        yield _Clash(why, (one.ends[-1], other.ends[-1]))


def _ids(history: History, label: str, names: str, one: Shown, other: Shown) -> Iterator[_Clash]:
    mine, theirs = _messages(history, label, one), _messages(history, label, other)
    if mine and theirs and not mine.keys() & theirs.keys():
        why = f"The answer of {label} has the id {min(mine)} and the id {min(theirs)} on {names}."
        yield _Clash(why, (mine[min(mine)], theirs[min(theirs)]))
    here, there = _cursors(history, one), _cursors(history, other)
    apart = [text for text in here if text in there and here[text][0] != there[text][0]]
    if apart:
        said, left, right = shortened(apart[0].strip(), 40), here[apart[0]], there[apart[0]]
        why = f'"{said}" of {label} is {left[0]} and {right[0]} on {names} ({len(apart)} such pieces).'
        yield _Clash(why, (left[1], right[1]))


def _messages(history: History, label: str, shown: Shown) -> dict[str, int]:
    """Ids of the messages that hold the run's text, each with the event that says so."""
    found: dict[str, int] = {}
    for index, _ in shown.pieces:
        event = history.events[index]
        if event.what == "read":
            answer = answers(event, labels(history)).get(label)
            id = answer.id if answer else None
        else:
            id = event.value.get("message")
        if id is not None:
            found.setdefault(str(id), index)
    return found


def _cursors(history: History, shown: Shown) -> dict[str, tuple[str, int]]:
    """Pieces of text that occur once, with cursor and event. An opaque cursor may well be that of a connection, so it
    is an id only where clients are told to drop repeats by it."""
    traits = history.meta["traits"]
    if traits.get("cursor") == "opaque" and traits.get("dedupe") != "cursor":
        return {}
    often = Counter(text for _, text in shown.pieces)
    once = ((history.events[index], text) for index, text in shown.pieces if often[text] == 1)
    return {
        text: (str(event.value["cursor"]), event.index)
        for event, text in once
        if event.what == "text" and event.value.get("cursor") is not None
    }


def _prompts(history: History, one: Screen, other: Screen) -> Iterator[_Clash]:
    """Prompts that both show, each of them once: in the same order, with the same ids."""
    mine, theirs = _once(history, one), _once(history, other)
    here, there = [text for text in mine if text in theirs], [text for text in theirs if text in mine]
    if here != there:
        place = next(place for place, text in enumerate(here) if text != there[place])
        why = f"The {one.device} and the {other.device} show the prompts in a different order."
        yield _Clash(why, (mine[here[place]][1], theirs[there[place]][1]))
    for text in here:
        (kind, id, index), (their_kind, their_id, their_index) = _named(mine[text]), _named(theirs[text])
        if kind == their_kind != "none" and id != their_id:
            names = f"{id} on the {one.device} and {their_id} on the {other.device}"
            yield _Clash(f'The prompt "{shortened(text, 40)}" has the id {names}.', (index, their_index))


def _once(history: History, screen: Screen) -> dict[str, tuple[str, int]]:
    often = Counter(text for _, _, text in screen.prompts)
    return {text: (id, index) for index, id, text in screen.prompts if often[text] == 1}


def _named(prompt: tuple[str, int]) -> tuple[str, str, int]:
    id, index = prompt
    return ("none" if id == str(index) else "id"), id, index


CONVERGENCE = Rule(
    id=_ID,
    capability=CONTINUITY,
    severity=Severity.CRITICAL,
    title="All devices agree",
    truth="At rest, every two devices hold the same of what both hold: same endings, same ids, same order.",
    felt="Two screens of the same chat tell two different stories.",
    why="Live events and stored messages get their ids and order in different places, or each server has its own.",
    source=("cloudflare/agents#1754", "opencode#10721", "Ably AI Transport, message ordering"),
    remedy=Remedy(
        action="Give every item its id and position once, when it is appended to the session, and send those.",
        gain="Devices can be compared, merged and cached; edits and replies point at the same thing.",
        cost="One place has to order the session, and every write goes through it.",
        effort="session layer",
    ),
    judge=judge,
)
