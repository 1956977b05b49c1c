"""An agent asks for an approval; the page is reloaded, another device answers, and then the first one does, too."""

from audit.checks import APPROVAL, CONVERGENCE, JOIN, TAB_CLOSE
from audit.contract import CONTINUITY
from audit.scenario import Scenario
from audit.stage import Stage


async def script(stage: Stage) -> None:
    """The question waits while the laptop reloads; the phone says yes, the laptop no: the first answer counts."""
    laptop, phone = await stage.devices("laptop", "phone")
    run = stage.counting(40, special="approves", extra="approve_at=12")
    await stage.prompt(laptop, run)
    await stage.watch(phone, run)
    stage.mark("asks", label=run.label)
    asked = await stage.asked(laptop, run)
    await stage.doing(laptop.forget)
    await stage.rejoin(laptop)
    await stage.asked(laptop, run)
    if asked is not None:
        await stage.approve(phone, asked)
        if not stage.plan.twin:
            await stage.approve(laptop, asked, granted=False)
    await stage.settle()


SCENARIO = Scenario(
    id="pending-approval",
    title="An approval is waiting",
    why="People are asked on one screen and answer on another, or after a reload; the question must not be lost, nor "
    "answered twice.",
    capability=CONTINUITY,
    script=script,
    checks=(APPROVAL, JOIN, TAB_CLOSE, CONVERGENCE),
    needs=("approves",),
)
