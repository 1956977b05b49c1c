"""The server is started again in the middle of an answer."""

from audit.checks import CURSOR_HONESTY, REFUSED_RECONNECT, RESTART
from audit.contract import RESILIENT_DELIVERY
from audit.scenario import Scenario
from audit.stage import Stage


async def script(stage: Stage) -> None:
    """A phone is away, a laptop watches, a tablet comes while it happens; then the conversation goes on."""
    phone, laptop = await stage.devices("phone", "laptop")
    run = stage.counting(120)
    await stage.prompt(phone, run)
    await stage.watch(laptop, run)
    await stage.words(phone, run, stage.rng.randint(10, 40))
    await stage.doing(phone.offline)
    tablet = await stage.device("tablet")
    await stage.knock(tablet, stage.restart())
    await stage.back(laptop)
    stage.anew(run)
    await stage.over(run)
    more = stage.counting(60)
    await stage.prompt(laptop, more)
    await stage.over(more)
    await stage.doing(phone.online)
    await stage.back(phone)
    await stage.settle()


SCENARIO = Scenario(
    id="server-restart",
    title="The server is restarted",
    why="Deploys, crashes and autoscalers end processes all day, with answers in them.",
    capability=RESILIENT_DELIVERY,
    script=script,
    checks=(CURSOR_HONESTY, RESTART, REFUSED_RECONNECT),
    prompts=2,
    seconds=6.0,
    needs=("restart",),
    alone=True,
)
