"""Three answers: one is left by a lost connection, one is stopped, one is read to its end."""

from audit.checks import STOP_VS_DISCONNECT, SURVIVAL
from audit.contract import LIVE_CONTROL
from audit.faults import Close
from audit.scenario import Scenario
from audit.stage import Run, Stage


async def script(stage: Stage) -> None:
    """Drop, stop, finish, one after the other in one session; then compare how each of them ended."""
    phone, laptop = await stage.devices("phone", "laptop")

    async def begin(arm: str, items: int) -> Run:
        run = stage.counting(items)
        await stage.prompt(phone, run)
        await stage.watch(laptop, run)
        stage.mark("arm", arm=arm, label=run.label)
        await stage.words(phone, run, min(items, 8))
        return run

    run = await begin("drop", 50)
    await stage.inject(phone, Close())
    await stage.absent(phone, run)
    await stage.resume(phone)
    await stage.over(run)
    run = await begin("stop", 120)
    await stage.stop(phone, run)
    await stage.over(run)
    run = await begin("finish", 20)
    await stage.over(run)
    await stage.settle()


SCENARIO = Scenario(
    id="abandoned-run",
    title="Dropped, stopped, or finished",
    why="If hanging up means both 'I lost signal' and 'stop', a product can have resume or stop, never both.",
    capability=LIVE_CONTROL,
    script=script,
    checks=(STOP_VS_DISCONNECT, SURVIVAL),
    expects_fault=True,
    prompts=3,
    seconds=6.0,
)
