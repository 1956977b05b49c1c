"""Which word of an answer a piece of text is: the numbered words of the counting oracle, by one look into a table."""

from __future__ import annotations

import re
from collections.abc import Mapping

_STRETCHES = re.compile(r"\s+|\S+")


class Numbering:
    """The words that every answer of a load consists of. items: how many; format: of each, of its number from 1.

    alone: a piece that is exactly one word and one blank → its number; what nearly every piece is.
    """

    def __init__(self, items: int, format: str) -> None:
        self.items = items
        self._numbers = {format.format(number): number for number in range(1, items + 1)}
        self.alone: Mapping[str, int] = {f"{word} ": number for word, number in self._numbers.items()}

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

    def rest(self, tail: str) -> list[int]:
        """The last word of an answer, which no blank follows. One that breaks off was not shown."""
        number = self._numbers.get(tail, 0)
        broken_off = not number and any(word.startswith(tail) for word in self._numbers)
        return [number] if tail and not broken_off else []
