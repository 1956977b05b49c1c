"""`python -m tests.third_party`: the table of docs/field-notes.md, from a full audit of every variant."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable
from pathlib import Path

from audit.campaign import Order, audit, judge_again
from audit.contract import CAPABILITIES
from audit.result import AuditResult, CapabilityScore
from scenarios import SCENARIOS

from .servers import ai_sdk, target_of
from .side_channel import Run, Told, ask, compared

DECLARED = (
    ("plain-noconsume", "continue"),
    ("plain", "continue"),
    ("abort", "cancel"),
    ("abort", "continue"),
    ("resumable", "continue"),
    ("resumable-abort", "continue"),
)
ORDER = Order(SCENARIOS, "quick", seed=1, jobs=16)
WORDS, PACE_MS = 80, 8
MIDDLE = 56  # up to here, what is left of an answer is more than what is under way
HEAD = ("variant", "declared", "grade", "scores", "gaps", "after a disconnect", "after a stop", "agree")


async def main() -> None:
    """Audit, ask the side channel, print a row."""
    print(f"{_line(HEAD)}\n{_line('---' for _ in HEAD)}")
    for variant, declared in DECLARED:
        with tempfile.TemporaryDirectory() as folder:
            async with ai_sdk(variant, WORDS, PACE_MS) as url:
                target = target_of(variant, url, declared)
                store = await audit(target, ORDER, Path(folder), ["field-notes"], variant, lambda step: None)
                told = await ask(store.path, url)
            print(_row(variant, declared, judge_again(store.path, SCENARIOS), told), flush=True)


def _row(variant: str, declared: str, result: AuditResult, told: list[Told]) -> str:
    scores = " · ".join(_score(result.scores[name]) for name in CAPABILITIES)
    gaps = ", ".join(dict.fromkeys(f"`{each.rule}`" for each in result.findings if each.verdict == "gap")) or "–"
    first = [each.runs[0] for each in told if not each.trial.history.meta["scenario"].startswith(("stop", "midstream"))]
    cut = [(run, run.at_disconnect) for run in first if run.at_disconnect and run.at_disconnect < MIDDLE]
    stops = [each.runs[0] for each in told if each.trial.scenario == "midstream-stop"]
    pressed = [(run, run.at_stop or run.at_disconnect or 0) for run in stops]
    agreed = [agrees for _, agrees in compared(told)]
    agree = f"{sum(agreed)} of {len(agreed)}"
    return _line((variant, declared, result.grade, scores, gaps, _after(cut), _after(pressed), agree))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _score(score: CapabilityScore) -> str:
    if score.score is None:
        return "–"
    band = f" ({score.floor:.1f}–{score.ceiling:.1f})" if score.floor != score.ceiling else ""
    return f"{score.score:.1f}{band}"


def _after(runs: list[tuple[Run, int]]) -> str:
    more = sorted(run.produced - before for run, before in runs)
    words = str(more[0]) if more[0] == more[-1] else f"{more[0]}–{more[-1]}"
    states = sorted({f"answer {run.answer}, model {run.model}" for run, _ in runs})
    return f"{words} more words; {' / '.join(states)}"


if __name__ == "__main__":
    asyncio.run(main())
