"""The agent calls a tool that takes a minute, and says nothing all the while."""

from audit.checks import CONVERGENCE, LOSS, SILENCE, TERMINATION
from audit.contract import RESILIENT_DELIVERY
from audit.scenario import Scenario
from audit.stage import Stage

FULL_S = 65.0  # past the idle timeouts of most proxies and balancers
QUIET_S = {"quick": 2.5, "standard": 4.0, "deep": FULL_S}


async def script(stage: Stage) -> None:
    """Nobody does anything: two devices wait through the silence, which all profiles but `deep` cut short."""
    phone, laptop = await stage.devices("phone", "laptop")
    seconds = QUIET_S[stage.plan.profile]
    run = stage.pausing(20, seconds)
    stage.mark("quiet", label=run.label, seconds=seconds, shortened=seconds < FULL_S)
    await stage.prompt(phone, run)
    await stage.watch(laptop, run)
    await stage.through(phone, run, seconds)
    await stage.settle()


SCENARIO = Scenario(
    id="quiet-agent",
    title="The agent is silent for a minute",
    why="Proxies, balancers and phone networks cut what is idle; an agent at work is idle for a minute all the time.",
    capability=RESILIENT_DELIVERY,
    script=script,
    checks=(SILENCE, LOSS, TERMINATION, CONVERGENCE),
    seconds=6.0,
    needs=("pauses",),
)
