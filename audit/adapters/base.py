"""The contract every adapter meets: one wire protocol, sans-I/O.

An adapter says what to send (`Step`s) and how to read what came (`Item`s, `Answer`s); it never opens a socket, never
waits, keeps no clock. So one adapter serves audits, load runs and tests on recorded bytes. What differs from protocol
to protocol is declared in `Traits`, not coded around.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol, TypeAlias

from ..event import Phase, Value

Operation: TypeAlias = Literal["join", "resume", "prompt", "stop", "read", "steer", "approve"]

COMMANDS: frozenset[Operation] = frozenset({"prompt", "stop", "steer", "approve"})
"""What changes something: without an answer, nobody knows whether it happened."""


@dataclass(frozen=True, slots=True)
class View:
    """What a device knows at the moment it speaks; all that an adapter may build a request from.

    session: the session's id, chosen by us before the first prompt (a target that names sessions itself ignores it).
    run: the target's own id of the run the device follows, when the device has learned it. cursor: the last committed.
    presence: the device shows who else is there, and wants to be told.
    """

    session: str
    run: str | None = None
    cursor: str | None = None
    device: str = "device"
    presence: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP exchange, relative to the target's base URL. stream: its response is a live stream, read by a Reader."""

    method: str
    path: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: bool = False


@dataclass(frozen=True, slots=True)
class Dial:
    """Open a WebSocket (path relative to the base URL); send `frames` as soon as it is open, in order.

    reply: the correlation id of the REPLY item that answers the whole operation; None when opening it is the answer.
    """

    path: str
    frames: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    subprotocols: tuple[str, ...] = ()
    reply: str | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """Send one text frame on the device's open WebSocket. reply: as in Dial; None when nothing answers it."""

    text: str
    reply: str | None = None


@dataclass(frozen=True, slots=True)
class Hangup:
    """This protocol has no word for the operation: closing the stream is all that a client can do."""


@dataclass(frozen=True, slots=True)
class Unsupported:
    """This target offers no way to do it; `reason` is shown to people."""

    reason: str


Step: TypeAlias = Call | Dial | Frame | Hangup | Unsupported


