"""Stop, then ask the next question at once; and the old stop arrives once more, late."""

from audit.checks import READINESS, STOP_AIM, STOP_IDEMPOTENCE, TERMINATION
from audit.contract import LIVE_CONTROL
from audit.scenario import Scenario
from audit.stage import Stage


async def script(stage: Stage) -> None:
    """Stop the first run, prompt again, and while the second run speaks repeat the stop for the first."""
    phone, laptop = await stage.devices("phone", "laptop")
    run, next_run = stage.counting(200), stage.counting(60)
    await stage.prompt(phone, run)
    await stage.watch(laptop, run)
    await stage.words(phone, run, stage.rng.randint(5, 20))
    await stage.stop(phone, run)
    await stage.over(run)
    await stage.prompt(phone, next_run)
    await stage.watch(laptop, next_run)
    await stage.words(phone, next_run, stage.rng.randint(5, 20))
    await stage.late_stop(phone, run)
    await stage.settle()


SCENARIO = Scenario(
    id="stop-then-prompt",
    title="Stop, then ask again",
    why="After a stop the next prompt must just work, and a stop that arrives late must not hit the new answer.",
    capability=LIVE_CONTROL,
    script=script,
    checks=(READINESS, STOP_AIM, STOP_IDEMPOTENCE, TERMINATION),
    prompts=2,
    seconds=5.0,
)
