"""The fault-free twin: where a target fails although nobody disturbed it, no disturbed trial proves anything. Pure."""

from __future__ import annotations

from .checks.facts import is_ok, prompts
from .checks.screen import screens
from .event import Event
from .history import History


def twin_failure(history: History) -> str:
    """Why this twin failed, as a sentence; empty when its prompts were accepted and answered with text.

    A prompt that is refused while another one is answered is the target's policy, not a failure.
    """
    asked = prompts(history)
    if not asked:
        return "Nothing was asked in the fault-free twin, so this scenario proves nothing."
    answered = {label for label in asked if _seen(history, label)}
    silent = [label for label, (_, done) in asked.items() if is_ok(done) and label not in answered]
    if silent:
        return f"In the fault-free twin {silent[0]} was accepted and nobody saw a word of it."
    if not answered:
        return f"In the fault-free twin no prompt was accepted ({_reason(next(iter(asked.values()))[1])})."
    return ""


def _seen(history: History, label: str) -> bool:
    shown = (screen.runs.get(label) for screen in screens(history).values())
    return any(run.text for run in shown if run is not None)


def _reason(done: Event | None) -> str:
    if done is None:
        return "nothing ever answered"
    status = done.value.get("status")
    return str(done.value.get("error") or (f"status {status}" if status else done.phase.value))[:200]
