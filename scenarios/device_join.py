"""A second and a third device open the session while an answer is being written."""

from audit.checks import BUFFERING, CONVERGENCE, DISCOVERY, ECHO, JOIN, LIVE_VIEW
from audit.contract import CONTINUITY
from audit.scenario import Scenario
from audit.stage import Stage


async def script(stage: Stage) -> None:
    """Join at the trial's point and once more later; the devices know the session and nothing else."""
    (laptop,) = await stage.devices("laptop")
    run = stage.counting(100)
    await stage.prompt(laptop, run)
    await stage.reach(laptop, run)
    phone = await stage.device("phone")
    await phone.join()
    await stage.pause(stage.rng.uniform(0.05, 0.3))
    tablet = await stage.device("tablet")
    await tablet.join()
    await stage.settle()


SCENARIO = Scenario(
    id="device-join",
    title="A second device opens the session",
    why="People start on the laptop and look at the phone; a stream that belongs to one connection cannot follow.",
    capability=CONTINUITY,
    script=script,
    checks=(JOIN, DISCOVERY, LIVE_VIEW, ECHO, CONVERGENCE, BUFFERING),
    points=("middle", "early", "middle", "late", "end"),
)
