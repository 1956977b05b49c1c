"""A tab is put in the background, looked at again, and reloaded."""

from audit.checks import DUPLICATION, INDEPENDENCE, JOIN, TAB_CLOSE, TAB_FREEZE
from audit.contract import CONTINUITY
from audit.scenario import Scenario
from audit.stage import Stage


async def script(stage: Stage) -> None:
    """Freeze the reader, thaw it, let it catch up; then reload it, so that it comes back without memory."""
    tab, laptop = await stage.devices("tab", "laptop")
    run = stage.counting(120)
    await stage.prompt(tab, run)
    await stage.watch(laptop, run)
    await stage.words(tab, run, stage.rng.randint(5, 20))
    await stage.doing(tab.freeze)
    await stage.pause(0.3)
    await stage.doing(tab.thaw)
    await stage.words(tab, run, tab.seen(run) + 15)
    await stage.doing(tab.forget)
    await stage.rejoin(tab)
    await stage.settle()


SCENARIO = Scenario(
    id="tab-switch",
    title="A tab is hidden, shown again and reloaded",
    why="Browsers freeze background tabs; a frozen fetch reader neither resolves nor rejects after the thaw.",
    capability=CONTINUITY,
    script=script,
    checks=(TAB_FREEZE, TAB_CLOSE, JOIN, INDEPENDENCE, DUPLICATION),
)
