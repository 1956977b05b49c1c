"""A phone is put away in the middle of an answer and taken out again when it is long finished."""

from audit.checks import COMPLETION_WINDOW, DUPLICATION, HANG, RETENTION, SURVIVAL
from audit.contract import RESILIENT_DELIVERY
from audit.faults import Close
from audit.scenario import Scenario
from audit.stage import Stage


async def script(stage: Stage) -> None:
    """Cut the phone, let the run end without it, come back: soon, or later than the target promises to keep it."""
    phone, laptop = await stage.devices("phone", "laptop")
    run = stage.counting(60)
    await stage.prompt(phone, run)
    await stage.watch(laptop, run)
    await stage.reach(phone, run)
    await stage.inject(phone, Close())
    retention_s = stage.retention_s if stage.arm == "past-retention" else None
    if retention_s is None:
        await stage.absent(phone, run)
    else:
        await stage.absent_for(phone, run, retention_s)
    await stage.resume(phone)
    await stage.settle()


SCENARIO = Scenario(
    id="long-absence",
    title="Back after the end",
    why="The answer finished while the user was away: neither live nor yet history, it is often nowhere.",
    capability=RESILIENT_DELIVERY,
    script=script,
    checks=(COMPLETION_WINDOW, DUPLICATION, SURVIVAL, HANG, RETENTION),
    points=("middle", "early", "late"),
    arms=("after-the-end", "past-retention"),
    expects_fault=True,
)
