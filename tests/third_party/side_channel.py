"""What a server that is not ours tells of itself, beside what the audit concluded from the outside."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from audit.finding import Verdict
from audit.judge import judge
from audit.run import Trial
from audit.store import load_run
from scenarios import SCENARIOS


@dataclass(frozen=True)
class Run:
    """One generation, as the server knows it. produced: words the model made in the end; at_disconnect, at_stop: how
    many there were when its browser was lost, and when stop was called. model, answer: what became of the model's
    stream and of the answer made of it (running, finished, aborted, cancelled)."""

    produced: int
    at_disconnect: int | None
    at_stop: int | None
    model: str
    answer: str


@dataclass(frozen=True)
class Told:
    """A disturbed trial, and the runs that the server had for it."""

    trial: Trial
    runs: tuple[Run, ...]


async def ask(path: Path, url: str) -> list[Told]:
    """Ask for every disturbed trial of a stored run; the chat's id is in the prompt's key."""
    trials = [trial for trial in load_run(path).trials() if not trial.history.meta["twin"]]
    return [Told(trial, await asyncio.to_thread(_runs, f"{url}/_oracle?id={_chat(trial)}")) for trial in trials]


def _chat(trial: Trial) -> str:
    asked = next(trial.history.invocations("prompt"))[0].value
    return str(asked["key"]).removesuffix(f"-{asked['label']}")


def _runs(url: str) -> tuple[Run, ...]:
    with urlopen(url, timeout=5) as response:
        rows = json.load(response)
    return tuple(Run(r["produced"], r["atDisconnect"], r["atStop"], r["model"], r["answer"]) for r in rows)


def _kept(told: Told) -> bool:
    goes_on = told.trial.history.meta["contract"]["disconnect"] == "continue"
    return bool((told.runs[0].answer == "finished") == goes_on)


# Rule → does the side channel say that it was kept? Rules about what a device is shown are not the server's to confirm.
_KEPT: dict[str, Callable[[Told], bool]] = {
    "survival": _kept,
    "tab-close": _kept,
    "resubmission": lambda told: len(told.runs) == 1,
    "stop": lambda told: told.runs[0].answer != "finished",
    "stop-reach": lambda told: told.runs[0].at_stop is not None and told.runs[0].answer == "aborted",
    "stop-aim": lambda told: told.runs[1].answer == "finished",
    "stop-vs-disconnect": lambda told: told.runs[0].answer != told.runs[1].answer,
}


def compared(told: list[Told]) -> Iterator[tuple[str, bool]]:
    """(`rule@trial`, does the side channel agree?) for every verdict that it can confirm."""
    checks = {scenario.id: scenario.checks for scenario in SCENARIOS}
    for each in told:
        for finding in judge(each.trial.history, checks[each.trial.scenario]):
            if finding.rule in _KEPT and finding.verdict in (Verdict.PASS, Verdict.GAP):
                kept = _KEPT[finding.rule](each)
                yield f"{finding.rule}@{each.trial.file}", kept == (finding.verdict is Verdict.PASS)
