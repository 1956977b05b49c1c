"""While the device that opened the session first is away, what is said is sent to the others and not stored.

Recording stops with the viewer (row 27): the one who asked is also the one through whom the answer is recorded. The
agent goes on, whoever is there sees it, and whoever comes back finds a hole.
"""

from __future__ import annotations

from ..live import Listener, LiveSession
from ..parts import Parts
from ..session.frames import Form
from ..session.log import Entry, Log
from .kind import Dose, Mutant, Trips
from .pieces import Frame, RewrittenSubscription


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class RecordedLog(Log):
        """Knows what was said while nobody recorded it."""

        def __init__(self, epoch: str, retain: int | None = None, trimmed: int = 0) -> None:
            super().__init__(epoch, retain, trimmed)
            self.away = False
            self.unrecorded: set[int] = set()

        def append(self, new: Entry) -> None:
            super().append(new)
            if self.away:
                self.unrecorded.add(new.offset)

    class RecordedSubscription(RewrittenSubscription):
        """Replays what was recorded."""

        def __init__(self, log: Log, form: Form, after: int) -> None:
            super().__init__(log, form, after)
            lost = log.unrecorded if isinstance(log, RecordedLog) else ()
            self._lost = {offset for offset in lost if offset <= log.head}

        def rewrite(self, whole: list[Frame]) -> list[Frame]:
            return [frame for frame in whole if not (frame.is_text and frame.message["offset"] in self._lost)]

    class ViewedSession(LiveSession):
        """Whoever comes first records."""

        _viewer: Listener | None = None

        def attach(self, listener: Listener) -> None:
            if self._viewer is None:
                self._viewer = listener
                self._recorded(away=False)
            super().attach(listener)

        def detach(self, listener: Listener) -> None:
            super().detach(listener)
            if listener is self._viewer:
                self._viewer = None
                self._recorded(away=chance.hit())

        def _recorded(self, *, away: bool) -> None:
            if isinstance(self.log, RecordedLog):
                self.log.away = away

    return Parts(log=RecordedLog, session=ViewedSession, subscription=RecordedSubscription)


MUTANT = Mutant(
    id="viewer-records",
    title="What is said while the first viewer is away cannot be had again",
    rows=(27, 29),
    trips=Trips(
        rules=("loss", "completion-window"),
        may=("handoff", "tab-close", "join", "subagents", "stop-visibility", "resurrection"),
    ),
    settings=Dose(rate=1.0),
    build=_build,
)
