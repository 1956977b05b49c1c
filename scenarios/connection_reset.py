"""A connection dies with a reset: a crashed proxy, a phone that switches from Wi-Fi to mobile data."""

from audit.checks import DUPLICATION, HANG, LOSS, ORDER, SURVIVAL, TERMINATION, TEXT_INTEGRITY
from audit.contract import RESILIENT_DELIVERY
from audit.faults import Reset
from audit.scenario import Scenario
from audit.stage import Stage


async def script(stage: Stage) -> None:
    """As in network-drop, but with RST, and the device is back at once."""
    phone, laptop = await stage.devices("phone", "laptop")
    run = stage.counting(60)
    await stage.prompt(phone, run)
    await stage.watch(laptop, run)
    await stage.reach(phone, run)
    await stage.inject(phone, Reset())
    await stage.resume(phone)
    await stage.settle()


SCENARIO = Scenario(
    id="connection-reset",
    title="The connection is reset",
    why="A reset, unlike an orderly close, loses what is in flight and often reaches only one of the two ends.",
    capability=RESILIENT_DELIVERY,
    script=script,
    checks=(LOSS, DUPLICATION, ORDER, TEXT_INTEGRITY, TERMINATION, SURVIVAL, HANG),
    points=("middle", "late", "early", "end", "burst"),
    expects_fault=True,
)
