"""What a worker may say, checked field by field (docs/agents.md)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..errors import Refused
from ..session.event import Data
from ..workers.base import WORKER, Place
from .commands import decode_object
from .websocket import Malformed

_SESSION = re.compile(r"[A-Za-z0-9._-][A-Za-z0-9._~-]{0,127}")
_AGENT = re.compile(r"[^\s/]{1,100}")
_MOST_SLOTS = 10_000
_LONGEST = 1_000

_Check = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Held:
    """A run that a worker may hold. claim: its number, 0 when it does not know whether it got it. last: the last number
    of each of its agents that it knows to be durable."""

    place: Place
    claim: int
    last: Mapping[str, int]


def decode_hello(text: str) -> tuple[str, int, list[Held]]:
    """The first message of a connection: who it is, how many runs it can have at a time, and those it may hold. Raises
    Malformed."""
    frame = _object(text)
    if frame.get("type") != "hello":
        raise Malformed('the first message is a "hello"')
    _check(frame, {"worker": _is_worker, "slots": _is_slots, "runs": lambda runs: isinstance(runs, list)})
    return frame["worker"], frame["slots"], [_held(each) for each in frame["runs"]]


def read(text: str) -> Data:
    """Any other message. Raises Malformed."""
    frame = _object(text)
    type_ = frame.get("type")
    checks = _TYPES.get(type_) if isinstance(type_, str) else None
    if checks is None:
        raise Malformed(f'"type" is none of {", ".join(_TYPES)}')
    _check(frame, checks)
    return frame


def _held(run: Any) -> Held:
    if not isinstance(run, dict):
        raise Malformed('"runs" holds objects')
    _check(run, _RUN | {"last": _is_last})
    return Held((run["session"], run["run"]), run["claim"], run.get("last") or {})


def _object(text: str) -> Data:
    try:
        return decode_object(text)
    except Refused as problem:
        raise Malformed(problem.message) from None


def _check(frame: Data, checks: dict[str, _Check]) -> None:
    for name, right in checks.items():
        if not right(frame.get(name)):
            raise Malformed(f'"{name}" of "{frame.get("type", "run")}" is missing or wrong')


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST


def _is_number(value: Any) -> bool:
    return type(value) is int and 0 <= value < 1 << 53


def _is_slots(value: Any) -> bool:
    return _is_number(value) and value <= _MOST_SLOTS


def _is_worker(value: Any) -> bool:
    return isinstance(value, str) and WORKER.fullmatch(value) is not None


def _is_session(value: Any) -> bool:
    return isinstance(value, str) and _SESSION.fullmatch(value) is not None


def _is_agent(value: Any) -> bool:
    return value is None or (isinstance(value, str) and _AGENT.fullmatch(value) is not None)


def _is_last(value: Any) -> bool:
    return value is None or (isinstance(value, dict) and all(map(_is_number, value.values())))


def _is_error(value: Any) -> bool:
    return value is None or _is_short(value)


_PLACE: Final[dict[str, _Check]] = {"session": _is_session, "run": _is_short}
_RUN: Final[dict[str, _Check]] = _PLACE | {"claim": _is_number}
_TYPES: Final[dict[str, dict[str, _Check]]] = {
    "beat": {},
    "slots": {"slots": _is_slots},
    "bye": {},
    "claim": _PLACE,
    "append": _RUN | {"seq": _is_number, "text": _is_text, "agent": _is_agent},
    "finish": _RUN | {"reason": lambda value: value in ("completed", "failed"), "error": _is_error},
    "ask": _RUN | {"id": _is_short, "what": _is_short},
    "steer-outcome": _RUN | {"id": _is_short, "outcome": lambda value: value in ("taken", "refused")},
    "history": _RUN,
}
