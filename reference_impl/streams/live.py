"""A stream while the server runs: requests are decided against its state, stored, and only then shown to anyone.

Decisions do not wait for the disk: whatever is decided while a write is on its way shares the next one. When another
server wrote first, the storage says so (Conflict): the state is folded again from what is stored, and everything that
was not written is decided again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from ..errors import Refused, Unavailable
from ..storage.base import Conflict, Store, StoreError
from . import problems
from .content import Kind, kind_of
from .decide import Outcome, touch
from .log import StreamLog
from .pieces import Pieces
from .record import Appended, Deleted, Record, decode, encode
from .state import StreamState, fold

Decide: TypeAlias = Callable[[StreamState], Outcome]

_PIECE_BYTES = 64 * 1024

logger = logging.getLogger(__name__)


class Reader(Protocol):
    """Whoever waits for more of a stream."""

    def wake(self) -> None:
        """There is something new."""
        ...

    def leave(self) -> None:
        """There will be nothing more from here."""
        ...


@dataclass(slots=True)
class _Command:
    """number: which record of the stream its own is."""

    decide: Decide
    outcome: Outcome
    number: int
    done: asyncio.Future[Outcome]


def now_ms() -> int:
    """Milliseconds since 1970: lifetimes are the same on every server and after a restart."""
    return time.time_ns() // 1_000_000


class LiveStream:
    """One stream. gone: called once when this copy of it must not be used any more."""

    def __init__(
        self,
        name: str,
        epoch: str,
        state: StreamState,
        log: StreamLog,
        *,
        store: Store,
        gather_s: float,
        gone: Callable[[LiveStream], None],
    ) -> None:
        self.name = name
        self.epoch = epoch
        self.state = state  # with what is not durable yet: for those who write
        self.log = log  # what is durable: for those who read
        self.kind: Kind = kind_of(state.created.content_type)
        self.pieces = Pieces(log, self.kind)
        self.readers: set[Reader] = set()
        self._known = state.records  # the last record that the log has
        self._store = store
        self._gone = gone
        self._over = False
        self._pending: list[_Command] = []
        self._flushing: asyncio.Task[None] | None = None
        self._gather_s = gather_s
        self._told_at = 0.0
        self._telling: asyncio.Handle | None = None
        self._background: set[asyncio.Task[object]] = set()
        self._following = asyncio.create_task(self._follow()) if store.shared else None

    @property
    def over(self) -> bool:
        """This copy is not used any more."""
        return self._over

    @property
    def idle(self) -> bool:
        """Nobody reads, and everything is written."""
        return not self.readers and self._flushing is None

    async def submit(self, decide: Decide) -> Outcome:
        """Carry out a request; returns when that is durable. Raises Refused."""
        if self._over:
            raise problems.unknown()
        try:
            outcome = decide(self.state)
        except Refused:
            if self._flushing is None:
                raise
            await asyncio.wait((self._flushing,))  # what it was refused for has to be true first
            outcome = decide(self.state)
        if outcome.record is None and self._flushing is None:
            return outcome
        return await self._written(decide, outcome)

    def attach(self, reader: Reader) -> None:
        """Wake the reader from now on, until it is detached."""
        self.readers.add(reader)
        if self._over:
            reader.leave()

    def detach(self, reader: Reader) -> None:
        """Forget the reader."""
        self.readers.discard(reader)

    def use(self) -> None:
        """Somebody uses the stream: it lives on."""
        if self.state.worn(now_ms()) and not self._over:
            self._in_background(self._touch())

    async def close(self) -> None:
        """The server goes away in good order: write what was accepted, and send the readers elsewhere."""
        if self._flushing is not None:
            await asyncio.wait((self._flushing,))
        self.retire()

    def retire(self) -> None:
        """The stream is not served from this copy any more."""
        self._over = True
        for task in (self._following, *self._background):
            if task is not None and task is not asyncio.current_task():
                task.cancel()
        if self._telling is not None:
            self._telling.cancel()
        self._fail(problems.unknown())
        self._dismiss()
        self._gone(self)

    async def _written(self, decide: Decide, outcome: Outcome) -> Outcome:
        done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._pending.append(_Command(decide, outcome, self.state.records, done))
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush())
        return await done

    async def _touch(self) -> None:
        with suppress(Refused):
            await self.submit(lambda state: touch(state, now_ms()))

    async def _flush(self) -> None:
        """Write batch after batch until nothing is left."""
        try:
            while self._pending:
                await self._write()
        except Exception as failure:
            self._break(failure)
        finally:
            self._flushing = None

    async def _write(self) -> None:
        batch, self._pending = self._pending, []
        new = [command for command in batch if command.outcome.record is not None]
        records = [command.outcome.record for command in new if command.outcome.record is not None]
        try:
            if records:
                bodies = [encode(record) for record in records]
                await self._store.append(self.name, self.epoch, new[0].number, bodies)
        except StoreError as problem:
            self._pending = batch + self._pending
            if not isinstance(problem, Conflict):
                raise
            await self._decide_again()
            return
        for command in batch:
            if not command.done.done():
                command.done.set_result(command.outcome)
        if records:
            self._show(new[0].number, records)

    async def _decide_again(self) -> None:
        """Another server wrote first."""
        stored = await self._store.load(self.name)
        if stored.epoch != self.epoch or not stored.bodies:
            self.retire()
            return
        records = [decode(body) for body in stored.bodies]
        self.state = fold(records)
        self._show(1, records)
        pending, self._pending = self._pending, []
        for command in pending:
            try:
                command.outcome = command.decide(self.state)
            except Refused as problem:
                command.done.set_exception(problem)
                continue
            command.number = self.state.records
            self._pending.append(command)

    async def _follow(self) -> None:
        """Take what other servers write. What this one writes comes by too, and is known already, or about to be."""
        try:
            async with aclosing(self._store.follow(self.name, self.epoch, self._known)) as batches:
                async for first, bodies in batches:
                    records = [decode(body) for body in bodies]
                    for number, record in enumerate(records, first):
                        if number == self.state.records + 1:
                            self.state.apply(record)
                    self._show(first, records)
        except Conflict:
            self.retire()
        except Exception as failure:
            self._break(failure)

    def _show(self, first: int, records: Sequence[Record]) -> None:
        """Let readers have what is durable now, as far as they do not have it yet."""
        news = records[max(0, self._known + 1 - first) :]
        for record in news:
            self._known += 1
            if isinstance(record, Appended):
                self.log.append(record.content)
                self.log.closed |= record.closing
            elif isinstance(record, Deleted):
                self._dismiss()
        if news and self._telling is None and self.readers:
            loop = asyncio.get_running_loop()
            due = self._told_at + self._gather_s
            self._telling = loop.call_soon(self._tell) if loop.time() >= due else loop.call_at(due, self._tell)

    def _tell(self) -> None:
        self._telling = None
        self._told_at = asyncio.get_running_loop().time()
        self.pieces.renew(_PIECE_BYTES)
        for reader in tuple(self.readers):
            reader.wake()

    def _dismiss(self) -> None:
        for reader in tuple(self.readers):
            reader.leave()

    def _fail(self, problem: Refused) -> None:
        pending, self._pending = self._pending, []
        for command in pending:
            if not command.done.done():
                command.done.set_exception(problem)

    def _break(self, failure: Exception) -> None:
        """What was accepted and not written may or may not be stored: this copy of the stream is worthless."""
        logger.error("stream %s: %s", self.name, failure, exc_info=not isinstance(failure, StoreError))
        self._fail(Unavailable(f"the stream's storage failed: {failure}"))
        self.retire()

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task: asyncio.Task[object] = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
