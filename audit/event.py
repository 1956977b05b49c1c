"""One thing that happened in an audit, as a line of JSON.

The vocabulary (`what`, and the keys of `value`) is written down in docs/history-format.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from .errors import HistoryError

JsonValue: TypeAlias = Any  # a JSON value; recursive aliases make every call site cast
Value: TypeAlias = dict[str, JsonValue]


class Phase(StrEnum):
    """How an event relates to an operation (after Jepsen's histories).

    `ok`, `fail` and `info` complete the operation that an `invoke` opened: it happened, it certainly did not,
    or nobody knows. `seen` is something the target sent unasked. `note` is the audit's own doing: faults, marks.
    """

    INVOKE = "invoke"
    OK = "ok"
    FAIL = "fail"
    INFO = "info"
    SEEN = "seen"
    NOTE = "note"


COMPLETIONS = frozenset({Phase.OK, Phase.FAIL, Phase.INFO})
_KEYS = {"i", "t", "who", "phase", "what", "op", "value"}


@dataclass(frozen=True, slots=True)
class Event:
    """What `who` did or saw at `t_ns` on the one monotonic clock of the run.

    `index` is dense from 0; `op` is the index of the opening `invoke`, set on completions only.
    """

    index: int
    t_ns: int
    who: str
    phase: Phase
    what: str
    value: Value
    op: int | None = None

    def dump(self) -> str:
        """The event as one line of JSON, without the newline."""
        row: Value = {"i": self.index, "t": self.t_ns, "who": self.who, "phase": self.phase.value, "what": self.what}
        if self.op is not None:
            row["op"] = self.op
        if self.value:
            row["value"] = self.value
        return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def parse_event(row: object) -> Event:
    """Build an event from decoded JSON; HistoryError names the first thing that is wrong with it."""
    if not isinstance(row, dict):
        raise HistoryError(f"an event must be a JSON object, not {type(row).__name__}")
    unknown = row.keys() - _KEYS
    if unknown:
        raise HistoryError(f"unknown keys in an event: {', '.join(sorted(map(str, unknown)))}")
    return Event(
        index=_integer(row, "i"),
        t_ns=_integer(row, "t"),
        who=_text(row, "who"),
        phase=_phase(row),
        what=_text(row, "what"),
        value=_object(row),
        op=_integer(row, "op") if "op" in row else None,
    )


def _integer(row: Value, key: str) -> int:
    found = row.get(key)
    if not isinstance(found, int) or isinstance(found, bool) or found < 0:
        raise HistoryError(f"event key {key!r} must be a whole number from 0, not {found!r}")
    return found


def _text(row: Value, key: str) -> str:
    found = row.get(key)
    if not isinstance(found, str) or not found:
        raise HistoryError(f"event key {key!r} must be a non-empty string, not {found!r}")
    return found


def _phase(row: Value) -> Phase:
    try:
        return Phase(str(row.get("phase")))
    except ValueError:
        known = ", ".join(phase.value for phase in Phase)
        raise HistoryError(f"event phase {row.get('phase')!r} is none of {known}") from None


def _object(row: Value) -> Value:
    found = row.get("value", {})
    if not isinstance(found, dict):
        raise HistoryError(f"event key 'value' must be an object, not {type(found).__name__}")
    return found
