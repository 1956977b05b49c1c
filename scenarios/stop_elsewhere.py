"""Stop is pressed somewhere else: on another device, after a reload, on a resumed stream."""

from audit.checks import RESURRECTION, STOP_REACH, STOP_VISIBILITY
from audit.contract import LIVE_CONTROL
from audit.scenario import Scenario
from audit.stage import Stage


async def script(stage: Stage) -> None:
    """One arm a trial: the laptop stops the phone's run, the phone reloads and stops, or it reconnects and stops."""
    phone, laptop = await stage.devices("phone", "laptop")
    run = stage.counting(250)
    await stage.prompt(phone, run)
    await stage.watch(laptop, run)
    await stage.words(phone, run, stage.rng.randint(10, 40))
    if stage.arm == "after-reload":
        await stage.doing(phone.forget)
        await stage.rejoin(phone)
    elif stage.arm == "resumed-stream":
        await stage.hang_up(phone)
        await stage.resume(phone)
    stage.mark("arm", arm=stage.arm, label=run.label)
    await stage.stop(laptop if stage.arm == "other-device" else phone, run)
    await stage.over(run)
    await stage.hang_up(phone)
    await stage.resume(phone)
    await stage.listen()
    await stage.settle()


SCENARIO = Scenario(
    id="stop-elsewhere",
    title="Stop from somewhere else",
    why="If only the connection that asked can stop, the user is trapped as soon as it is gone (vercel/ai#6502).",
    capability=LIVE_CONTROL,
    script=script,
    checks=(STOP_REACH, STOP_VISIBILITY, RESURRECTION),
    arms=("other-device", "after-reload", "resumed-stream"),
    seconds=5.0,
)
