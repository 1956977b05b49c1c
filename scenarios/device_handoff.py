"""An answer is started on the phone and carried on from the laptop after the phone is gone."""

from audit.checks import CONVERGENCE, HANDOFF
from audit.contract import CONTINUITY
from audit.scenario import Scenario
from audit.stage import Stage


async def script(stage: Stage) -> None:
    """The laptop opens the session, the phone leaves for good; the laptop reads to the end and asks the next."""
    phone, laptop = await stage.devices("phone", "laptop", joined=False)
    await stage.open(phone)
    run, next_run = stage.counting(60), stage.counting(20)
    await stage.prompt(phone, run)
    await stage.reach(phone, run)
    await laptop.join()
    await stage.doing(phone.leave)
    await stage.over(run)
    await stage.prompt(laptop, next_run)
    await stage.settle()


SCENARIO = Scenario(
    id="device-handoff",
    title="Carried on from another device",
    why="Leaving the desk must not lose the thread: the other device needs all of it, and must be able to go on.",
    capability=CONTINUITY,
    script=script,
    checks=(HANDOFF, CONVERGENCE),
    prompts=2,
)
