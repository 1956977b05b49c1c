"""Whoever has a token reads every session, whichever one the token names.

A stranger in the room (row 64): the signature is checked, the session is not. Commands are still refused.
"""

from __future__ import annotations

from functools import partial

from .blind import blind_to
from .kind import Dose, Mutant, Trips

MUTANT = Mutant(
    id="open-reading",
    title="Any user can read any session",
    rows=(64,),
    trips=Trips(rules=("isolation",)),
    settings=Dose(rate=1.0),
    build=partial(blind_to, "read"),
)
