"""What a mutant is: the server with one part replaced, how often it goes wrong, and who should notice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import TypeVar

from ..parts import Parts
from ..session.decide import Policy

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
    """Who must notice when the defect shows: rules of an audit, by id, and counts or measures of a load, by name.

    may: rules of another capability that notice, too, when it happens to hit what they look at (words that are lost on
    any resume are lost on the resume after a stop); an accusation by any other rule is false.
    """

    rules: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mutant:
    """One planted defect.

    id: the file's name with dashes. title: what users would report. rows: the rows of the defect taxonomy (defects that
    real systems showed) that it plants. settings: how often it shows under load unless told otherwise. build: the parts
    of a server with this much of it; each call makes new ones, so that no two servers share any state. audit: how often
    it shows to an audit, which has a few devices where a load has thousands; None: always. policy: what the server is
    set to do with a prompt that comes during a run, where the defect shows only then (`Settings.policy`).
    """

    id: str
    title: str
    rows: tuple[int, ...]
    trips: Trips
    settings: Dose
    build: Callable[[Dose], Parts]
    audit: Dose | None = None
    policy: Policy = "queue"

    @property
    def audited(self) -> Dose:
        """How much of it an audit has to find."""
        return self.audit or replace(self.settings, rate=1.0)

    def parts(self, rate: float | None = None) -> Parts:
        """What to build a server of. rate: how often the defect shows, if not as set. Raises ValueError."""
        return self.build(self.settings if rate is None else replace(self.settings, rate=rate))

    def parts_audited(self, seed: int = 1) -> Parts:
        """What to build a server of that is to be audited. seed: of the dice that decide when the defect shows."""
        return self.build(replace(self.audited, seed=seed))
