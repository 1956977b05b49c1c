"""Operations under way, and the replies that some of them wait for on a connection."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from .adapters.base import COMMANDS, Answer, Item, Operation
from .event import Phase, Value
from .memory import Run

Complete: TypeAlias = Callable[[Answer], None]


@dataclass
class Attempt:
    """One operation under way. `complete` is called once, the moment its answer is known."""

    operation: Operation
    run: Run | None
    conn: int
    complete: Complete
    answer: Answer | None = None

    @property
    def doubt(self) -> Phase:
        """What to say when its connection broke: a prompt or stop may have happened; opening and reading change
        nothing."""
        return Phase.INFO if self.operation in COMMANDS else Phase.FAIL

    def settle(self, answer: Answer) -> Answer:
        """The first answer counts; it is the one that is given back."""
        if self.answer is None:
            self.answer = answer
            self.complete(answer)
        return self.answer


@dataclass(frozen=True)
class _Reply:
    conn: int
    attempt: Attempt
    future: asyncio.Future[Answer]


class Replies:
    """What is still to be answered, by correlation id."""

    def __init__(self) -> None:
        self._open: dict[str, _Reply] = {}

    @contextlib.contextmanager
    def expecting(self, attempt: Attempt, id: str | None, conn: int) -> Iterator[asyncio.Future[Answer]]:
        """The answer that will come with this id on this connection. Without an id, having asked is the answer."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if id is None:
            future.set_result(Answer(Phase.OK))
            yield future
            return
        self._open[id] = mine = _Reply(conn, attempt, future)
        try:
            yield future
        finally:
            if self._open.get(id) is mine:
                del self._open[id]

    def take(self, item: Item) -> None:
        """A REPLY came: it settles the attempt at once, before any item that follows it."""
        reply = self._open.get(str(item.data.get("reply")))
        if reply is not None and not reply.future.done():
            value: Value = {key: found for key, found in item.data.items() if key not in ("reply", "ok")}
            named = {"run": item.run} if item.run else {}
            answer = Answer(Phase.OK if item.data.get("ok") else Phase.FAIL, value | named)
            reply.future.set_result(reply.attempt.settle(answer))

    def lose(self, conn: int) -> None:
        """A connection is gone, and with it every answer that should have come on it."""
        lost = {"error": "the connection broke (the socket closed before the answer came)"}
        for reply in self._open.values():
            if reply.conn == conn and not reply.future.done():
                reply.future.set_result(Answer(reply.attempt.doubt, lost))
