"""What the events of a session add up to: its runs, the prompts it knows, its transcript.

The state is a fold over the log and nothing else, so a session read back from storage is the session that was written.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .event import Data, Event
from .run import State, move


@dataclass(slots=True)
class Run:
    """One generation. text: the pieces said so far. answered: the transcript has a message for it."""

    id: str
    prompt: str
    state: State = State.QUEUED
    text: list[str] = field(default_factory=list)
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the transcript. run: whose answer it is, or which run the user's message started."""

    role: str
    id: str
    run: Run


class SessionState:
    """runs: by id, in the order of their prompts. keys: prompt key → run id. stopped_keys: stops that came first."""

    def __init__(self) -> None:
        self.runs: dict[str, Run] = {}
        self.keys: dict[str, str] = {}
        self.stopped_keys: set[str] = set()
        self.active: dict[str, Run] = {}  # those that have not ended
        self._messages: list[Message] = []

    def apply(self, event: Event) -> None:
        """Take the next event. Raises run.IllegalMove when it cannot happen here."""
        if event.kind == "text":
            self._run(event).text.append(event.data["text"])
        elif event.kind == "user":
            self._prompted(event)
        elif event.kind == "run-start":
            self._started(event)
        elif event.kind == "stop":
            self._stopped(event)
        else:
            self._ended(event)

    def transcript(self) -> list[Data]:
        """The messages, folded: every answer in one piece."""
        return [_message(message) for message in self._messages]

    def _run(self, event: Event) -> Run:
        return self.runs[event.run or ""]

    def _prompted(self, event: Event) -> None:
        run = Run(event.run or "", event.data["text"])
        self.runs[run.id] = self.active[run.id] = run
        self.keys[event.data["key"]] = run.id
        self._messages.append(Message("user", event.data["id"], run))

    def _started(self, event: Event) -> None:
        run = self._run(event)
        run.state = move(run.state, State.RUNNING)
        self._answer(run)

    def _stopped(self, event: Event) -> None:
        if event.run is None:
            self.stopped_keys.add(event.data["key"])
            return
        run = self._run(event)
        run.state = move(run.state, State.STOPPING)

    def _ended(self, event: Event) -> None:
        run = self._run(event)
        run.state = move(run.state, State(event.data["reason"]))
        del self.active[run.id]
        self._answer(run)

    def _answer(self, run: Run) -> None:
        """A run that ended before it began still has an answer, an empty one, so that its ending can be read."""
        if not run.answered:
            run.answered = True
            self._messages.append(Message("assistant", f"a_{run.id}", run))


def _message(message: Message) -> Data:
    run = message.run
    mine = message.role == "user"
    ending = None if mine else str(run.state) if run.state.ended else "running"
    text = run.prompt if mine else "".join(run.text)
    return {"role": message.role, "id": message.id, "text": text, "run": run.id, "ending": ending}