class ItemKind(StrEnum):
    """What a target can say on a stream. The names are those of docs/history-format.md."""

    TEXT = "text"  # a piece of an answer: text, cursor, run, data.agent (the sub-agent that says it)
    USER = "user"  # somebody's prompt: text, data.id, data.key
    START = "start"  # a run began
    END = "end"  # a run ended: data.reason is completed | stopped | failed | superseded | unknown
    SNAPSHOT = "snapshot"  # the whole text of a run so far (or of its data.agent), replacing what was shown: text
    RESET = "reset"  # forget what was shown of this run; it is replayed from its start
    CAUGHT_UP = "caught-up"  # history is over, live begins
    GAP = "gap"  # the target says that it cannot continue from the cursor: data.reason
    PING = "ping"  # a heartbeat
    STEER = "steer"  # somebody's wish about a run that goes on: text, data.id, data.key
    STEER_OUTCOME = "steer-outcome"  # what became of a steer: data.id, data.outcome is taken | refused | too-late
    APPROVAL_REQUEST = "approval-request"  # a run waits for a yes or a no: data.id, data.what
    APPROVAL = "approval"  # it was answered: data.id, data.granted (None: the run ended without an answer)
    PRESENCE = "presence"  # how many devices follow the session: data.devices
    REPLY = "reply"  # answers the operation with correlation id data.reply: data.ok, data.code, data.run, …
    PROBLEM = "problem"  # bytes that the declared protocol does not allow: data.error


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a target said. run: the target's id of the run, None when the wire does not say.

    cursor: what a resume after this item would send; None when the item carries none. message: the id of the message
    the text belongs to, where the protocol has one. data: what the kind says it holds.
    """

    kind: ItemKind
    text: str = ""
    run: str | None = None
    cursor: str | None = None
    message: str | None = None
    data: Value = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a response means for the operation that asked. phase: OK, FAIL (definite) or INFO (it may have happened).

    streaming: items follow on this exchange. value: goes into the completing event; known keys: `run` (the target's
    id), `nothing` (True: explicitly nothing to resume or join), `duplicate` (the prompt was known), `status`, `error`.
    """

    phase: Phase
    value: Value = field(default_factory=dict)
    streaming: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a transcript. ending: as Item END's reason, or `running`; None when the transcript is silent.
    agent: the sub-agent that said it, None for the one that was asked."""

    role: Literal["user", "assistant"]
    text: str
    id: str | None = None
    run: str | None = None
    ending: str | None = None
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class Traits:
    """What a protocol (as configured) can do; recorded in every history, so that judges know what to hold it to.

    subscribes: a device holds one stream on the session and prompts are commands beside it; otherwise the response to
    a prompt is itself the stream. cursor: kind of cursor. replay: what a resume sends: only what was missed
    (`continue`), everything again (`full`), or a `snapshot` and then live. dedupe: the documented unit by which a
    client drops repeats: `cursor` (an item whose cursor it has), `reset` (a replay starts over), or `none`.
    comparison: judges compare `events` or folded `content`. stop: a command, hanging up, or none.
    endings: reasons that the wire can tell apart. observable: a second device can follow a run. steers, approves: there
    are commands for it. presence: devices are told how many follow the session; presence_ttl_s: for how long that may
    be out of date. agents: text names its sub-agent. names_runs: what comes says of which run it is, where a stream
    carries several.
    """

    subscribes: bool
    cursor: Literal["none", "opaque", "int", "offset+epoch"]
    replay: Literal["none", "continue", "full", "snapshot"]
    dedupe: Literal["none", "cursor", "reset"]
    comparison: Literal["events", "content"]
    stop: Literal["command", "hangup", "none"]
    endings: tuple[str, ...]
    resumes: bool
    observable: bool
    history: bool
    prompt_key: bool
    steers: bool = False
    approves: bool = False
    presence: bool = False
    presence_ttl_s: float = 0.0
    agents: bool = False
    names_runs: bool = True


class Reader(Protocol):
    """Bytes or frames of one connection → items. Total: malformed input gives PROBLEM items, never an exception.

    The one exception allowed is `errors.Oversized`, when a single event outgrows what a device will hold.
    """

    def feed(self, data: bytes) -> list[Item]:
        """Take the next bytes of an HTTP stream's body."""
        ...

    def frame(self, data: str | bytes) -> list[Item]:
        """Take one WebSocket message."""
        ...

    def finish(self) -> list[Item]:
        """The stream ended cleanly; give what was still held back, if the protocol says it counts."""
        ...


class Adapter(Protocol):
    """One configured wire protocol. Instances are immutable and shared by all devices of an audit."""

    @property
    def id(self) -> str:
        """The `protocol` of a target file: the file's name with dashes."""
        ...

    @property
    def traits(self) -> Traits:
        """What this protocol can do, as configured."""
        ...

    def join(self, view: View) -> Step:
        """Open the session's live stream knowing only what `view` holds (no cursor: a fresh device)."""
        ...

    def resume(self, view: View) -> Step:
        """Open it again after a drop, from `view.cursor`."""
        ...

    def prompt(self, view: View, text: str, key: str) -> Step:
        """Ask for an answer. key: the idempotency key, the same when the same prompt is sent again."""
        ...

    def stop(self, view: View, key: str) -> Step:
        """Stop the run the device follows. key: of its prompt, for targets that can stop a run before it has an id."""
        ...

    def steer(self, view: View, text: str, key: str) -> Step:
        """Wish something of the run the device follows. key: of this steer, the same when it is sent again."""
        ...

    def approve(self, view: View, approval: str, granted: bool) -> Step:
        """Answer what a run asks for. approval: the id of the request."""
        ...

    def read(self, view: View) -> Step:
        """Fetch the transcript."""
        ...

    def answer(self, operation: Operation, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
        """Judge an HTTP response. headers: lower-case names. body: empty while the response is still to be streamed."""
        ...

    def transcript(self, body: bytes) -> tuple[Message, ...]:
        """Decode the body of a `read` that was answered OK; ProtocolError when it is not what the protocol says."""
        ...

    def reader(self, operation: Operation) -> Reader:
        """A fresh reader for the connection that this operation opened."""
        ...
