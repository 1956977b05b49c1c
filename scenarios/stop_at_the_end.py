"""Stop is pressed just when the answer ends by itself."""

from audit.checks import CONVERGENCE, FINISH_RACE, STOP_IDEMPOTENCE, TERMINATION
from audit.contract import LIVE_CONTROL
from audit.scenario import Scenario
from audit.stage import Stage

RACES = 4
WORDS = 15


async def script(stage: Stage) -> None:
    """One short answer after the other, each stopped at another instant around its last word, from either device."""
    phone, laptop = await stage.devices("phone", "laptop")
    for race, left in enumerate(stage.rng.sample(range(RACES), RACES)):
        run = stage.counting(WORDS)
        await stage.prompt(phone, run)
        await stage.watch(laptop, run)
        await stage.words(phone, run, run.items - left)
        await stage.pause(stage.rng.uniform(0, stage.pace.ms) / 1e3)
        await stage.stop((phone, laptop)[race % 2], run)
        await stage.over(run)
    await stage.settle()


SCENARIO = Scenario(
    id="stop-at-the-end",
    title="Stop at the very end",
    why="A stop and the natural end that meet are two endings, or none, where nothing decides which of them was first.",
    capability=LIVE_CONTROL,
    script=script,
    checks=(FINISH_RACE, STOP_IDEMPOTENCE, TERMINATION, CONVERGENCE),
    prompts=RACES,
    seconds=3.0,
)
