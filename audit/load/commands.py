"""Prompts, stops and steers of a device: sent on its socket or beside its stream, kept while it is away, repeated when
in doubt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic

from ..adapters.base import Answer, Call, Frame, Hangup, Item, Step, Unsupported
from ..errors import AuditError
from ..event import Phase
from .churn import Cut
from .command import Command, Sender
from .ground import Ground
from .room import Room
from .wire.conn import Conn, Sink

ANSWER_S = 10.0
TRIES = 5
WISH = "Go on as you are."  # words are verified: nothing may change


class Commands:
    """Everything that this device has asked for and that is not answered yet."""

    __slots__ = ("_ground", "_resting", "_room", "_sender", "_todo", "exchanges", "waiting")

    def __init__(self, ground: Ground, room: Room, sender: Sender) -> None:
        self._ground, self._room, self._sender = ground, room, sender
        self._todo: list[Command] = []
        self._resting = 0  # commands that will be tried again in a moment
        self.waiting: dict[str, Command] = {}
        self.exchanges: dict[Conn, Command] = {}

    @property
    def idle(self) -> bool:
        """Is everything answered?"""
        return not (self._todo or self._resting or self.waiting or self.exchanges)

    def add(self, command: Command) -> None:
        """Send it, now or when that is possible."""
        if command.operation == "prompt":
            self._room.ask(command.said)
            self._ground.terms.tally.prompts += 1
        self._await(command)
        self._todo.append(command)
        self.flush()

    def postpone(self, intended: float) -> None:
        """The device is back: what it could not ask while it was away, it asks now."""
        for command in self._todo:
            if not command.tries:
                command.intended = max(command.intended, intended)
                if command.operation == "prompt":
                    command.said.intended = command.intended
                self._await(command)

    def doubt(self, command: Command) -> None:
        """Nobody knows whether it happened: what can be sent twice without harm is sent again."""
        harmless = command.operation != "prompt" or self._ground.terms.traits.prompt_key
        if harmless and command.tries < TRIES:
            self._todo.append(command)
        else:
            self._failed(command, "in doubt")

    def unanswered(self, command: Command, answer: Answer, at: float) -> None:
        """It got no answer that says yes."""
        if answer.value.get("unsent"):
            self._rest(command, answer, self._todo.append)
        else:
            self.done(command, answer, at)

    def flush(self) -> None:
        """Send what was waiting for a connection."""
        if not self._todo or not self._sender.reachable():
            return
        todo, self._todo = self._todo, []
        kept = [c for c in todo if not self._moot(c) and (self._must_wait(c) or not self._send(c))]
        self._todo = kept + self._todo

    def cut(self, how: Cut) -> None:
        """The device's network is gone."""
        if not (self.exchanges or self.waiting):
            return
        for conn, command in list(self.exchanges.items()):
            spoke = conn.spoke
            conn.cut(how)
            conn.hang_up()
            (self.doubt if spoke else self._todo.append)(command)
        self.exchanges.clear()
        self.lost()

    def lost(self) -> None:
        """The socket is gone: what was not answered may have happened."""
        for command in self.waiting.values():
            self.doubt(command)
        self.waiting.clear()

    def watch(self, now: float) -> None:
        """Give up on answers that do not come."""
        for reply, command in list(self.waiting.items()):
            if now - command.sent > ANSWER_S:
                del self.waiting[reply]
                self._failed(command, "no answer")
        for conn, command in list(self.exchanges.items()):
            if now - command.sent > ANSWER_S:
                del self.exchanges[conn]
                conn.hang_up()
                self._failed(command, "no answer")

    def replied(self, item: Item, at: float) -> None:
        """A REPLY came on the socket."""
        command = self.waiting.pop(str(item.data.get("reply")), None)
        if command is not None:
            value = {**item.data, **({"run": item.run} if item.run else {})}
            self.done(command, Answer(Phase.OK if item.data.get("ok") else Phase.FAIL, value), at)

    def done(self, command: Command, answer: Answer, at: float) -> None:
        """A command was answered."""
        said, run = command.said, answer.value.get("run")
        if answer.phase is Phase.INFO:
            self._rest(command, answer, self.doubt)
        elif answer.phase is not Phase.OK:
            self._failed(command, str(answer.value.get("error") or answer.value.get("code")))
        elif command.operation == "prompt":
            if run:
                self._room.name(said, str(run))
            self._room.accept(said)
        elif command.operation == "steer":
            self._sender.waits.steer_taken(command.key, at if answer.value.get("outcome") else None)
        elif answer.value.get("ended"):
            self._ground.terms.tally.counts.wrong_end -= said.over_before()
        else:
            said.stopped_at = at
            self._room.disarm()

    # -- exchanges beside the stream ------------------------------------------------------------------------------

    def answered(self, conn: Conn, status: int, headers: Mapping[str, str], body: bytes) -> Sink | None:
        """The response to a command."""
        command = self.exchanges.pop(conn, None)
        if command is not None:
            answer = self._ground.terms.adapter.answer(command.operation, status, headers, body)
            self.done(command, answer, monotonic())
        return None

    def closed(self, conn: Conn, how: str) -> None:
        """A command's connection ended without an answer."""
        command = self.exchanges.pop(conn, None)
        if command is not None:
            unsent = {} if conn.spoke else {"unsent": True}
            self.unanswered(command, Answer(Phase.INFO, {"error": how, **unsent}), monotonic())

    def _rest(self, command: Command, answer: Answer, then: Callable[[Command], None]) -> None:
        """Try it again a little later."""
        self._ground.terms.tally.error(f"{command.operation}: {answer.value.get('error')}")
        self._resting += 1
        self._ground.at(monotonic() + self._ground.backoff(command.tries), lambda _: self._rested(command, then))

    def _rested(self, command: Command, then: Callable[[Command], None]) -> None:
        self._resting -= 1
        then(command)
        self.flush()

    def _await(self, command: Command) -> None:
        """From now on its effect is waited for."""
        waits = self._sender.waits
        match command.operation:
            case "prompt":
                waits.ask(command.said)
            case "stop":
                waits.stop(command.said, command.intended)
            case "steer":
                waits.steer(command.key, command.said, command.intended)

    def _must_wait(self, command: Command) -> bool:
        """A target that refuses a second prompt is not asked one while it answers the first."""
        return command.operation == "prompt" and self._ground.terms.one_at_a_time and self._sender.busy()

    def _moot(self, command: Command) -> bool:
        """Nobody stops or steers what is known to be over."""
        return command.operation != "prompt" and (command.said.refused or self._sender.knows_end(command.said))

    def _again(self, command: Command) -> None:
        self.doubt(command)
        self.flush()

    def _failed(self, command: Command, error: str) -> None:
        self._ground.terms.tally.error(f"{command.operation}: {error}")
        said = command.said
        if command.operation == "prompt":
            self._sender.waits.ended(said, 0.0)
            said.refused = True
            if self._room.current is said and error != "in doubt":
                self._room.current = None

    def _send(self, command: Command) -> bool:
        """True when it is on its way, or can never be."""
        said, adapter = command.said, self._ground.terms.adapter
        view = self._sender.view(said)
        if command.operation == "prompt":
            self._room.current = said
            step = adapter.prompt(view, self._ground.terms.prompt, said.key)
        elif command.operation == "stop":
            step = adapter.stop(view, said.key)
        else:
            step = adapter.steer(view, WISH, command.key)
        try:
            sent = self._take(step, command)
        except AuditError as error:
            self._failed(command, str(error))
            return True
        if sent and command.operation == "stop" and not isinstance(step, Unsupported):
            said.stop(command.sent)
            self._room.disarm()
        return sent

    def _take(self, step: Step, command: Command) -> bool:
        command.sent = monotonic()
        match step:
            case Frame(text, reply):
                return self._frame(text, reply, command)
            case Call(stream=True):
                return self._sender.ask(step, command)
            case Call():
                conn = self._ground.dialer.place.call(self, step)
                self.exchanges[conn] = command
                self._ground.dialer.open(conn, self._sender.number)
            case Hangup():
                command.said.stop(command.sent)
                self._sender.hang_up_on(command.said)
            case Unsupported(_):
                self._failed(command, "unsupported")
        command.tries += 1
        return True

    def _frame(self, text: str, reply: str | None, command: Command) -> bool:
        if not self._sender.send(text):
            return False
        command.tries += 1
        if reply is not None:
            self.waiting[reply] = command
        else:
            self.done(command, Answer(Phase.OK), command.sent)
        return True
