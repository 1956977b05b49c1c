"""Stop is pressed in the middle of an answer."""

from audit.checks import CONTROL_DELAY, CONVERGENCE, RESURRECTION, STOP, STOP_VISIBILITY
from audit.contract import LIVE_CONTROL
from audit.scenario import Scenario
from audit.stage import Stage


async def script(stage: Stage) -> None:
    """Stop on the phone while the laptop watches; wait out the budget; then the phone reconnects, and nothing may come
    back to life or have been written meanwhile."""
    phone, laptop = await stage.devices("phone", "laptop")
    run = stage.counting(250)
    await stage.prompt(phone, run)
    await stage.watch(laptop, run)
    await stage.words(phone, run, stage.rng.randint(10, 40))
    await stage.stop(phone, run)
    await stage.over(run)
    await stage.outlast_stop(laptop)
    await stage.hang_up(phone)
    await stage.resume(phone)
    await stage.listen()
    await stage.settle()


SCENARIO = Scenario(
    id="midstream-stop",
    title="Stop in the middle of an answer",
    why="A stop that only closes the stream leaves the model writing, and billing, behind the user's back.",
    capability=LIVE_CONTROL,
    script=script,
    checks=(STOP, STOP_VISIBILITY, CONTROL_DELAY, RESURRECTION, CONVERGENCE),
    seconds=6.0,
)
