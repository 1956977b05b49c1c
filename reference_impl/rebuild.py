"""From what is stored of a session back to the session."""

from __future__ import annotations

from .session.event import decode
from .session.log import Log, framed
from .session.snapshot import load
from .session.state import SessionState
from .storage.base import Stored


def rebuild(stored: Stored, retain: int | None, new_log: type[Log]) -> tuple[SessionState, Log]:
    """Fold what was stored into the session it was. Raises session.snapshot.UnreadableSnapshot."""
    state, folded = load(stored.snapshot) if stored.snapshot else (SessionState(), stored.first - 1)
    log = new_log(stored.epoch, retain, stored.first - 1)
    for offset, body in enumerate(stored.bodies, start=stored.first):
        event = decode(body)
        if offset > folded:  # the snapshot may know more than what was trimmed
            state.apply(event)
        log.append(framed(event, body, stored.epoch, offset))
    log.trim()
    return state, log
