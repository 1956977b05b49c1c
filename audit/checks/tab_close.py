"""Reloading a tab follows the disconnect contract; it is never a silent stop."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import CONTINUITY
from ..event import Event, Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .base import Rule
from .facts import accepted, prompts, stops, went_on
from .moments import was_over
from .verdicts import gap, passed, unproven, worst
from .wording import at

_ID = "tab-close"


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device that was reloaded in the middle of a run it had asked for."""
    declared = history.meta["contract"].get("disconnect")
    for device in history.devices:
        pairs = ((label, reload) for label in accepted(history) for reload in _reloads(history, label, device))
        if declared != "cancel":
            yield from worst(_judge(history, label, reload, declared) for label, reload in pairs)


def _reloads(history: History, label: str, device: str) -> Iterator[Event]:
    asked = prompts(history)[label][0]
    if asked.who != device or stops(history, label):
        return
    for event in history.of(device):
        forgot = event.what == "forget" and event.phase is Phase.NOTE
        if forgot and event.index > asked.index and not was_over(history, label, event.index):
            yield event


def _judge(history: History, label: str, reload: Event, declared: object) -> Finding:
    fate, what = went_on(history, label, reload.index), f"The {reload.who} was reloaded at {at(reload)} during {label}"
    evidence = [reload.index, *([fate.ending.index] if fate.ending else []), *fate.more[:1], *fate.more[-1:]]
    if declared is None:
        return unproven(_ID, reload.who, f"{what}, and what that should do is not declared.", evidence)
    if fate.ending is not None and fate.ending.reason != "completed":
        return gap(_ID, reload.who, f"{what}, and the run ended {fate.ending.reason}: a silent stop.", evidence)
    if fate.finished:
        return passed(_ID, reload.who, f"{what}, and the run went on to its end.", evidence)
    if not fate.more:
        return gap(_ID, reload.who, f"{what}, and nobody could get anything more of it.", evidence)
    if fate.unfinished is not None:
        why = f"{what}, and when everything had settled the transcript held only a part of it."
        return gap(_ID, reload.who, why, [*evidence, fate.unfinished])
    return unproven(_ID, reload.who, f"{what}; it went on, but nobody saw how it ended.", evidence)


TAB_CLOSE = Rule(
    id=_ID,
    capability=CONTINUITY,
    severity=Severity.HIGH,
    title="A reload is not a stop",
    truth="Hiding, reloading or closing a tab does what the disconnect contract says; it is never a silent stop.",
    felt="You reload the page, and the answer that was being written is gone for good.",
    why="The page's unload handler, or the request that closes with it, cancels the generation.",
    source=("opencode#39028", "HTML Living Standard, pagehide", "AI SDK: do not stop on unmount"),
    remedy=Remedy(
        action="Do not abort on unload; let the server finish, and let the page find the run again when it loads.",
        gain="Reloads, crashes and closed lids cost nothing.",
        cost="Answers nobody returns to are generated and paid for; give users a real stop.",
        effort="endpoint",
    ),
    judge=judge,
)
