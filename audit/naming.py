"""Which run an item belongs to, on wires that name runs in their own ways, late, or not at all."""

from __future__ import annotations

from collections.abc import Callable

from .adapters.base import Frame, Item, Step
from .channel import Wire
from .memory import Run, Session


class Naming:
    """What one device knows of it.

    subscribes: its stream carries everybody's runs, not only the one it asked for. learned: told of a run whose id the
    wire gave away.
    """

    def __init__(self, session: Session, *, subscribes: bool, learned: Callable[[Run], None]) -> None:
        self._session, self._subscribes, self._learned = session, subscribes, learned
        self._unanswered: Run | None = None

    def asked(self, run: Run, step: Step) -> None:
        """The device asks for a run. Where a prompt has no answer of its own, what follows it must tell the id."""
        self._unanswered = run if isinstance(step, Frame) and step.reply is None else None

    def name(self, wire: Wire, item: Item, following: Run | None) -> str | None:
        """The target's id of the run; our label of the latest one where the wire names none.

        A run whose id was not known may learn it here: from the stream that its prompt opened, or from what follows a
        prompt that is not answered.
        """
        run = wire.run or following or self._session.current
        if item.run is None:
            if not self._subscribes:
                wire.run = run  # a response goes on telling of its run, whatever is asked meanwhile
            return run.label if run else None
        teaches = not self._subscribes or (run is not None and run is self._unanswered)
        if run is not None and teaches and run.id is None and self._session.run_of(item.run) is None:
            run.id = item.run
            self._learned(run)
        return item.run
