"""Devices of another user, and whether what they carry is good for anything. Pure."""

from __future__ import annotations

from ..event import Event, Phase
from ..history import History
from .facts import is_ok
from .memo import per_history


@per_history
def strangers(history: History) -> tuple[str, ...]:
    """Devices of another user that were used in the session of the trial."""
    return tuple(e.who for e in _made(history) if e.value.get("stranger") and not e.value.get("elsewhere"))


@per_history
def neighbors(history: History) -> tuple[str, ...]:
    """Devices of another user in a session of his own."""
    return tuple(e.who for e in _made(history) if e.value.get("stranger") and e.value.get("elsewhere"))


@per_history
def at_home(history: History) -> Event | None:
    """Another user's credential was seen to work where it should: only then does a refusal elsewhere prove anything."""
    for device in neighbors(history):
        for _, done in history.invocations("prompt", device):
            if is_ok(done):
                return done
    return None


def _made(history: History) -> tuple[Event, ...]:
    return tuple(e for e in history.events if e.what == "device" and e.phase is Phase.NOTE)
