"""The durable server with exactly one defect each: what an audit or a load run has to find, or it finds nothing.

Each is made by replacing one of the server's parts (reference_impl/parts.py) with one that is wrong in a single way;
everything else is the server as it is. The first eight are made for load: rare enough to pass with three devices.
`python -m reference_impl --mutant ID` serves one.
"""

from __future__ import annotations

from . import (
    burst_reorder,
    cross_talk,
    end_missing,
    gap_silent,
    resume_skip,
    seam_repeat,
    slow_shared,
    stop_lost,
)
from .kind import Dose, Mutant, Trips

MUTANTS: tuple[Mutant, ...] = (
    resume_skip.MUTANT,
    seam_repeat.MUTANT,
    stop_lost.MUTANT,
    burst_reorder.MUTANT,
    end_missing.MUTANT,
    cross_talk.MUTANT,
    slow_shared.MUTANT,
    gap_silent.MUTANT,
)

__all__ = ["MUTANTS", "Dose", "Mutant", "Trips"]
