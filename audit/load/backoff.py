"""How long a device that was cut off waits before it tries again. Pure; imports numpy.

Jitter as in M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015; `server-sent` as in the `retry`
field of WHATWG HTML 9.2 (server-sent events) or `Retry-After` of RFC 9110, section 10.2.3, with a spread.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from ..errors import ConfigError, Problem

Kind: TypeAlias = Literal["fixed", "exponential", "full-jitter", "equal-jitter", "decorrelated", "server-sent"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RUNGS = 48  # how finely the waits of decorrelated jitter are told apart: 15 % steps from 1 s to 10 minutes


@dataclass(frozen=True, slots=True)
class Backoff:
    """One policy. Seconds.

    base_s: the first wait, or its upper end where there is jitter; of server-sent the least that the server names.
    cap_s: no wait is longer (has no meaning for fixed and server-sent). spread_s: of server-sent only: each answer
    names a wait between base_s and base_s + spread_s.
    """

    kind: Kind
    base_s: float = 1.0
    cap_s: float = 30.0
    spread_s: float = 0.0

    def __post_init__(self) -> None:
        problems = []
        if self.base_s < 0 or (self.base_s == 0 and not self.spread_s):
            problems.append(Problem("base_s", "must be above 0", "1"))
        if self.cap_s < self.base_s and self.kind not in ("fixed", "server-sent"):
            problems.append(Problem("cap_s", "must not be less than base_s", f"{self.base_s:g}"))
        if self.spread_s < 0 or (self.spread_s and self.kind != "server-sent"):
            problems.append(Problem("spread_s", "is for server-sent alone, and not below 0", "30"))
        if problems:
            raise ConfigError(f"backoff {self.kind}", tuple(problems))

    def __str__(self) -> str:
        match self.kind:
            case "fixed":
                return f"fixed {self.base_s:g} s"
            case "server-sent":
                least = f"{self.base_s:g} s + " if self.base_s else ""
                return f"server-sent {least}up to {self.spread_s:g} s"
        return f"{self.kind} {self.base_s:g} s to {self.cap_s:g} s"

    def ladder(self) -> Ladder:
        """The waits of this policy, rung by rung."""
        match self.kind:
            case "fixed" | "server-sent":
                ends = np.array([self.base_s + self.spread_s])
                return Ladder(np.array([self.base_s]), ends, math.inf)
            case "decorrelated":
                before = np.geomspace(self.base_s, max(self.cap_s, self.base_s * 1.001), RUNGS)
                return Ladder(np.full(RUNGS, self.base_s), before * 3, self.cap_s, before)
        doublings = math.ceil(math.log2(self.cap_s / self.base_s)) + 1
        highs = np.minimum(self.base_s * 2.0 ** np.arange(doublings), self.cap_s)
        share = {"exponential": 1.0, "equal-jitter": 0.5, "full-jitter": 0.0}[self.kind]
        return Ladder(highs * share, highs, self.cap_s)

    def first_wave(self, devices: int) -> float:
        """How many attempts a second such a crowd makes at first; a second may well hold all of them."""
        ladder = self.ladder()
        return devices / max(1.0, float(ladder.highs[0] - ladder.lows[0]))

    def alone_s(self) -> float:
        """How long a single device that loses its connection waits on average, on a day without a storm."""
        ladder = self.ladder()
        return float(ladder.lows[0] + ladder.highs[0]) / 2


@dataclass(frozen=True, slots=True)
class Ladder:
    """Waits in rungs: on rung k a device waits evenly between lows[k] and highs[k], never longer than `cap`, and stands
    one rung higher afterwards (on the last it stays). before: where given, the next rung is the one whose value is
    nearest to the wait just taken."""

    lows: Floats
    highs: Floats
    cap: float
    before: Floats | None = None

    def longest(self) -> float:
        """Seconds."""
        return min(self.cap, float(self.highs.max()))

    def waits(self, rungs: Ints, rng: np.random.Generator) -> Floats:
        """A wait for each device, by the rung it stands on."""
        lows = self.lows[rungs]
        return np.minimum(lows + rng.random(len(rungs)) * (self.highs[rungs] - lows), self.cap)

    def after(self, rungs: Ints, waits: Floats) -> Ints:
        """The rungs they stand on after these waits."""
        if self.before is None:
            return np.minimum(rungs + 1, len(self.highs) - 1)
        edges = np.sqrt(self.before[:-1] * self.before[1:])
        return np.asarray(np.searchsorted(edges, waits))
