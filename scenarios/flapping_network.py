"""A train ride: the connection comes back and is lost again before it was of any use."""

from audit.checks import (
    CONVERGENCE,
    CURSOR_INTEGRITY,
    DUPLICATION,
    HANG,
    LOSS,
    ORDER,
    SURVIVAL,
    TERMINATION,
    TEXT_INTEGRITY,
)
from audit.contract import RESILIENT_DELIVERY
from audit.faults import Close
from audit.scenario import Scenario
from audit.stage import Stage

ANSWER = (1, 320)  # bytes of a new connection: its response's head, and little more
REPLAY = (400, 4_000)  # … and some of what was missed
DROPS = {
    "before-news": (ANSWER,),
    "in-replay": (REPLAY,),
    "five-in-a-row": (ANSWER, REPLAY, ANSWER, REPLAY, ANSWER),
}


async def script(stage: Stage) -> None:
    """Cut the phone and let it miss some words; then cut each new connection early, and at last let one be."""
    phone, laptop = await stage.devices("phone", "laptop")
    run = stage.counting(90)
    await stage.prompt(phone, run)
    await stage.watch(laptop, run)
    await stage.words(phone, run, stage.rng.randint(5, 20))
    await stage.inject(phone, Close())
    await stage.offline(phone, seconds=0.25)
    for least, most in DROPS.get(stage.arm, ()):
        await stage.flap(phone, stage.rng.randint(least, most))
        await stage.pause(stage.rng.uniform(0, 0.05))
    await stage.resume(phone)
    await stage.settle()


SCENARIO = Scenario(
    id="flapping-network",
    title="The network comes back and drops again",
    why="Where signal is weak a reconnect often dies before it brings anything; trying again must cost nothing.",
    capability=RESILIENT_DELIVERY,
    script=script,
    checks=(
        LOSS,
        DUPLICATION,
        ORDER,
        TEXT_INTEGRITY,
        TERMINATION,
        SURVIVAL,
        HANG,
        CURSOR_INTEGRITY,
        CONVERGENCE,
    ),
    arms=tuple(DROPS),
    expects_fault=True,
)
