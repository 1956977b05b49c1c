"""The spine: everything that happened in one trial, and all that a judge may look at.

Indices are dense from 0, time never runs back, and every completion belongs to one open invocation.
A history that was cut short (Ctrl-C, a crash, a truncated file) is judged up to its end and says so (`whole`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from .errors import HistoryError
from .event import COMPLETIONS, Event, Phase, Value, parse_event

FORMAT = "durable-audit/history/1"


@dataclass(frozen=True)
class History:
    """`meta` (docs/history-format.md) and the events of one trial. whole: False when it ends before its last line."""

    meta: Value
    events: tuple[Event, ...]
    whole: bool = True

    def __post_init__(self) -> None:
        _validate(self.events)

    def of(self, who: str) -> Iterator[Event]:
        """Events of one device, link (`link:<device>`) or the `stage`, in order."""
        return iter(self._by_who.get(who, ()))

    @cached_property
    def _by_who(self) -> dict[str, list[Event]]:
        found: dict[str, list[Event]] = {}
        for event in self.events:
            found.setdefault(event.who, []).append(event)
        return found

    @cached_property
    def _invoked(self) -> tuple[Event, ...]:
        return tuple(event for event in self.events if event.phase is Phase.INVOKE)

    @cached_property
    def completions(self) -> dict[int, Event]:
        """Index of an invocation → the event that completed it."""
        return {event.op: event for event in self.events if event.op is not None}

    @cached_property
    def devices(self) -> dict[str, str]:
        """Device id → kind (`tab`, `phone`, `laptop`), in order of appearance."""
        return {e.who: e.value["kind"] for e in self.events if e.what == "device" and e.phase is Phase.NOTE}

    def invocations(self, what: str, who: str | None = None) -> Iterator[tuple[Event, Event | None]]:
        """Each operation of this name with its completion (None when nothing ever answered)."""
        for event in self._invoked:
            if event.what == what and who in (None, event.who):
                yield event, self.completions.get(event.index)


def dump_history(history: History) -> str:
    """JSON lines: the format and meta first, then one event a line, then the end mark when the history is whole."""
    lines = [dump_meta(history.meta), *(event.dump() for event in history.events)]
    return "\n".join([*lines, END_LINE] if history.whole else lines) + "\n"


def dump_meta(meta: Value) -> str:
    """The first line of a history file."""
    return json.dumps({"format": FORMAT, "meta": meta}, ensure_ascii=False, separators=(",", ":"))


END_LINE = '{"end":true}'


def load_history(lines: Iterable[str], name: str = "history") -> History:
    """Read what `dump_history` wrote. A missing end is accepted (whole=False); other damage is a HistoryError."""
    rows = [line for line in lines if line.strip()]
    if not rows:
        raise HistoryError(f"{name}: empty; a history starts with a line that names its format")
    whole = rows[-1].strip() == END_LINE
    body = rows[1:-1] if whole else rows[1:]
    meta, events = _meta(rows[0], name), tuple(_events(body, whole, name))
    try:
        return History(meta, events, whole)
    except HistoryError as error:
        raise HistoryError(f"{name}: {error}") from None


def _meta(line: str, name: str) -> Value:
    head = _decode(line, name, 1)
    if not isinstance(head, dict) or head.get("format") != FORMAT or not isinstance(head.get("meta"), dict):
        raise HistoryError(
            f'{name}: line 1 must be {{"format": "{FORMAT}", "meta": {{…}}}}; was it written by another version?'
        )
    meta: Value = head["meta"]
    return meta


def _events(rows: list[str], whole: bool, name: str) -> Iterator[Event]:
    for number, line in enumerate(rows, start=2):
        try:
            yield parse_event(_decode(line, name, number))
        except (HistoryError, RecursionError) as error:
            if not whole and number == len(rows) + 1:
                return  # the writer was cut in the middle of its last line
            told = str(error) if str(error).startswith(name) else f"{name}: line {number}: {error}"
            raise HistoryError(told) from None


def _decode(line: str, name: str, number: int) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise HistoryError(f"{name}: line {number} is not JSON ({error})") from None


@dataclass
class _Open:
    """Invocations that nothing has completed yet."""

    by_index: dict[int, Event] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        opener = self.by_index.pop(event.op, None) if event.op is not None else None
        if opener is None or (opener.who, opener.what) != (event.who, event.what):
            raise HistoryError(f"event {event.index}: completes no open {event.what!r} of {event.who!r}")


def _validate(events: tuple[Event, ...]) -> None:
    opened, last = _Open(), 0
    for position, event in enumerate(events):
        if event.index != position:
            raise HistoryError(f"event {position}: has index {event.index}; indices must be dense from 0")
        if event.t_ns < last:
            raise HistoryError(f"event {position}: time runs back ({event.t_ns} after {last})")
        last = event.t_ns
        if event.phase is Phase.INVOKE:
            opened.by_index[position] = event
        elif event.phase in COMPLETIONS:
            opened.take(event)
        elif event.op is not None:
            raise HistoryError(f"event {position}: a {event.phase.value!r} event cannot complete an operation")
