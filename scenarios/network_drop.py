"""A phone loses signal in the middle of an answer and comes back."""

from audit.checks import (
    BUFFERING,
    CONVERGENCE,
    CURSOR_INTEGRITY,
    DUPLICATION,
    HANG,
    INDEPENDENCE,
    LOSS,
    ORDER,
    RESUME_DELAY,
    SURVIVAL,
    TERMINATION,
    TEXT_INTEGRITY,
)
from audit.contract import RESILIENT_DELIVERY
from audit.faults import Close
from audit.scenario import Scenario
from audit.stage import Stage


async def script(stage: Stage) -> None:
    """Prompt on the phone, watch on the laptop, cut the phone at the fault point, come back, settle."""
    phone, laptop = await stage.devices("phone", "laptop")
    run = stage.counting(60)
    await stage.prompt(phone, run)
    await stage.watch(laptop, run)
    await stage.reach(phone, run)
    await stage.inject(phone, Close(after_bytes=stage.cut_bytes))
    await stage.offline(phone, seconds=0.25)
    await stage.resume(phone)
    await stage.settle()


SCENARIO = Scenario(
    id="network-drop",
    title="The network drops and comes back",
    why="Phones lose their network all day; roughly five in a thousand answers meet a drop even on good networks.",
    capability=RESILIENT_DELIVERY,
    script=script,
    checks=(
        LOSS,
        DUPLICATION,
        ORDER,
        TEXT_INTEGRITY,
        TERMINATION,
        SURVIVAL,
        HANG,
        RESUME_DELAY,
        CURSOR_INTEGRITY,
        BUFFERING,
        INDEPENDENCE,
        CONVERGENCE,
    ),
    points=("middle", "split", "early", "late", "end", "middle", "split", "early", "late", "burst"),
    expects_fault=True,
)
