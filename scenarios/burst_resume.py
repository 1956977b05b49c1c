"""Words come back to back, and the device drops and resumes at many points."""

from audit.checks import CURSOR_INTEGRITY, DUPLICATION, LOSS, ORDER, TEXT_INTEGRITY
from audit.contract import RESILIENT_DELIVERY
from audit.scenario import Scenario
from audit.stage import Stage

DROPS = 5


async def script(stage: Stage) -> None:
    """Five times: stop reading exactly after a word, hang up, resume from there."""
    phone, laptop = await stage.devices("phone", "laptop")
    run = stage.counting(150)
    points = sorted(stage.rng.sample(range(1, run.items), DROPS))
    stage.brake(phone, run, points[0])
    await stage.prompt(phone, run)
    await stage.watch(laptop, run)
    for seen in points[1:]:
        await stage.braked(phone, run)
        stage.brake(phone, run, seen)
        await stage.resume(phone)
    await stage.braked(phone, run)
    await stage.resume(phone)
    await stage.settle()


SCENARIO = Scenario(
    id="burst-resume",
    title="Resuming inside a burst",
    why="Cursors that look unique at ten words a second collide at zero milliseconds (langgraph#8112).",
    capability=RESILIENT_DELIVERY,
    script=script,
    checks=(LOSS, DUPLICATION, ORDER, TEXT_INTEGRITY, CURSOR_INTEGRITY),
    points=("burst",),
)
