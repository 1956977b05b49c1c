"""No heartbeat is sent, and whatever has been idle for two seconds is cut.

Silent-phase kill (row 36): a proxy's idle timeout (60 s in the field) and a server that sends nothing while its agent
works. The run goes on, and whoever resumes gets it.
"""

from __future__ import annotations

from ..parts import Parts
from ..transports.stream import Ending, Stream
from .kind import Dose, Mutant, Trips

_IDLE_S = 2.0


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class SilentStream(Stream):
        """Cuts itself instead of saying that it lives."""

        def _heartbeat(self) -> None:
            due = self._last_write + _IDLE_S
            if self._loop.time() < due or not chance.hit():
                self._beat = self._loop.call_at(max(due, self._loop.time() + 0.05), self._heartbeat)
                return
            self._transport.abort()
            self.end(Ending.GONE)

    return Parts(stream=SilentStream)


MUTANT = Mutant(
    id="idle-cut",
    title="The connection is cut whenever the agent works for a while",
    rows=(36,),
    trips=Trips(rules=("silence",), counts=()),
    settings=Dose(rate=1.0),
    build=_build,
)
