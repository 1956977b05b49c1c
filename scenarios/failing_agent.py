"""The agent breaks down in the middle of its answer, and one of the devices is not there to see it."""

from audit.checks import COMPLETION_WINDOW, DUPLICATION, FAILURE_TRUTH, HANG, LOSS, TERMINATION
from audit.contract import RESILIENT_DELIVERY
from audit.faults import Close
from audit.scenario import Scenario
from audit.stage import Stage


async def script(stage: Stage) -> None:
    """The phone is cut and comes back before the failure, or after it; a tablet opens the session when all is over."""
    phone, laptop = await stage.devices("phone", "laptop")
    run = stage.failing(60, after=stage.rng.randint(40, 50))
    stage.mark("fails", label=run.label)
    await stage.prompt(phone, run)
    await stage.watch(laptop, run)
    await stage.words(phone, run, stage.rng.randint(5, 12))
    await stage.inject(phone, Close())
    if stage.arm == "after":
        await stage.absent(phone, run)
    else:
        await stage.offline(phone, seconds=0.05)
    await stage.resume(phone)
    await stage.over(run)
    tablet = await stage.device("tablet")
    await tablet.join()
    await stage.settle()


SCENARIO = Scenario(
    id="failing-agent",
    title="The agent fails",
    why="Models time out and tools throw. Half an answer that looks whole is worse than none: people act on it.",
    capability=RESILIENT_DELIVERY,
    script=script,
    checks=(FAILURE_TRUTH, LOSS, DUPLICATION, TERMINATION, COMPLETION_WINDOW, HANG),
    arms=("after", "before"),
    expects_fault=True,
    needs=("fails",),
)
