"""While an answer is being written somebody wishes it otherwise, without stopping it."""

from audit.checks import CONVERGENCE, STEER, TERMINATION
from audit.contract import LIVE_CONTROL
from audit.scenario import Scenario
from audit.stage import Stage

WISH = 'From here on write each number like new-0001. [format="new-{:04d}"]'
OTHER = "And make it shorter."


async def script(stage: Stage) -> None:
    """Steer on the phone, then from the laptop in the last words, and once more when the answer is over."""
    phone, laptop = await stage.devices("phone", "laptop")
    run = stage.counting(80)
    await stage.prompt(phone, run)
    await stage.watch(laptop, run)
    await stage.words(phone, run, stage.rng.randint(10, 30))
    await stage.steer(phone, run, WISH, f"{run.key}-steer-1")
    await stage.words(phone, run, run.items - stage.rng.randint(1, 5))
    await stage.steer(laptop, run, OTHER, f"{run.key}-steer-2")
    await stage.over(run)
    await stage.steer(phone, run, OTHER, f"{run.key}-steer-3")
    await stage.pause(stage.waits.stop_s / 4)
    await stage.settle()


SCENARIO = Scenario(
    id="midstream-steer",
    title="Steered in the middle of an answer",
    why="A wish that is sent into a running answer is often neither followed nor refused, or answered a second time.",
    capability=LIVE_CONTROL,
    script=script,
    checks=(STEER, TERMINATION, CONVERGENCE),
    needs=("steers",),
)
