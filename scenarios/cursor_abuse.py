"""A phone comes back with a cursor that was never good: garbage, one from the future, one from another session."""

from audit.checks import CURSOR_HONESTY, HANG
from audit.contract import RESILIENT_DELIVERY
from audit.scenario import Scenario
from audit.stage import Stage


async def script(stage: Stage) -> None:
    """Lose the phone's stream in the middle, resume with a false cursor, and with the true one if that was refused."""
    phone, laptop = await stage.devices("phone", "laptop")
    run = stage.counting(120)
    await stage.prompt(phone, run)
    await stage.watch(laptop, run)
    tablet = None
    if stage.arm == "foreign":
        tablet = await stage.device("tablet", elsewhere=True)
        if tablet.adapter.traits.subscribes:
            await tablet.join(timeout=stage.waits.resume_s)
        other = stage.counting(10)
        await tablet.prompt(other, stage.waits.first_item_s)
        await stage.words(tablet, other, 10)
    await stage.words(phone, run, 30)
    await stage.hang_up(phone)
    true = phone.cursor
    stage.forge(phone, "future" if stage.arm == "future" else "foreign" if tablet else "garbage", tablet)
    await stage.resume(phone)
    if not phone.connected:
        phone.carry(true)
        await stage.resume(phone)
    await stage.settle()


SCENARIO = Scenario(
    id="cursor-abuse",
    title="A cursor that was never good",
    why="Restores, caches and copied links bring back cursors of other sessions and times; many servers answer 200.",
    capability=RESILIENT_DELIVERY,
    script=script,
    checks=(HANG, CURSOR_HONESTY),
    arms=("garbage", "future", "foreign"),
    prompts=2,
)
