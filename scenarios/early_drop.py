"""The connection drops after the prompt was accepted and before the first word."""

from audit.checks import DUPLICATION, EARLY_RESUME, LOSS, SURVIVAL
from audit.contract import RESILIENT_DELIVERY
from audit.faults import Close
from audit.scenario import Scenario
from audit.stage import Stage


async def script(stage: Stage) -> None:
    """The agent thinks for a moment; the phone is cut and back before it speaks."""
    phone, laptop = await stage.devices("phone", "laptop")
    run = stage.counting(30, first_ms=700)
    await stage.prompt(phone, run)
    await stage.watch(laptop, run)
    await stage.pause(0.1)
    await stage.inject(phone, Close())
    await stage.offline(phone, seconds=0.05)
    await stage.resume(phone)
    await stage.settle()


SCENARIO = Scenario(
    id="early-drop",
    title="A drop before the first word",
    why="A reasoning model is silent for seconds; many servers answer a reconnect in that window 'nothing to resume'.",
    capability=RESILIENT_DELIVERY,
    script=script,
    checks=(EARLY_RESUME, LOSS, DUPLICATION, SURVIVAL),
    expects_fault=True,
)
