"""What a mutant is: the server with one part replaced, how often it goes wrong, and who should notice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import TypeVar

from ..parts import Parts

_T = TypeVar("_T")


class Chance:
    """Decides, occasion by occasion, whether the defect shows. The same seed decides the same again."""

    def __init__(self, rate: float, seed: int) -> None:
        self._rate = rate
        self._random = Random(seed)

    def hit(self) -> bool:
        """Does it show this time?"""
        return self._random.random() < self._rate

    def pick(self, several: Sequence[_T]) -> _T:
        """One of several places where it can show."""
        return self._random.choice(several)


@dataclass(frozen=True, slots=True)
class Dose:
    """How much of the defect a server has. rate: the share of its occasions on which it shows, from 0 (never: then the
    server is the reference) to 1. beyond: an occasion is only one with more than this many events."""

    rate: float
    beyond: int = 0
    seed: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.rate <= 1:
            raise ValueError(f"rate {self.rate}: must be from 0 to 1")

    def chance(self) -> Chance:
        """Fresh dice."""
        return Chance(self.rate, self.seed)


@dataclass(frozen=True, slots=True)
class Trips:
    """Who must notice when the defect shows: rules of an audit, by id, and counts or measures of a load, by name."""

    rules: tuple[str, ...]
    counts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One planted defect.

    id: the file's name with dashes. title: what users would report. rows: the rows of the defect taxonomy (defects that
    real systems showed) that it plants. settings: how often it shows unless told otherwise. build: the parts of a
    server with this much of it; each call makes new ones, so that no two servers share any state.
    """

    id: str
    title: str
    rows: tuple[int, ...]
    trips: Trips
    settings: Dose
    build: Callable[[Dose], Parts]

    def parts(self, rate: float | None = None) -> Parts:
        """What to build a server of. rate: how often the defect shows, if not as set. Raises ValueError."""
        return self.build(self.settings if rate is None else replace(self.settings, rate=rate))
