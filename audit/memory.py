"""What the devices of a trial know: the runs of the session, and what each device has seen of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from .adapters.base import Item, ItemKind, Message
from .event import Value


@dataclass
class Run:
    """One generation, as the script knows it. items: words to expect; asked: which ones (`items`, `format`), when the
    target counts as asked. id: the target's own, once any device has learned it."""

    label: str
    text: str
    key: str
    items: int
    asked: Value | None = None
    id: str | None = None

    def owns(self, run: str) -> bool:
        """Does this id or label mean this run?"""
        return run in (self.label, self.id)


@dataclass
class Session:
    """What all devices of one trial share: its id, the runs that were asked for, and the one asked for last."""

    id: str
    runs: dict[str, Run] = field(default_factory=dict)
    current: Run | None = None

    def answer(self, run: Run, messages: tuple[Message, ...]) -> Message | None:
        """What a transcript holds of a run; unnamed answers belong to the runs in order."""
        said = [message for message in messages if message.role == "assistant" and message.agent is None]
        named = [message for message in said if message.run is not None]
        if named:
            return next((message for message in reversed(named) if run.owns(str(message.run))), None)
        return next((message for label, message in zip(self.runs, said, strict=False) if label == run.label), None)

    def run_of(self, id: str) -> Run | None:
        """The run with this target id or label."""
        return next((run for run in self.runs.values() if run.owns(id)), None)


@dataclass
class Memory:
    """What one device has learned: its cursor, and how far each run has come. Lost on reload.

    A rough count for deciding when to act; what a device really shows is folded from the history (checks/screen.py).
    """

    cursor: str | None = None
    words: dict[str, int] = field(default_factory=dict)
    over: set[str] = field(default_factory=set)
    asked: dict[str, None] = field(default_factory=dict)  # ids of approvals that wait for an answer, in order
    present: int = 0  # devices that follow the session, as it was told last

    def seen(self, run: Run) -> int:
        """Words seen of a run; a replay starts over."""
        return max((count for id, count in self.words.items() if run.owns(id)), default=0)

    def names(self, run: Run) -> bool:
        """Do the words that it has seen of a run say that they are of it?"""
        return run.id is not None and run.id in self.words

    def ended(self, run: Run) -> bool:
        """Has the device been told that the run is over?"""
        return any(run.owns(id) for id in self.over)

    def take(self, item: Item, run: str | None) -> None:
        """Learn from an item of a run (its target id or our label)."""
        self.cursor = item.cursor if item.cursor is not None else self.cursor
        self._heed(item)
        agent = item.data.get("agent")
        if run is None:
            return
        run = f"{run}/{agent}" if agent and item.kind is not ItemKind.END else run
        if item.kind is ItemKind.TEXT:
            self.words[run] = self.words.get(run, 0) + len(item.text.split())
        elif item.kind in (ItemKind.SNAPSHOT, ItemKind.RESET):
            self.words[run] = len(item.text.split())
        if item.kind is ItemKind.END or (item.kind is ItemKind.SNAPSHOT and item.data.get("reason")):
            self.over.add(run)

    def _heed(self, item: Item) -> None:
        """Learn what waits for an answer, and who is there."""
        if item.kind is ItemKind.APPROVAL_REQUEST:
            self.asked[str(item.data.get("id"))] = None
        elif item.kind is ItemKind.APPROVAL:
            self.asked.pop(str(item.data.get("id")), None)
        elif item.kind is ItemKind.PRESENCE:
            self.present = int(item.data["devices"])

    def read(self, messages: tuple[Message, ...], session: Session) -> None:
        """Learn from a transcript that is shown; unnamed answers belong to the runs in order."""
        runs = iter(session.runs)
        for message in messages:
            if message.role == "assistant" and message.agent is None and message.ending != "running":
                id = next(runs, None) if message.run is None else message.run
                if id is not None:
                    self.words[id] = len(message.text.split())
                    self.over.update({id} if message.ending is not None else set())
