"""Which word of an answer a piece of text is: the numbered words of the counting oracle, by one look into a table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_STRETCHES = re.compile(r"\s+|\S+")
_PLAIN = re.compile(r"[ !#-\[\]-~]*")  # what stands in a JSON string as it is
_ENDINGS = 8  # of events told apart


class Numbering:
    """The words that every answer of a load consists of. items: how many; format: of each, of its number from 1.

    alone: a piece that is exactly one word and one blank → its number; what nearly every piece is.
    """

    def __init__(self, items: int, format: str) -> None:
        self.items = items
        self._numbers = {format.format(number): number for number in range(1, items + 1)}
        self.alone: Mapping[str, int] = {f"{word} ": number for word, number in self._numbers.items()}
        written = [f"{format.format(number)} " for number in range(1, items + 1)]
        plain = len(self.alone) == items and all(_PLAIN.fullmatch(word) for word in written)
        self._written = [word.encode() for word in written] if plain else []
        self._endings: dict[bytes, Sequence[bytes]] = {}

    def split(self, tail: str, text: str) -> tuple[list[int], str]:
        """The numbers of the words that are complete with this text (0: not one of them), and the word left open."""
        found: list[int] = []
        for stretch in _STRETCHES.findall(tail + text):
            if stretch.isspace():
                if tail:
                    found.append(self._numbers.get(tail, 0))
                tail = ""
            else:
                tail = stretch
        return found, tail

    def endings(self, number: int, ending: bytes) -> Sequence[bytes]:
        """By number, how an event ends, from its word on, that ends like this for the word of one number. Nothing where
        there is no word; nothing at all when it ends otherwise, or words are not written in JSON as they are."""
        if not self._written or not ending.startswith(self._written[number - 1]):
            return ()
        rest = ending[len(self._written[number - 1]) :]
        if rest not in self._endings and len(self._endings) < _ENDINGS:
            self._endings[rest] = (b"", *(word + rest for word in self._written), b"")
        return self._endings.get(rest, ())

    def rest(self, tail: str) -> list[int]:
        """The last word of an answer, which no blank follows. One that breaks off was not shown."""
        number = self._numbers.get(tail, 0)
        broken_off = not number and any(word.startswith(tail) for word in self._numbers)
        return [number] if tail and not broken_off else []
