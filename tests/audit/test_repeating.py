from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import pytest

from audit import runner
from audit.history import History
from audit.repeating import Repeating
from audit.result import Repeated
from audit.runner import Step, run
from audit.scenario import TrialPlan, plan
from audit.stage import Pace
from audit.store import RunStore, load_run
from audit.undecided import Played

from .making import run_meta
from .playing import bench
from .test_runner import sinks
from .test_undecided import history, played, scene


def begun(root: Path, prompts: int = 100) -> Repeating:
    meta = run_meta(plan={"story": (0, 1, 2, 3), "calm": (0, 1, 2, 3)})
    return Repeating(RunStore.create(root, meta), meta, prompts)


def test_added_trials_are_in_the_plan_before_they_begin(tmp_path: Path) -> None:
    repeating = begun(tmp_path)
    both = [*played(scene(0.9, 1.1), 3), *played(scene(0.1, id="calm"), 3)]
    assert [each.name for each in repeating(both)] == ["story-4", "story-5", "story-6"]
    stored = load_run(tmp_path / "latest").meta
    assert stored.plan == {"story": (0, 1, 2, 3, 4, 5, 6), "calm": (0, 1, 2, 3)}
    assert stored.repeated == (Repeated("story", 3, ("resume-delay",)),)


def test_rounds_end(tmp_path: Path) -> None:
    repeating, close = begun(tmp_path), scene(0.9, 1.1)
    trials = 3
    while added := repeating(played(close, trials)):
        trials += len(added)
    assert trials == 9
    assert load_run(tmp_path / "latest").meta.repeated == (Repeated("story", 6, ("resume-delay",)),)


def test_prompts_are_counted_over_all_rounds(tmp_path: Path) -> None:
    repeating, close = begun(tmp_path, prompts=5), scene(0.9, 1.1)
    assert len(repeating(played(close, 3))) == 3
    assert repeating(played(close, 6)) == ()


@pytest.mark.sockets
async def test_the_runner_asks_until_there_is_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    async def play(plan: TrialPlan, bench: object, pace: Pace, sink: TextIO) -> History:
        return history(plan.number)

    asked: list[list[int]] = []

    def more(known: Sequence[Played]) -> tuple[TrialPlan, ...]:
        asked.append([each.number for each, _ in known])
        return (TrialPlan(known[0][0].scenario, len(known), 7, "quick"),) if len(asked) < 3 else ()

    monkeypatch.setattr(runner, "play", play)
    steps: list[Step] = []
    plans = plan((scene(0.1),), "quick", 7)
    histories = await run(bench("http://127.0.0.1:9"), plans, 3, sinks()[1], steps.append, more)
    assert asked == [[0, 1, 2, 3], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4, 5]]
    assert [each.meta["trial"] for each in histories] == [0, 1, 2, 3, 4, 5]
    assert [(step.done, step.total) for step in steps][-3:] == [(4, 4), (5, 5), (6, 6)]
