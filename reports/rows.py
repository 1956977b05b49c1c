"""The events of an excerpt (docs/history-format.md), read leniently and put in words.

Lenient because a report must not fall over a result that another version wrote: what a row lacks reads as empty.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from audit.event import Value
from audit.result import Excerpt

LINK = "link:"
STAGE = "stage"
_ASIDE = frozenset({"device", "expects", "named"})  # notes that show nothing on a timeline
_SHOWN = 60  # characters of a quoted text
_OUTCOME = {"ok": "✓", "fail": "✗", "info": "?"}


@dataclass(frozen=True, slots=True)
class Row:
    """One event; `op` is the index of the invocation it completes, or None."""

    index: int
    t_ns: int
    who: str
    phase: str
    what: str
    value: Value
    op: int | None

    @property
    def lane(self) -> str:
        """The device it belongs to: a fault on `link:phone` is shown with the phone."""
        return self.who.removeprefix(LINK)

    def told(self, key: str) -> str:
        """A key of its value as text, empty when absent."""
        found = self.value.get(key)
        return "" if found is None else str(found)

    @property
    def aside(self) -> bool:
        """True for bookkeeping that a reader of a timeline does not need."""
        return self.phase == "note" and self.what in _ASIDE


def rows(excerpt: Excerpt) -> tuple[Row, ...]:
    """The events of an excerpt, in order of time."""
    return tuple(sorted(map(_row, excerpt.events), key=lambda row: (row.t_ns, row.index)))


def _row(event: Value) -> Row:
    value, op = event.get("value"), event.get("op")
    return Row(
        index=_whole(event.get("i")),
        t_ns=_whole(event.get("t")),
        who=str(event.get("who", "")),
        phase=str(event.get("phase", "")),
        what=str(event.get("what", "")),
        value=value if isinstance(value, dict) else {},
        op=op if isinstance(op, int) else None,
    )


def _whole(number: object) -> int:
    return number if isinstance(number, int) and number >= 0 else 0


def flag(invoke: Row, done: Row | None) -> str:
    """A label for an operation: `prompt run-1 ✓`, `resume ✗ 404`, `stop …` when nothing answered in what is shown."""
    parts = [invoke.what, invoke.told("label"), _OUTCOME.get(done.phase, "") if done else "…"]
    if done is not None and done.value.get("nothing"):
        parts.append("nothing")
    if done is not None and done.phase != "ok":
        parts.append("unsupported" if done.value.get("unsupported") else done.told("status"))
    return " ".join(part for part in parts if part)


def describe(row: Row) -> str:
    """The event as a sentence for the table under a timeline."""
    if row.phase == "seen":
        return _SEEN.get(row.what, _other)(row)
    if row.phase == "note":
        return _NOTES.get(row.what, _other)(row)
    return _operation(row)


def _operation(row: Row) -> str:
    verb = {"invoke": "asks:", "ok": "done:", "fail": "refused:", "info": "unknown whether done:"}.get(row.phase, "")
    keys = ("label", "cursor", "run", "status", "error")
    details = [f"{key} {_quote(row.told(key))}" for key in keys if row.told(key)]
    flags = [
        key for key in ("nothing", "recovered", "duplicate", "ended", "unsupported", "hangup") if row.value.get(key)
    ]
    return _join(f"{verb} {row.what}".strip(), *details, *flags, *_transcript(row.value.get("messages")))


def _transcript(messages: object) -> Sequence[str]:
    return (f"{len(messages)} messages",) if isinstance(messages, (list, tuple)) else ()


def _text(row: Row) -> str:
    cursor = row.told("cursor")
    return _join(_quote(row.told("text"), "“”"), f"cursor {_quote(cursor)}" if cursor else "")


def _end(row: Row) -> str:
    return f"end of {_quote(row.told('run')) or 'the run'}: {_quote(row.told('reason')) or 'no reason'}"


def _closed(row: Row) -> str:
    how = {
        "fin": "closed by the other side (FIN)",
        "rst": "reset (RST)",
        "clean": "closed properly",
        "timeout": "given up after silence",
        "local": "closed by the device",
    }.get(row.told("how"), _quote(row.told("how")))
    code = row.told("code")
    return _join(f"connection {row.told('conn')} {how}", f"code {code}" if code else "", _quote(row.told("reason")))


def _snapshot(row: Row) -> str:
    return f"snapshot of {len(row.told('text')):,} characters replaces what was shown"


def _fault(row: Row) -> str:
    size = f"after {row.told('down_bytes')} bytes down" if row.told("down_bytes") else ""
    return _join(f"fault {_quote(row.told('fault'))} {_quote(row.told('state'))}", size)


def _device(row: Row) -> str:
    return _join("takes part", _quote(row.told("kind")))


def _mark(row: Row) -> str:
    rest = [f"{key} {_quote(str(found))}" for key, found in row.value.items() if key != "name"]
    return _join(f"mark {_quote(row.told('name'))}", *rest)


def _other(row: Row) -> str:
    details = [f"{key} {_quote(str(found))}" for key, found in row.value.items() if key != "conn"]
    return _join(row.what, *details)


def _join(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _quote(text: str, marks: str = "") -> str:
    cut = text.strip() if len(text) <= _SHOWN else text[: _SHOWN - 1].strip() + "…"
    return f"{marks[0]}{cut}{marks[1]}" if marks else cut


_SEEN: dict[str, Callable[[Row], str]] = {"text": _text, "end": _end, "closed": _closed, "snapshot": _snapshot}
_NOTES: dict[str, Callable[[Row], str]] = {"fault": _fault, "mark": _mark, "device": _device}
