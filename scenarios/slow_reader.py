"""A phone on a bad network takes next to nothing of a long answer, while a laptop reads it at full speed."""

from audit.checks import BACKPRESSURE, CURSOR_INTEGRITY, DUPLICATION, ORDER, TERMINATION, TEXT_INTEGRITY
from audit.contract import RESILIENT_DELIVERY
from audit.scenario import Scenario
from audit.stage import Stage


async def script(stage: Stage) -> None:
    """Throttle the phone until the laptop has everything or hears no more; then let the phone catch up."""
    phone, laptop = await stage.devices("phone", "laptop", joined=False)
    await stage.slow(phone)
    await stage.open(phone, laptop)
    run = stage.counting(1_400, pace_ms=1)
    await stage.prompt(phone, run)
    await stage.watch(laptop, run)
    await stage.keeps_up(laptop, run)
    await stage.drain(phone)
    await stage.settle()


SCENARIO = Scenario(
    id="slow-reader",
    title="One device reads slowly",
    why="What a slow device does not take has to go somewhere: it holds up everybody, fills the memory, or is dropped.",
    capability=RESILIENT_DELIVERY,
    script=script,
    checks=(BACKPRESSURE, DUPLICATION, ORDER, TEXT_INTEGRITY, TERMINATION, CURSOR_INTEGRITY),
    expects_fault=True,
    seconds=6.0,
    needs=("observable",),
)
