"""Whoever has a token may stop and steer every session, whichever one the token names.

Anyone can stop (row 85): the command names a run, the run is found, and whose it is was checked where sessions are
read. Reading is still refused.
"""

from __future__ import annotations

from functools import partial

from .blind import blind_to
from .kind import Dose, Mutant, Trips

MUTANT = Mutant(
    id="open-control",
    title="Any user can stop anybody's answer",
    rows=(85,),
    trips=Trips(rules=("authority",)),
    settings=Dose(rate=1.0),
    build=partial(blind_to, "control"),
)
