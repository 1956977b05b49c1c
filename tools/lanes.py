"""A history as lanes of text, a device a column: what a page in Markdown can show of it. Pure.

Words that come in a row are told as one stretch; whatever else happened has a row of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from audit.event import Event, Phase, Value
from audit.history import History
from reports.rows import LINK, STAGE

WIDTH = 34  # characters of a lane
MOST_ROWS = 36
_QUIET = frozenset({"device", "expects", "named", "point", "armed", "ping", "caught-up", "settled", "mark"})
_SIGNS = {Phase.INVOKE: "→", Phase.OK: "✓", Phase.FAIL: "✗", Phase.INFO: "?"}
_SEEN = {
    "text": "{text} at {cursor}",
    "user": "shows the prompt",
    "start": "the run begins",
    "end": "the run ends: {reason}",
    "snapshot": "gets all of it so far",
    "reset": "gets it from the start again",
    "gap": "is told of a gap: {reason}",
    "closed": "its stream is gone ({how})",
    "problem": "cannot read: {error}",
    "steer": "shows the steer",
    "steer-outcome": "steer: {outcome}",
    "approval-request": "is asked to approve",
    "approval": "approved: {granted}",
    "presence": "{devices} devices",
}
_NOTES = {
    "offline": "loses its network",
    "online": "is back",
    "freeze": "is frozen",
    "thaw": "is thawed",
    "forget": "is reloaded",
    "leave": "is closed",
}
PROOF = "*"


@dataclass
class _Line:
    """What happened at one time, by lane; `words`: the lanes on which words are still coming."""

    ms: int
    cells: dict[str, str] = field(default_factory=dict)
    words: dict[str, list[str]] = field(default_factory=dict)

    def told(self) -> tuple[str, dict[str, str]]:
        return str(self.ms), {**self.cells, **{lane: _stretch("".join(texts)) for lane, texts in self.words.items()}}


def _stretch(text: str) -> str:
    words = text.split()
    return words[0] if len(words) == 1 else f"{words[0]} … {words[-1]} ({len(words)})" if words else "(blank)"


def lanes(history: History, evidence: Collection[int] = ()) -> str:
    """The table, ready for a block of code. evidence: indices of events that are marked with PROOF."""
    names = tuple(history.devices)
    rows = _middle_out([row for row in _rows(history, frozenset(evidence)) if row[1]])
    head = _line("ms", dict(zip(names, names, strict=True)), names)
    return "\n".join([head, _rule(len(names)), *(_line(time, cells, names) for time, cells in rows)])


def _rows(history: History, evidence: frozenset[int]) -> Iterator[tuple[str, dict[str, str]]]:
    line = _Line(-1)
    for event in history.events:
        lane, ms, proof = event.who.removeprefix(LINK), round(event.t_ns / 1e6), event.index in evidence
        if event.what == "text" and event.phase is Phase.SEEN and not proof:
            if not line.words:
                yield line.told()
                line = _Line(ms)
            line.words.setdefault(lane, []).append(str(event.value.get("text", "")))
        elif told := _told(event):
            if line.words or line.ms != ms or lane in line.cells or STAGE in (lane, *line.cells):
                yield line.told()
                line = _Line(ms)
            line.cells[lane] = told + PROOF * proof
    yield line.told()


def _told(event: Event) -> str:
    """One event in few words; empty when a reader does not need it."""
    if event.what in _QUIET or (event.what == "closed" and event.value.get("how") == "local"):
        return ""
    if event.phase is Phase.NOTE:
        return _noted(event)
    if event.phase is Phase.SEEN:
        words = _SEEN.get(event.what, event.what)
        return words.format_map(_Value(event.value))
    label = event.value.get("label", "") if event.phase is Phase.INVOKE else _outcome(event.value)
    return f"{_SIGNS[event.phase]} {event.what} {label}".strip()


def _noted(event: Event) -> str:
    if event.what == "fault":
        return f"⚡ {event.value.get('fault')}" if event.value.get("state") == "struck" else ""
    return _NOTES.get(event.what, event.what)


def _outcome(value: Value) -> str:
    flags = [name for name in ("nothing", "duplicate", "ended") if value.get(name)]
    why = value.get("code") or value.get("error") if value.get("ok") is False or value.get("error") else ""
    return " ".join([*flags, str(why or "")]).strip()


class _Value(dict[str, Any]):
    """Of an event: what it does not say is left blank."""

    def __missing__(self, key: str) -> str:
        return ""


def _middle_out(rows: list[tuple[str, dict[str, str]]]) -> list[tuple[str, dict[str, str]]]:
    """The first and the last of too many, and what proves something."""
    if len(rows) <= MOST_ROWS:
        return rows
    proofs = [row for row in rows[MOST_ROWS // 2 : -MOST_ROWS // 4] if any(PROOF in cell for cell in row[1].values())]
    left = len(rows) - MOST_ROWS // 2 - MOST_ROWS // 4 - len(proofs[: MOST_ROWS // 4])
    middle = [*proofs[: MOST_ROWS // 4], ("", {STAGE: f"… {left} more rows"})]
    return [*rows[: MOST_ROWS // 2], *middle, *rows[-MOST_ROWS // 4 :]]


def _line(time: str, cells: dict[str, str], names: tuple[str, ...]) -> str:
    if STAGE in cells:
        return f"{time:>6} │ {_cut(cells[STAGE], WIDTH * max(1, len(names)))}".rstrip()
    return f"{time:>6} │ " + " │ ".join(f"{_cut(cells.get(name, '')):<{WIDTH}}" for name in names).rstrip()


def _rule(lanes: int) -> str:
    return "───────┼" + "┼".join(["─" * (WIDTH + 2)] * lanes)


def _cut(text: str, width: int = WIDTH) -> str:
    text = " ".join(text.split())
    return text if len(text) <= width else text[: width - 1] + "…"
