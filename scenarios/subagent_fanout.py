"""An orchestrator is busy while its sub-agents speak; one device is cut off meanwhile, and another one comes late."""

from audit.checks import CONVERGENCE, JOIN, LOSS, SUBAGENTS, TERMINATION
from audit.contract import CONTINUITY
from audit.faults import Close
from audit.scenario import Scenario
from audit.stage import Stage

AGENTS = 3
BUSY_MS = 500  # in which the orchestrator says nothing, as in a long tool call


async def script(stage: Stage) -> None:
    """Cut the phone and bring the tablet while the orchestrator is silent; all three must have what sub-agents say."""
    laptop, phone = await stage.devices("laptop", "phone")
    extra = f"agents={AGENTS} silent_at=8 silent_ms={BUSY_MS}"
    run = stage.counting(60, special="delegates", extra=extra)
    await stage.prompt(laptop, run)
    await stage.watch(phone, run)
    await stage.words(laptop, run, 8)
    stage.mark("busy", label=run.label)
    await stage.pause(stage.rng.uniform(0.02, 0.1))
    await stage.inject(phone, Close())
    await stage.pause(stage.rng.uniform(0.02, 0.1))
    await stage.resume(phone)
    tablet = await stage.device("tablet")
    await tablet.join()
    await stage.settle()


SCENARIO = Scenario(
    id="subagent-fanout",
    title="Sub-agents speak while their orchestrator is busy",
    why="Where an orchestrator relays what its sub-agents say, their progress stands still with it, and a device that "
    "comes back or comes late never learns of it.",
    capability=CONTINUITY,
    script=script,
    checks=(SUBAGENTS, JOIN, CONVERGENCE, LOSS, TERMINATION),
    expects_fault=True,
    needs=("delegates",),
)
