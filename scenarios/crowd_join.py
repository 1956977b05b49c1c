"""Ten devices open the session while one answer is being written, each at an instant of its own; some leave again."""

from audit.checks import CONVERGENCE, DISCOVERY, ECHO, INDEPENDENCE, JOIN, LIVE_VIEW, PRESENCE, REPLAY_COST
from audit.contract import CONTINUITY
from audit.scenario import Scenario
from audit.stage import Stage

CROWD = tuple(f"{kind}-{number}" for number in (1, 2, 3, 4, 5) for kind in ("phone", "tab"))
LEAVING = 3


async def script(stage: Stage) -> None:
    """The crowd joins at random words of the answer; then the last ones to come leave, while it still goes on."""
    (laptop,) = await stage.devices("laptop")
    run = stage.counting(120)
    await stage.prompt(laptop, run)
    crowd = [await stage.device(name) for name in CROWD]
    await stage.scattered(laptop, run, crowd, 0.1, 0.7)
    await stage.words(laptop, run, run.items * 8 // 10)
    for device in crowd[-LEAVING:]:
        await stage.doing(device.leave)
    await stage.settle()
    await stage.counted_present()


SCENARIO = Scenario(
    id="crowd-join",
    title="Ten devices open the session at once",
    why="A link is shared, a meeting starts: every one of them needs history and live text at an instant of its own, "
    "and none may disturb the others.",
    capability=CONTINUITY,
    script=script,
    checks=(JOIN, DISCOVERY, LIVE_VIEW, ECHO, CONVERGENCE, INDEPENDENCE, PRESENCE, REPLAY_COST),
    needs=("observable",),
    seconds=4.0,
)
