"""Two tabs of one session ask at the same moment, lose their connections, and both come back."""

from audit.checks import CONCURRENCY, CONVERGENCE, DUPLICATION, ECHO, LOSS, ORDER, SURVIVAL, TERMINATION
from audit.contract import CONTINUITY
from audit.faults import Close
from audit.scenario import Scenario
from audit.stage import Stage


async def script(stage: Stage) -> None:
    """Both prompt at once, both are cut in the middle of what is said, both resume."""
    left, right = await stage.devices("left-tab", "right-tab")
    run, other = stage.counting(40), stage.counting(30)
    await stage.together(stage.prompt(left, run), stage.prompt(right, other))
    await stage.words(left, run, stage.rng.randint(5, 20))
    await stage.together(stage.inject(left, Close()), stage.inject(right, Close()))
    await stage.together(stage.resume(left), stage.resume(right))
    await stage.over(run)
    await stage.over(other)
    await stage.settle()


SCENARIO = Scenario(
    id="two-tabs",
    title="Two tabs ask at once",
    why="Each tab thinks it is the only one: their answers meet in one session, and each may come back to the other's.",
    capability=CONTINUITY,
    script=script,
    checks=(CONVERGENCE, ECHO, LOSS, DUPLICATION, ORDER, TERMINATION, SURVIVAL, CONCURRENCY),
    expects_fault=True,
    prompts=2,
    needs=("apart",),
)
