"""The connection goes silent without closing: a tunnel, a NAT that forgot, a laptop that slept."""

from audit.checks import DUPLICATION, HANG, INDEPENDENCE, LOSS, ORDER, TERMINATION
from audit.contract import RESILIENT_DELIVERY
from audit.faults import Blackhole
from audit.scenario import Scenario
from audit.stage import Stage


async def script(stage: Stage) -> None:
    """Swallow everything on the phone's connection, let its watchdog give up, come back beside the half-open one."""
    phone, laptop = await stage.devices("phone", "laptop")
    run = stage.counting(60)
    await stage.prompt(phone, run)
    await stage.watch(laptop, run)
    await stage.reach(phone, run)
    await stage.inject(phone, Blackhole())
    await stage.silence(phone, seconds=0.5)
    await stage.resume(phone)
    await stage.settle()


SCENARIO = Scenario(
    id="dead-air",
    title="The connection goes silent",
    why="A half-open connection tells nobody that it is dead: the server still counts the device as present.",
    capability=RESILIENT_DELIVERY,
    script=script,
    checks=(LOSS, DUPLICATION, ORDER, TERMINATION, HANG, INDEPENDENCE),
    points=("middle", "early", "late"),
    expects_fault=True,
)
