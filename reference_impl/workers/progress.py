"""How far a run in a worker's hands has got, as the state of its session knows it, and as its worker is told."""

from __future__ import annotations

from collections.abc import Mapping

from ..session.event import Data
from ..session.run import State
from ..session.state import Run, SessionState


def producer(run: str, agent: str) -> str:
    """The producer id of an agent of a run; the run's own agent has the empty name."""
    return f"{run}/{agent}" if agent else run


def named(agent: str) -> dict[str, str]:
    """The name of a sub-agent, where there is one, as a field of an event or a message."""
    return {"agent": agent} if agent else {}


def known(state: SessionState, run_id: str, claim: int, last: Mapping[str, int]) -> bool:
    """The state has this claim of the run, and of each agent all up to this number; or the run is past all that."""
    run = state.runs.get(run_id)
    if run is None or run.claim < claim:
        return False
    if run.claim > claim or run.state.ended:
        return True
    return all(state.producers.last(producer(run_id, name), claim) >= upto for name, upto in last.items())


def told(state: SessionState, run: Run, *, whole: bool) -> Data:
    """What a worker needs to go on with a run. whole: also what it needs to begin."""
    voices = {"": run.text} | run.voices
    progress: Data = {
        "claim": run.claim,
        "stopping": run.state is State.STOPPING,
        "last": {name: state.producers.last(producer(run.id, name), run.claim) for name in voices},
        "steers": [{"id": each.id, "text": each.text} for each in state.unanswered(run.id)],
        "approvals": [
            {"id": each.id, "granted": each.granted}
            for each in state.approvals.values()
            if each.run == run.id and not each.open
        ],
    }
    said = {name: "".join(pieces) for name, pieces in voices.items()}
    return progress | ({"prompt": run.prompt, "said": said} if whole else {})
