"""What is shown is what was said: no split character, no broken frame, no word glued together at a seam."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..contract import RESILIENT_DELIVERY
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .base import Rule
from .delivery import Delivery, delivery
from .facts import accepted
from .oracle import counted
from .screen import screens
from .verdicts import gap, passed, unproven, worst
from .wording import listed, shortened
from .words import Word

_BROKEN = re.compile("[\ufffd\ud800-\udfff]")  # a replacement character, or half of a surrogate pair


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that shows anything, or was sent what its protocol does not allow."""
    for device in history.devices:
        shares = (delivery(history, label, device) for label in accepted(history))
        runs = (_judge(history, share) for share in shares if share.words)
        yield from worst([_problems(history, device), *runs])


def _problems(history: History, device: str) -> Finding | None:
    found = [e for e in history.of(device) if e.what == "problem"]
    if not found:
        return None
    first = shortened(str(found[0].value.get("error", "no detail")), 120)
    why = f"The {device} was sent {_times(len(found))} bytes that the protocol does not allow: {first}."
    return gap("text-integrity", device, why, (e.index for e in found), value=len(found), unit="problems")


def _judge(history: History, found: Delivery) -> Finding:
    device, label = found.device, found.label
    broken = [index for index, text in found.shown.pieces if _BROKEN.search(text)]
    if broken:
        why = f"The {device} shows {_times(len(broken))} a character of {label} that was split or damaged."
        return gap("text-integrity", device, why, broken, value=len(broken), unit="pieces")
    garbled = _garbled(history, found)
    if garbled:
        said = listed([word.text for word in garbled], max(found.total, len(garbled)))
        why = f"The {device} shows in {label} what nobody said: {said}."
        evidence = [*(word.index for word in garbled), *found.evidence]
        return gap("text-integrity", device, why, evidence, value=len(garbled), unit="words")
    if found.comparison is None:
        return unproven("text-integrity", device, f"There is nothing to compare the words of {label} with.")
    why = f"All {len(found.words)} words of {label} on the {device} are whole."
    return passed("text-integrity", device, why, found.evidence, value=0, unit="words")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _garbled(history: History, found: Delivery) -> list[Word]:
    """Words the oracle does not hold, unless the prompt asked for them, another device shows them as well, or they come
    after the oracle's last word: there it is the oracle that is too short."""
    if found.oracle is None or found.comparison is None or not (found.comparison.foreign and found.oracle.words):
        return []
    known = {*(counted(history, found.label) or ()), *_elsewhere(history, found)}
    last = [word.index for word in found.words if word.text == found.oracle.words[-1]]
    return [
        word for word in found.comparison.foreign if word.text not in known and not (last and word.index > last[-1])
    ]


def _elsewhere(history: History, found: Delivery) -> Iterator[str]:
    for device, screen in screens(history).items():
        if device != found.device:
            yield from screen.run(found.label).text.split()


TEXT_INTEGRITY = Rule(
    id="text-integrity",
    capability=RESILIENT_DELIVERY,
    severity=Severity.HIGH,
    title="Text stays whole",
    truth="No character, frame or word is split or glued together at a seam.",
    felt="Question marks in boxes stand where an accent, an emoji or a Chinese character should be.",
    why="The position of a resume is counted in bytes or UTF-16 units, or chunks are decoded one by one, so that a cut "
    "falls inside a character.",
    source=("RFC 3629 section 3", "WHATWG Encoding 4.1 (stateful decoding)", "vercel/resumable-stream"),
    remedy=Remedy(
        action="Resume at whole events only, and decode each stream with one incremental UTF-8 decoder.",
        gain="Text survives every cut, in every script.",
        cost="A resume may send up to one event again, which the client has to drop.",
        effort="endpoint",
    ),
    judge=judge,
)
