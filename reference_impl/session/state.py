"""What the events of a session add up to: its runs, the prompts it knows, its transcript.

The state is a fold over the log and nothing else, so a session read back from storage is the session that was written,
and every server that reads the same log comes to the same one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .event import Data, Event
from .producer import Producers
from .run import State, move


@dataclass(slots=True)
class Run:
    """One generation.

    text: the pieces said so far, by the agent itself. voices: those of its sub-agents, by name. answered: the
    transcript has a message for it. holder: the server or worker whose agent it is, since its last `run-start`; claim:
    how many of those there were. at: when it ended, milliseconds since 1970. error: why it failed.
    """

    id: str
    prompt: str
    key: str = ""
    state: State = State.QUEUED
    text: list[str] = field(default_factory=list)
    voices: dict[str, list[str]] = field(default_factory=dict)
    answered: bool = False
    holder: str = ""
    claim: int = 0
    at: int | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the transcript. run: whose answer it is, or which run the user's message started. agent: the
    sub-agent whose part of the answer it is."""

    role: str
    id: str
    run: Run
    agent: str = ""


@dataclass(slots=True)
class Steer:
    """A wish about a run that is going on. outcome: taken, too-late, refused; empty while nobody knows."""

    id: str
    run: str
    text: str
    outcome: str = ""


@dataclass(slots=True)
class Approval:
    """A question that a run waits for. granted: None while it is open, and when the run ended without an answer."""

    id: str
    run: str
    what: str
    open: bool = True
    granted: bool | None = None
    by: str = ""


class SessionState:
    """runs: by id, in the order of their prompts. keys: prompt key → run id. stopped_keys: stops that came first.

    steers: by their key; approvals: by id. producers: the last write of each numbered producer.
    """

    def __init__(self) -> None:
        self.runs: dict[str, Run] = {}
        self.keys: dict[str, str] = {}
        self.stopped_keys: set[str] = set()
        self.active: dict[str, Run] = {}  # those that have not ended
        self.steers: dict[str, Steer] = {}
        self.approvals: dict[str, Approval] = {}
        self.producers = Producers()
        self.messages: list[Message] = []

    def apply(self, event: Event) -> None:
        """Take the next event. Raises run.IllegalMove when it cannot happen here."""
        if event.stamp is not None:
            self.producers.admit(event.stamp)
        match event.kind:
            case "text":
                self._said(event)
            case "user":
                self._prompted(event)
            case "run-start":
                self._started(event)
            case "stop":
                self._stopped(event)
            case "run-end":
                self._ended(event)
            case _:
                self._controlled(event)

    def transcript(self) -> list[Data]:
        """The messages, folded: every answer in one piece."""
        return [_message(message) for message in self.messages]

    def unanswered(self, run: str) -> tuple[Steer, ...]:
        """The steers of a run that nobody has said anything about."""
        return tuple(steer for steer in self.steers.values() if steer.run == run and not steer.outcome)

    def waiting(self, run: str | None = None) -> tuple[Approval, ...]:
        """The open approvals (of a run)."""
        return tuple(each for each in self.approvals.values() if each.open and run in (None, each.run))

    def _run(self, event: Event) -> Run:
        return self.runs[event.run or ""]

    def _said(self, event: Event) -> None:
        run, agent = self._run(event), event.data.get("agent")
        if agent is None:
            run.text.append(event.data["text"])
            return
        if agent not in run.voices:
            run.voices[agent] = []
            self.messages.append(Message("assistant", f"a_{run.id}_{agent}", run, agent))
        run.voices[agent].append(event.data["text"])

    def _prompted(self, event: Event) -> None:
        run = Run(event.run or "", event.data["text"], event.data["key"])
        self.runs[run.id] = self.active[run.id] = run
        self.keys[run.key] = run.id
        self.messages.append(Message("user", event.data["id"], run))

    def _started(self, event: Event) -> None:
        run = self._run(event)
        run.state = move(run.state, State.RUNNING)
        run.holder, run.claim = event.data.get("holder", ""), run.claim + 1
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
        run.at, run.error = event.at, event.data.get("error", "")
        del self.active[run.id]
        self._answer(run)

    def _controlled(self, event: Event) -> None:
        data, run = event.data, event.run or ""
        match event.kind:
            case "steer":
                self.steers[data["key"]] = Steer(data["id"], run, data["text"])
            case "steer-outcome":
                for steer in self.steers.values():
                    steer.outcome = data["outcome"] if steer.id == data["id"] else steer.outcome
            case "approval-request":
                self.approvals[data["id"]] = Approval(data["id"], run, data["what"])
            case "approval":
                known = self.approvals[data["id"]]
                known.open, known.granted, known.by = False, data["granted"], data["by"]

    def _answer(self, run: Run) -> None:
        """A run that ended before it began still has an answer, an empty one, so that its ending can be read."""
        if not run.answered:
            run.answered = True
            self.messages.append(Message("assistant", f"a_{run.id}", run))


def _message(message: Message) -> Data:
    run = message.run
    mine = message.role == "user"
    ending = None if mine else str(run.state) if run.state.ended else "running"
    pieces = [run.prompt] if mine else run.voices[message.agent] if message.agent else run.text
    row = {"role": message.role, "id": message.id, "text": "".join(pieces), "run": run.id, "ending": ending}
    more = {"key": run.key if mine else "", "error": "" if mine else run.error, "agent": message.agent}
    return row | {name: value for name, value in more.items() if value}
