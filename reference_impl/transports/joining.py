"""Where a device begins to follow a session: behind its cursor, at the start, the tail, or the folded transcript."""

from __future__ import annotations

from dataclasses import dataclass

from ..live import LiveSession
from ..session.event import Data
from ..session.log import Resumption


@dataclass(frozen=True, slots=True)
class Joining:
    """told: what the answer to a subscription says. after: the offset behind which events follow. folded: a message to
    send first, which stands for all events up to there."""

    told: Data
    after: int
    folded: bytes | None = None

    @property
    def outcome(self) -> str:
        """`recovered`, or why not."""
        return "recovered" if self.told["recovered"] else str(self.told["gap"]["reason"])


def join(session: LiveSession, cursor: str | None, from_: object) -> Joining:
    """What a device gets. from_: without a cursor, `tail` for only what comes, `fold` for the transcript and then what
    comes: a join that costs as much as the text, however many events the text came in."""
    log = session.log
    head = {"epoch": log.epoch, "head": log.head}
    if cursor is None and from_ == "fold":
        return Joining({"recovered": True} | head, log.head, session.folded())
    resumption = Resumption(log.head) if cursor is None and from_ == "tail" else log.resume(cursor)
    gap = {} if resumption.gap is None else {"gap": {"reason": resumption.gap}}
    return Joining({"recovered": resumption.recovered} | head | gap, resumption.after)
