"""Timing is judged only while our own process had time to look: a busy machine is nobody's defect."""

from __future__ import annotations

from ..event import Event, Phase
from ..finding import Finding, Verdict
from ..history import History
from .verdicts import unproven

_SHARE = 0.25  # of a wait: whoever stood still for so much of it cannot say how long it was
_TIMES = 2  # what runs beside us on a machine that starves us is late as well


def stood_still_ms(history: History, start: Event, end: Event) -> float:
    """For how much of the time between two events our own loop did not run, as far as it was recorded."""
    found = 0.0
    for note in history.of("stage"):
        if note.what == "lag" and note.phase is Phase.NOTE:
            began_ns = note.t_ns - float(note.value.get("ms", 0.0)) * 1e6
            found += max(0.0, min(note.t_ns, end.t_ns) - max(began_ns, start.t_ns)) / 1e6
    return found


def fair(finding: Finding, history: History, start: Event, end: Event, allowed_ms: float | None = None) -> Finding:
    """The finding about the time between two events. A gap proves nothing where we stood still for much of that time,
    or for so long that this could explain what is over `allowed_ms`."""
    if finding.verdict is not Verdict.GAP:
        return finding
    stood, took = stood_still_ms(history, start, end), (end.t_ns - start.t_ns) / 1e6
    explains = allowed_ms is not None and stood > 0 and took - _TIMES * stood <= allowed_ms
    if stood == 0 or (stood < _SHARE * took and not explains):
        return finding
    why = f"{finding.why} But this machine was busy: the audit itself stood still for {stood:.0f} ms of that time."
    return unproven(finding.rule, finding.device, why, finding.evidence)
