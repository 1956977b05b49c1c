"""The few events around a finding's evidence, so that a report needs no history file. Pure."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Sequence
from math import isfinite

from .checks.oracle import strikes
from .event import Event, JsonValue, Phase, Value
from .finding import Finding
from .halves import without_halves
from .history import History
from .result import EXCERPT_LIMIT, Excerpt

_EVIDENCE_LIMIT = 16
_LANDMARK_LIMIT = 32  # evidence and landmarks together: some room is left for what came just before and after
_TEXT_LIMIT = 400
_LIST_LIMIT = 12
_LANDMARKS = frozenset({"prompt", "stop", "resume", "join", "closed", "end", "gap", "snapshot", "reset", "problem"})
_NOTES = frozenset({"offline", "online", "freeze", "thaw", "forget", "leave", "fault", "settled"})
_FAR = 1 << 60
_MARKS = {
    "loss": "missing",
    "duplication": "repeated",
    "echo": "repeated",
    "order": "reordered",
    "stop": "late",
    "resurrection": "late",
    "buffering": "late",
    "live-view": "late",
    "resume-delay": "late",
    "control-delay": "late",
}


def excerpt(history: History, finding: Finding, limit: int = EXCERPT_LIMIT) -> Excerpt:
    """At most `limit` events: the evidence, then what devices did and what was done to them, then the evidence's
    nearest neighbors. Long texts are clipped."""
    shown = sorted(_chosen(history.events, finding.evidence, limit))
    events = tuple(_row(history.events[index]) for index in shown)
    cut = shown[-1] - shown[0] + 1 - len(shown) if shown else 0
    return Excerpt(events, _marks(history, finding, shown), _devices(history), cut)


def _chosen(events: Sequence[Event], evidence: Sequence[int], limit: int) -> set[int]:
    chosen = set(_ends_of(sorted(set(evidence)), min(_EVIDENCE_LIMIT, limit)))
    near = _Nearness(sorted(chosen))
    landmarks = sorted((e.index for e in events if _is_landmark(e) and e.index not in chosen), key=near)
    chosen.update(landmarks[: max(0, min(_LANDMARK_LIMIT, limit) - len(chosen))])
    others = sorted((e.index for e in events if e.index not in chosen and not _is_idle(e)), key=near)
    chosen.update(others[: limit - len(chosen)])
    return chosen


class _Nearness:
    """Sort key: events near the evidence first; where there is none, from the end, where things had gone wrong."""

    def __init__(self, anchors: list[int]) -> None:
        self._anchors = anchors

    def __call__(self, index: int) -> tuple[int, int]:
        at = bisect_left(self._anchors, index)
        around = self._anchors[max(0, at - 1) : at + 1]
        return min((abs(index - anchor) for anchor in around), default=_FAR - index), index


def _ends_of(indices: list[int], limit: int) -> list[int]:
    """The first and the last of too many."""
    if len(indices) <= limit:
        return indices
    return indices[: (limit + 1) // 2] + indices[-(limit // 2) :]


def _is_landmark(event: Event) -> bool:
    return event.what in (_NOTES if event.phase is Phase.NOTE else _LANDMARKS)


def _is_idle(event: Event) -> bool:
    """Heartbeats tell nothing, and devices have their own list."""
    return event.what in ("ping", "device")


def _row(event: Event) -> Value:
    row: Value = json.loads(event.dump())
    return {key: _clipped(value) if key == "value" else value for key, value in row.items()}


def _clipped(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return without_halves(value if len(value) <= _TEXT_LIMIT else value[: _TEXT_LIMIT - 1] + "…")
    if isinstance(value, float) and not isfinite(value):
        return str(value)  # Python reads NaN in JSON; nobody else does
    if isinstance(value, list):
        return [_clipped(inner) for inner in value[:_LIST_LIMIT]]
    if isinstance(value, dict):
        return {key: _clipped(inner) for key, inner in value.items()}
    return value


def _marks(history: History, finding: Finding, shown: Sequence[int]) -> dict[str, str]:
    """Evidence that is something seen is marked with what the rule proves by it; faults are always marked."""
    struck = {event.index for event in strikes(history)}
    marks: dict[str, str] = {}
    for index in shown:
        if index in struck:
            marks[str(index)] = "fault"
        elif index in finding.evidence:
            marks[str(index)] = _mark(history.events[index], finding)
    return marks


def _mark(event: Event, finding: Finding) -> str:
    mark = _MARKS.get(finding.rule, "evidence")
    is_text = event.phase is Phase.SEEN and event.what in ("text", "snapshot", "user")
    was_there = mark == "missing" and event.who == finding.device  # what a device did see, it does not miss
    return mark if is_text and not was_there else "evidence"


def _devices(history: History) -> dict[str, str]:
    notes = (e for e in history.events if e.what == "device" and e.phase is Phase.NOTE)
    return {event.who: str(event.value.get("kind", "")) for event in notes}
