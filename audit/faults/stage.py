"""One fault in one direction of one connection: its flow, and the schedule that the flow asked for. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from typing import Literal, TypeAlias

from .base import Action, Fin, Flow, Forward, Rst, Strike, Wake
from .passing import Passing

How: TypeAlias = Literal["fin", "rst"]


@dataclass(frozen=True, slots=True)
class Ending:
    """An end on its way along the chain; `by`: position of the fault that made it, None when the sender did."""

    how: How
    by: int | None = None


class Stage:
    """One flow and what it has asked for. Sealed: cut here, or silent for good; nothing passes any more."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.ending: Ending | None = None
        self._queue: deque[Forward | Fin | Rst] = deque()
        self._wakes: list[int] = []
        self._owed = 0  # bytes and endings that came in and that the flow has not let go
        self._sealed = False

    def due(self) -> Iterable[int]:
        """Times at which it has something to do."""
        if self._queue:
            yield self._queue[0].at_ns
        if self._wakes:
            yield self._wakes[0]

    def take(self, actions: Iterable[Action]) -> bool:
        """Keep what the flow wants done; True when the fault says that it struck."""
        struck = False
        for action in actions:
            if isinstance(action, Strike):
                struck = True
            elif isinstance(action, Wake):
                heappush(self._wakes, action.at_ns)
            else:
                self._enqueue(action)
        return struck

    def _enqueue(self, action: Forward | Fin | Rst) -> None:
        self._queue.append(action)
        if isinstance(action, Forward):
            self._owed -= len(action.data)
        elif isinstance(action, Fin) and self.ending is not None:
            self._owed -= 1
        else:
            self._sealed = True

    def data(self, data: bytes, now_ns: int) -> bool:
        """Bytes arrive."""
        if self._sealed:
            return False
        self._owed += len(data)
        return self.take(self.flow.on_data(data, now_ns))

    def end(self, ending: Ending, now_ns: int) -> bool:
        """An end arrives. To the flow a RST is an end like any other, even after a FIN: it holds or passes it on."""
        if self._sealed or (self.ending is not None and self.ending.how in (ending.how, "rst")):
            return False
        self.ending = ending
        self._owed += 1
        return self.take(self.flow.on_eof(now_ns))

    def wake(self, now_ns: int) -> bool:
        """Call the flow for every time it asked for that has come."""
        struck = False
        while self._wakes and self._wakes[0] <= now_ns:
            heappop(self._wakes)
            struck |= not self._sealed and self.take(self.flow.on_wake(now_ns))
        return struck

    def lift(self, now_ns: int) -> bool:
        """Let go of everything at once. What was swallowed is gone for good, and TCP cannot go on without it."""
        self._queue = deque(replace(action, at_ns=0) for action in self._queue)
        struck = self.take(self.flow.on_lift(now_ns))
        self._wakes.clear()
        self._sealed |= self._owed > 0
        self.flow = Passing()
        return struck

    def seal(self) -> None:
        """Cut here: nothing passes any more, and nothing is owed."""
        self._sealed = True
        self._queue.clear()
        self._wakes.clear()

    def release(self, now_ns: int) -> Iterable[Forward | Fin | Rst]:
        """Take from the queue what may go by now; a head that is not due keeps back what is behind it."""
        while self._queue and self._queue[0].at_ns <= now_ns:
            yield self._queue.popleft()
