"""A prompt arrives, its reply is lost, and the device sends it again."""

from audit.checks import RESUBMISSION
from audit.contract import RESILIENT_DELIVERY
from audit.faults import Blackhole
from audit.scenario import Scenario
from audit.stage import Stage


async def script(stage: Stage) -> None:
    """Swallow what the target answers, give up, come back, and repeat the prompt with the same key."""
    phone, laptop = await stage.devices("phone", "laptop")
    run = stage.counting(40)
    deaf = Blackhole(direction="down", reaches="both")
    await stage.inject(phone, deaf)
    await stage.prompt(phone, run, timeout=stage.patience_s)
    await stage.lift(phone, deaf)
    await stage.hang_up(phone)
    await stage.resume(phone)
    await stage.again(phone, run)
    await stage.watch(laptop, run)
    await stage.settle()


SCENARIO = Scenario(
    id="lost-reply",
    title="The reply to a prompt is lost",
    why="Nobody can tell a lost request from a lost reply; without an idempotency key a retry asks, and bills, twice.",
    capability=RESILIENT_DELIVERY,
    script=script,
    checks=(RESUBMISSION,),
    expects_fault=True,
    prompts=2,
)
