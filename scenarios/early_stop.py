"""Stop is pressed before there is anything to read: before the first word, behind another answer, at once."""

from audit.checks import CONTROL_DELAY, READINESS, RESURRECTION, STOP, STOP_AIM, STOP_REACH
from audit.contract import LIVE_CONTROL
from audit.scenario import Scenario
from audit.stage import Stage

THINKS_MS = 600


async def script(stage: Stage) -> None:
    """Stop a run that thinks, one that waits behind another, or one whose prompt is not even answered; then go on."""
    phone, laptop = await stage.devices("phone", "laptop")
    traits, arm = phone.adapter.traits, stage.arm
    if arm == "while-queued" and traits.stop == "command":
        first = stage.counting(60)
        await stage.prompt(phone, first)
        await stage.watch(laptop, first)
        await stage.words(phone, first, 5)
        run = stage.counting(60, first_ms=THINKS_MS)
        if phone.tells_apart(first) and await stage.prompt(phone, run):
            stage.mark("arm", arm=arm, label=run.label)
            await stage.stop(phone, run)
        await stage.over(first)
    elif arm == "by-key" and traits.prompt_key and traits.stop == "command":
        run = stage.counting(60, first_ms=THINKS_MS)
        stage.mark("arm", arm=arm, label=run.label)
        await stage.together(stage.prompt(phone, run), stage.stop(phone, run))
    else:
        run = stage.counting(60, first_ms=THINKS_MS)
        await stage.prompt(phone, run)
        await stage.watch(laptop, run)
        await stage.pause(0.1)
        stage.mark("arm", arm="before-first-token", label=run.label)
        await stage.stop(phone, run)
    await stage.over(run)
    await stage.hang_up(phone)
    await stage.resume(phone)
    await stage.listen()
    await stage.prompt(phone, stage.counting(20))
    await stage.settle()


SCENARIO = Scenario(
    id="early-stop",
    title="Stop before the first word",
    why="Until the first word there is often nothing that a stop could be addressed to, and the run starts anyway.",
    capability=LIVE_CONTROL,
    script=script,
    checks=(STOP_REACH, STOP, STOP_AIM, CONTROL_DELAY, RESURRECTION, READINESS),
    arms=("before-first-token", "while-queued", "by-key"),
    prompts=3,
    seconds=4.0,
)
