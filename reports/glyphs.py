"""What one event looks like on its lane: a shape, a tone and a label, so that nothing is told by color alone."""

from __future__ import annotations

from dataclasses import dataclass

from .rows import Row, flag

MARK_WORDS = {
    "missing": "missing",
    "repeated": "repeated",
    "reordered": "out of order",
    "late": "late",
    "fault": "fault",
    "evidence": "evidence",
}
COUNTED = ("missing", "repeated", "reordered", "late")  # marks that come in series and share a label

LEGEND = {
    "text": "text arrives",
    "missing": "missing here",
    "repeated": "shown again",
    "reordered": "out of order",
    "late": "too late",
    "fault": "fault strikes",
    "closed": "connection ends",
    "flag": "device asks",
    "ok": "answered",
    "fail": "refused",
    "unsure": "outcome unknown",
    "end": "run ends",
    "snapshot": "text replaced",
    "user": "prompt shown",
    "start": "run begins",
    "alert": "target reports a problem",
    "note": "done to the device",
    "proof": "evidence",
}
_SEEN = {
    "text": "text",
    "user": "user",
    "start": "start",
    "end": "end",
    "snapshot": "snapshot",
    "reset": "snapshot",
    "gap": "alert",
    "problem": "alert",
    "closed": "closed",
}
_PHASES = {"invoke": "flag", "ok": "ok", "fail": "fail", "info": "unsure"}
_BANDS = frozenset({"offline", "online", "freeze", "thaw"})  # drawn as shaded spans, not as points


@dataclass(frozen=True, slots=True)
class Glyph:
    """A mark at x on the line at y. shape: a key of LEGEND or `dot`. proof: it is evidence, and underlined. tip: shown
    on hover."""

    x: float
    y: float
    shape: str
    proof: bool
    tip: str


def shape_of(row: Row, mark: str) -> str:
    """The shape of an event; empty when it is drawn as a span. A mark that says what went wrong goes first."""
    if mark in COUNTED:
        return mark
    if row.phase == "note":
        struck = row.what == "fault" and row.told("state") == "struck"
        return "fault" if struck else "" if row.what in _BANDS else "note"
    if row.phase == "seen":
        return _SEEN.get(row.what, "dot")
    return _PHASES.get(row.phase, "dot")


def label_of(row: Row, done: Row | None) -> tuple[str, int]:
    """What is written at an event and how much it matters (0 most); empty when the shape says enough."""
    if row.phase == "invoke":
        return flag(row, done), 1
    if row.phase == "note":
        return _note(row)
    if row.phase == "seen":
        return _seen(row)
    return "", 9


def word(row: Row) -> str:
    """The text an item brought, for the label under its tick."""
    return row.told("text").strip()


def _note(row: Row) -> tuple[str, int]:
    if row.what == "fault":
        state, name = row.told("state"), row.told("fault") or "?"
        return (f"fault: {name}", 0) if state == "struck" else (f"{name} {state}", 3)
    named = {"forget": "reloaded", "leave": "left for good"}
    return named.get(row.what, "" if row.what in _BANDS else row.what), 1


def _seen(row: Row) -> tuple[str, int]:
    if row.what == "end":
        return f"end: {row.told('reason') or 'no reason'}", 0
    if row.what == "closed":
        return f"closed: {row.told('how') or '?'}", 1
    if row.what in ("gap", "problem", "snapshot", "reset"):
        return row.what, 1
    return {"start": ("run begins", 3), "user": ("prompt shown", 3)}.get(row.what, ("", 9))
