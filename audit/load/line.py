"""The one stream that a device holds: opened, refused, tried again, cut. What it means is for its device to know."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import Protocol

from ..adapters.base import Answer, Call, Dial, Item, Operation, Step
from ..errors import AuditError
from ..event import Phase
from .churn import Cut
from .commands import ANSWER_S
from .ground import Ground
from .slow import RECEIVE_BUFFER, SlowReading
from .timers import Timer
from .wire.conn import Conn, Sink
from .wire.websocket import WebSocket


class Holder(Protocol):
    """The device whose line it is."""

    def connect(self) -> None:
        """Open the stream (again)."""
        ...

    def opened(self, operation: Operation, answer: Answer, at: float) -> None:
        """The target has begun to stream; whether it grants what was asked for may still be to come."""
        ...

    def sink(self, *, framed: bool) -> Sink:
        """Where to put what comes: messages of a WebSocket, or pieces of an event stream."""
        ...

    def up(self) -> None:
        """The stream stands."""
        ...

    def nothing(self) -> None:
        """The target says that there is nothing to stream."""
        ...

    def refused(self, operation: Operation, answer: Answer, retry_after: str) -> None:
        """It could not be opened. The phase is INFO when the request may have been acted on, unless it is `unsent`."""
        ...

    def lost(self, how: str, at: float) -> None:
        """It ended, and not by our doing."""
        ...


class Line:
    """At most one connection at a time. Times: monotonic seconds. tries: failed ones in a row."""

    __slots__ = ("_conn", "_ground", "_holder", "_left", "_number", "_operation", "_reply", "_since", "_slow", "_timer",
                 "tries", "up")  # fmt: skip

    def __init__(self, ground: Ground, number: int, holder: Holder, *, slow: bool) -> None:
        self._ground, self._number, self._holder = ground, number, holder
        self._slow = SlowReading(ground) if slow else None
        self._conn: Conn | None = None
        self._left: Conn | None = None  # the socket of a network that went away
        self._operation: Operation = "join"
        self._reply: str | None = None
        self._timer: Timer | None = None
        self._since = 0.0
        self.tries = 0
        self.up = False

    @property
    def idle(self) -> bool:
        """Is there neither a connection nor one to come?"""
        return self._conn is None and self._timer is None

    @property
    def waiting(self) -> bool:
        """Will it be tried again in a moment?"""
        return self._timer is not None

    def open(self, operation: Operation, step: Step) -> str:
        """Take the step that opens it; why it cannot be taken, or nothing."""
        place = self._ground.dialer.place
        self._operation, self._since = operation, monotonic()
        try:
            if isinstance(step, Dial):
                conn: Conn = place.dial(self, step)
                self._reply = step.reply
            elif isinstance(step, Call):
                conn, self._reply = place.call(self, step), None
            else:
                return "unsupported"
        except AuditError as error:
            return str(error)
        self._conn, self.up = conn, False
        self._ground.dialer.open(conn, self._number, RECEIVE_BUFFER if self._slow else 0)
        return ""

    def retry(self, wait: float) -> None:
        """Let the device try again after so many seconds."""
        self.tries += 1
        self._timer = self._ground.at(monotonic() + wait, self._again)

    def cut(self, how: Cut) -> None:
        """The network goes away, or the device closes it. What is left of the socket goes with `release`."""
        self._forget_timer()
        conn = self._conn
        self._gone()
        if conn is not None:
            conn.cut(how)
            self.release()
            self._left = conn

    def release(self) -> None:
        """Let go of a socket whose network went away."""
        if self._left is not None:
            self._left.hang_up()
            self._left = None

    def send(self, text: str) -> bool:
        """Send a frame; False when there is no socket that stands."""
        if not self.up or not isinstance(self._conn, WebSocket):
            return False
        self._conn.send(text)
        return True

    def watch(self, now: float) -> None:
        """Give up on an answer that does not come."""
        if self._conn is not None and not self.up and now - self._since > ANSWER_S:
            self._conn.hang_up()
            self._refused(Answer(Phase.INFO, {"error": "no answer"}))

    def granted(self, reply: str) -> bool:
        """A subscription was granted: was it the one that this stream was waiting for?"""
        if self.up or reply != self._reply:
            return False
        self._stands()
        return True

    def replied(self, item: Item) -> bool:
        """A REPLY came: was it the one that this stream was waiting for?"""
        if self.up or item.data.get("reply") != self._reply:
            return False
        if item.data.get("ok"):
            self._stands()
        elif self._conn is not None:
            self._conn.hang_up()
            self._refused(Answer(Phase.FAIL, {"error": item.data.get("error") or item.data.get("code")}))
        return True

    # -- as the wire tells it -------------------------------------------------------------------------------------

    def answered(self, conn: Conn, status: int, headers: Mapping[str, str], body: bytes) -> Sink | None:
        """The target answered the request."""
        if conn is not self._conn:
            return None
        answer = self._ground.terms.adapter.answer(self._operation, status, headers, body)
        if answer.phase is not Phase.OK or not answer.streaming:
            self._gone()
            if answer.phase is Phase.OK:
                self._holder.nothing()
            else:
                self._refused(answer, headers.get("retry-after", ""))
            return None
        self._holder.opened(self._operation, answer, monotonic())
        if self._reply is None:
            self._stands()
        return self._holder.sink(framed=isinstance(conn, WebSocket))

    def closed(self, conn: Conn, how: str) -> None:
        """The connection ended, and we did not cut it."""
        if conn is not self._conn:
            return
        if self.up:
            self._gone()
            self._holder.lost(how, monotonic())
        else:
            unsent = {} if conn.spoke else {"unsent": True}
            self._refused(Answer(Phase.INFO, {"error": how, **unsent}))

    def _stands(self) -> None:
        self.up = True
        self._ground.open_lines += 1
        if self._slow is not None and self._conn is not None:
            self._slow.start(self._conn)
        self._holder.up()

    def _refused(self, answer: Answer, retry_after: str = "") -> None:
        self._gone()
        self._ground.refusals += 1
        self._holder.refused(self._operation, answer, retry_after)

    def _gone(self) -> None:
        self._ground.open_lines -= self.up
        self._conn, self.up = None, False
        if self._slow is not None:
            self._slow.stop()

    def _again(self, _: float) -> None:
        self._timer = None
        self._holder.connect()

    def _forget_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
