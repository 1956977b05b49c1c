"""Stop is pressed twice, by two people, and once more when everything is over."""

from audit.checks import CONVERGENCE, READINESS, STOP, STOP_IDEMPOTENCE, STOP_VISIBILITY, TERMINATION
from audit.contract import LIVE_CONTROL
from audit.scenario import Scenario
from audit.stage import Stage


async def script(stage: Stage) -> None:
    """An impatient thumb, a second device, a late press; then an answer that is stopped after its natural end."""
    phone, laptop = await stage.devices("phone", "laptop")
    run, next_run = stage.counting(200), stage.counting(15)
    await stage.prompt(phone, run)
    await stage.watch(laptop, run)
    await stage.words(phone, run, stage.rng.randint(5, 20))
    await stage.stop(phone, run)
    await stage.together(stage.late_stop(phone, run), stage.late_stop(laptop, run))
    await stage.over(run)
    await stage.late_stop(phone, run)
    await stage.prompt(phone, next_run)
    await stage.watch(laptop, next_run)
    await stage.over(next_run)
    await stage.late_stop(laptop, next_run)
    await stage.settle()


SCENARIO = Scenario(
    id="stop-twice",
    title="Stop, stop, and stop again",
    why="People press a button that does not answer at once again; the second press must not be an error.",
    capability=LIVE_CONTROL,
    script=script,
    checks=(STOP_IDEMPOTENCE, STOP, STOP_VISIBILITY, READINESS, TERMINATION, CONVERGENCE),
    prompts=2,
    seconds=4.0,
)
