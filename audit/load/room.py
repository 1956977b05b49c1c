"""What the devices of one session share: the runs that were asked for, and what is known of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .account import Account

IN_FLIGHT_S = 0.05  # what a target has sent before it knows better can still arrive this much later


class Said:
    """One run. Times are of the monotonic clock, in seconds.

    base: when word 0 would have been due: the earliest schedule that fits every live word so far, at the asked pace.
    A word's delay is counted from `base + number * pace`; the first word sets it, and a word that comes earlier than
    due moves it back. intended: when the prompt was planned. stopped_at: when its stop was acknowledged.
    """

    __slots__ = (
        "accepted", "base", "begun", "excused", "id", "intended", "items", "key", "number", "pace", "refused",
        "said", "should_stop", "stop_asked", "stopped_at", "tellers", "wrong",
    )  # fmt: skip

    def __init__(self, number: int, key: str, items: int, pace: float, intended: float) -> None:
        self.number, self.key, self.items, self.pace, self.intended = number, key, items, pace, intended
        self.id: str | None = None
        self.accepted = self.begun = self.refused = self.excused = False
        self.base = float("inf")
        self.stop_asked = self.should_stop = False
        self.stopped_at: float | None = None
        self.said = self.tellers = self.wrong = 0

    def due(self, at: float) -> int:
        """How many words should have been said by then, by the run's own pace."""
        if self.pace <= 0 or at < self.base:
            return 0
        return min(int((at - self.base) / self.pace), self.items)

    def stop(self, at: float) -> None:
        """A stop is on its way; the run must not complete if it had more to say than can be under way already."""
        self.stop_asked = True
        left = self.base + self.items * self.pace - at
        self.should_stop = self.should_stop or left > IN_FLIGHT_S

    def over_before(self) -> int:
        """The target says that the stop came after the end. Gives the number of endings that were no fault, then."""
        wrong, self.wrong, self.should_stop = self.wrong, 0, False
        return wrong

    def too_late(self, at: float, opened: float, budget_s: float) -> bool:
        """Does a word that comes now come too late after an acknowledged stop? Only on a stream that was open before
        the stop: what another one brings may have been said long before."""
        stopped = self.stopped_at
        return stopped is not None and opened <= stopped and at - stopped > budget_s

    def wrong_end(self, reason: str, may_supersede: bool) -> bool:
        """Should it have ended otherwise?"""
        if self.excused:
            return False
        if reason == "completed" and self.should_stop:
            self.wrong += 1
            return True
        return (reason == "stopped" and not self.stop_asked) or (reason == "superseded" and not may_supersede)

    @property
    def owed(self) -> int:
        """How many words the target owes for sure to a device that was never told the end: when it took a stop, no more
        than were shown with the ending to somebody else."""
        return self.said if self.tellers or self.stopped_at is not None else self.items

    def cut_short(self, seen: int) -> int:
        """A device was told that the run was stopped, after `seen` words. Gives how many words turn out to be lost on
        the devices that were told so: whoever has seen fewer than another has lost the difference."""
        lost = self.said - seen if seen < self.said else (seen - self.said) * self.tellers
        self.said = max(self.said, seen)
        self.tellers += 1
        return lost


class Room:
    """One session. accounts: of the devices that are in it. current: the run that was asked for last. steers: the
    target's id of a steer → its key."""

    __slots__ = ("accounts", "by_id", "by_key", "current", "id", "runs", "steers")

    def __init__(self, id: str) -> None:
        self.id = id
        self.runs: dict[int, Said] = {}
        self.by_id: dict[str, Said] = {}
        self.by_key: dict[str, Said] = {}
        self.current: Said | None = None
        self.accounts: list[Account] = []
        self.steers: dict[str, str] = {}

    def ask(self, said: Said) -> None:
        """A prompt is to be sent."""
        self.runs[said.number] = self.by_key[said.key] = said

    def accept(self, said: Said) -> None:
        """The target has taken the prompt: every device in the room is held to the run from now on."""
        if not said.accepted:
            said.accepted = True
            for account in self.accounts:
                account.expect(said)

    def begin(self, said: Said) -> None:
        """A device was told that a run has begun: those that must open its stream to follow it, can."""
        if not said.begun:
            said.begun = True
            for account in self.accounts:
                account.began(said)

    def disarm(self) -> None:
        """Something about a run has changed."""
        for account in self.accounts:
            account.disarm()

    def name(self, said: Said, id: str) -> None:
        """The target told its own id of a run."""
        if said.id is None:
            said.id = id
        self.by_id.setdefault(id, said)
