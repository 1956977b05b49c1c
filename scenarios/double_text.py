"""A second prompt is sent while an answer is being written."""

from audit.checks import CONCURRENCY, CONVERGENCE, ECHO, INTERRUPT, TERMINATION
from audit.contract import LIVE_CONTROL
from audit.scenario import Scenario
from audit.stage import Stage


async def script(stage: Stage) -> None:
    """Ask, and before the answer is over ask again, on the same device or on the other one."""
    phone, laptop = await stage.devices("phone", "laptop")
    asker, viewer = (phone, laptop) if stage.arm == "same-device" else (laptop, phone)
    run, second = stage.counting(60), stage.counting(20)
    await stage.prompt(phone, run)
    await stage.watch(laptop, run)
    await stage.words(phone, run, stage.rng.randint(8, 25))
    if stage.plan.twin or not phone.tells_apart(run):
        stage.mark("nameless", label=run.label)
        await stage.over(run)
    if await stage.prompt(asker, second):
        await stage.watch(viewer, second)
    await stage.over(run)
    await stage.over(second)
    await stage.settle()


SCENARIO = Scenario(
    id="double-text",
    title="Asking again during the answer",
    why="People send a second message before the first is answered; a product that never decided what then happens "
    "mixes the two, or loses one.",
    capability=LIVE_CONTROL,
    script=script,
    checks=(CONCURRENCY, INTERRUPT, TERMINATION, ECHO, CONVERGENCE),
    arms=("other-device", "same-device"),
    prompts=2,
    needs=("apart",),
)
