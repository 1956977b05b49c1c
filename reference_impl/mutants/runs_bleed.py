"""The first words of an answer that had to wait are put into the answer before it.

Run id collision (row 63), and two answers that grow together (row 86): what is written goes to "the current message".
"""

from __future__ import annotations

from dataclasses import replace

from ..parts import Parts
from ..session.decide import Decision, Policy
from ..session.event import Event
from ..turn import LiveTurn
from ..turns import Turns
from .control import TalkingSession
from .kind import Dose, Mutant, Trips

WORDS = 3


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class MixingTurns(Turns):
        """Writes to the run before, at first."""

        def __init__(self, *args: object, **more: object) -> None:
            super().__init__(*args, **more)  # type: ignore[arg-type]  # whatever turns are made of
            self._strays: dict[str, list[str]] = {}  # run → where its first words go, one each

        def mix(self, run: str, before: str) -> None:
            self._strays[run] = [before] * WORDS

        async def produce(self, turn: LiveTurn, text: Event) -> None:
            strays = self._strays.get(turn.run.id)
            await super().produce(turn, replace(text, run=strays.pop()) if strays else text)

    class MixingSession(TalkingSession):
        """Remembers which run waited behind which."""

        turns = MixingTurns

        async def prompt(self, key: str, text: str, policy: Policy | None = None) -> Decision:
            going = tuple(self._state.active)
            decision = await super().prompt(key, text, policy)
            waits = going and not decision.known and decision.run is not None
            if waits and isinstance(self._turns, MixingTurns) and chance.hit():
                self._turns.mix(str(decision.run), going[-1])
                self.talking.add(going[-1])
            return decision

    return Parts(session=MixingSession)


MUTANT = Mutant(
    id="runs-bleed",
    title="The beginning of the second answer stands at the end of the first",
    rows=(63, 86),
    trips=Trips(rules=("concurrency",), may=("termination", "loss", "duplication", "order", "convergence")),
    settings=Dose(rate=1.0),
    build=_build,
)
