"""Comparing what a device shows with what was said, word by word.

A word is a maximal run of non-blank characters; prompts ask for numbered words (`tok-0001 tok-0002 …`), so that in
practice every word is unique and loss, repeats and order are exact even with a real model. Words that do repeat in the
oracle are told apart by how many times they occurred before.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from .screen import Shown

_STRETCHES = re.compile(r"\s+|\S+")


@dataclass(frozen=True, slots=True)
class Word:
    """A word on a screen and the index of the event that brought the last of it."""

    text: str
    index: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """missing: oracle words the device never shows. repeated: words shown once too often. reordered: words shown after
    one that the oracle has later. foreign: words the oracle does not hold, where something was garbled."""

    missing: tuple[str, ...]
    repeated: tuple[Word, ...]
    reordered: tuple[Word, ...]
    foreign: tuple[Word, ...]


def words(shown: Shown) -> tuple[Word, ...]:
    """The words a device shows of a run. A word may span several pieces; the last one it touches is its event."""
    found: list[Word] = []
    parts: list[str] = []
    last = -1
    for index, text in shown.pieces:
        for stretch in _STRETCHES.findall(text):
            if not stretch.isspace():
                parts.append(stretch)
                last = index
            elif parts:
                found.append(Word("".join(parts), last))
                parts.clear()
    return (*found, Word("".join(parts), last)) if parts else tuple(found)


def compare(oracle: tuple[str, ...], shown: tuple[Word, ...]) -> Comparison:
    """Sort every difference between the oracle and a screen into exactly one kind. A word that breaks off at the very
    end was not shown."""
    wanted = Counter(oracle)
    shown = _whole(oracle, shown)
    surplus = Counter(word.text for word in shown) - wanted
    repeated, foreign = _surplus(shown, surplus, wanted)
    missing = _explain(oracle, _missing(oracle, shown), foreign, shown)
    return Comparison(missing, repeated, _reordered(oracle, shown), foreign)


def _whole(oracle: tuple[str, ...], shown: tuple[Word, ...]) -> tuple[Word, ...]:
    """Without a last word that is only the beginning of one."""
    last = shown[-1].text if shown else ""
    broken_off = bool(last) and last not in oracle and any(word.startswith(last) for word in oracle)
    return shown[:-1] if broken_off else shown


def _surplus(
    shown: tuple[Word, ...], surplus: Counter[str], wanted: Counter[str]
) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    repeated: list[Word] = []
    foreign: list[Word] = []
    for word in reversed(shown):  # the later showing is the repeat
        if surplus[word.text] > 0:
            surplus[word.text] -= 1
            (repeated if word.text in wanted else foreign).append(word)
    return tuple(reversed(repeated)), tuple(reversed(foreign))


def _missing(oracle: tuple[str, ...], shown: tuple[Word, ...]) -> list[int]:
    """Positions in the oracle that no shown word answers."""
    have, gone = Counter(word.text for word in shown), []
    for position, word in enumerate(oracle):
        if have[word] > 0:
            have[word] -= 1
        else:
            gone.append(position)
    return gone


def _explain(
    oracle: tuple[str, ...], gone: list[int], foreign: tuple[Word, ...], shown: tuple[Word, ...]
) -> tuple[str, ...]:
    """A garbled word stands where a right one should: the right one is not lost but damaged, so not missing."""
    place = {word: position for position, word in enumerate(oracle)}
    garbled = {id(word) for word in foreign}
    left, before = set(gone), -1
    for word in shown:
        if id(word) not in garbled:
            before = place.get(word.text, before)
        elif before + 1 in left:
            before += 1
            left.remove(before)
    return tuple(oracle[position] for position in sorted(left))


def _reordered(oracle: tuple[str, ...], shown: tuple[Word, ...]) -> tuple[Word, ...]:
    """First showings that come after a word which the oracle has later."""
    place: dict[tuple[str, int], int] = {}
    count: Counter[str] = Counter()
    for position, text in enumerate(oracle):
        place[text, count[text]] = position
        count[text] += 1
    seen: Counter[str] = Counter()
    found, furthest = [], -1
    for word in shown:
        position_of = place.get((word.text, seen[word.text]))
        seen[word.text] += 1
        if position_of is None:
            continue
        if position_of < furthest:
            found.append(word)
        furthest = max(furthest, position_of)
    return tuple(found)
