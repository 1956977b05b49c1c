"""Moments of a script that it named for rules to look for."""

from __future__ import annotations

from ..event import Event, Phase
from ..history import History


def marks(history: History, name: str) -> tuple[Event, ...]:
    """The marks with this name, in order."""
    found = (e for e in history.of("stage") if e.what == "mark" and e.phase is Phase.NOTE)
    return tuple(e for e in found if e.value.get("name") == name)
