"""A phone walks out of the Wi-Fi and goes on over mobile data, while its old connection still looks alive."""

from audit.checks import DUPLICATION, HANG, INDEPENDENCE, LOSS, ORDER, RESUME_DELAY, SURVIVAL, TERMINATION
from audit.contract import RESILIENT_DELIVERY
from audit.scenario import Scenario
from audit.stage import Stage


async def script(stage: Stage) -> None:
    """The old connection goes silent without closing; the phone resumes at once from another address and port."""
    phone, laptop = await stage.devices("phone", "laptop")
    run = stage.counting(60)
    await stage.prompt(phone, run)
    await stage.watch(laptop, run)
    await stage.reach(phone, run)
    await stage.handover(phone)
    await stage.resume(phone)
    await stage.settle()


SCENARIO = Scenario(
    id="network-handover",
    title="From Wi-Fi to mobile data",
    why="After a change of network the server holds two connections of one device, and the one that it trusts is dead.",
    capability=RESILIENT_DELIVERY,
    script=script,
    checks=(LOSS, DUPLICATION, ORDER, TERMINATION, SURVIVAL, HANG, RESUME_DELAY, INDEPENDENCE),
    points=("middle", "early", "late"),
    expects_fault=True,
)
