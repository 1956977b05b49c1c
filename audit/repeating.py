"""Adding trials to a run that is going on: what `undecided` asks for, within what the target allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .run import RunMeta
from .scenario import TrialPlan
from .store import RunStore
from .undecided import Played, further, joined


@dataclass
class Repeating:
    """Answers the runner what to play next, and says so in `run.json` before it begins.

    prompts: how many more may be sent.
    """

    store: RunStore
    meta: RunMeta
    prompts: int

    def __call__(self, played: Sequence[Played]) -> tuple[TrialPlan, ...]:
        """More trials of the scenarios that are undecided; none when there are none, or no prompts are left."""
        added = further(played, self.prompts)
        if added.plans:
            self.prompts -= sum(plan.scenario.prompts for plan in added.plans)
            self.meta = _extended(self.meta, added.plans)
            self.meta = replace(self.meta, repeated=joined(self.meta.repeated, added.repeated))
            self.store.save_meta(self.meta)
        return added.plans


def _extended(meta: RunMeta, plans: Sequence[TrialPlan]) -> RunMeta:
    more = {id: tuple(plan.number for plan in plans if plan.scenario.id == id) for id in meta.plan}
    return replace(meta, plan={id: numbers + more[id] for id, numbers in meta.plan.items()})
