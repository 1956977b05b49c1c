"""Another user of the product knows the address of a session, and tries what its owner's devices can do."""

from audit.checks import AUTHORITY, ISOLATION
from audit.contract import CONTINUITY
from audit.scenario import Scenario
from audit.stage import Stage


async def script(stage: Stage) -> None:
    """The neighbor's credential works in a session of his own. Then he uses it in ours, and our cursor in his."""
    phone, laptop = await stage.devices("phone", "laptop")
    run = stage.counting(200)
    await stage.prompt(phone, run)
    await stage.watch(laptop, run)
    neighbor = await stage.device("neighbor", stranger=True, elsewhere=True)
    if neighbor.adapter.traits.subscribes:
        await neighbor.join(timeout=stage.waits.resume_s)
    own = stage.counting(10)
    await neighbor.prompt(own, stage.waits.first_item_s)
    await stage.words(neighbor, own, 10)
    await stage.words(phone, run, 30)
    stranger = await stage.device("stranger", stranger=True)
    await stage.intrude(stranger, run, phone.cursor)
    if phone.cursor is not None:
        await stage.hang_up(neighbor)
        await stage.doing(lambda: neighbor.carry(phone.cursor))
        await stage.resume(neighbor)
    await stage.settle()


SCENARIO = Scenario(
    id="stranger",
    title="Somebody else knows the address",
    why="Session ids end up in links, logs and screenshots; if the id is all that protects it, so does the session.",
    capability=CONTINUITY,
    script=script,
    checks=(ISOLATION, AUTHORITY),
    prompts=2,
    needs=("stranger",),
)
