"""The single writer of a history: gives every event its index and time, and puts it on disk as it happens."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import TextIO

from .errors import HarnessError
from .event import Event, Phase, Value, parse_event
from .history import END_LINE, History, dump_meta

EVENT_LIMIT = 60_000
MASK = "•••"


class Recorder:
    """Appends events to `sink` (one line each, flushed) and keeps them. `secrets` never reach the file or the events.

    A trial that sees more than `limit` events is a flood: `full` turns true, further `seen` events are dropped (and
    devices hang up), so that a hostile target can fill neither memory nor disk.
    """

    def __init__(self, sink: TextIO, meta: Value, secrets: Iterable[str] = (), limit: int = EVENT_LIMIT) -> None:
        self.meta = meta
        self.events: list[Event] = []
        self._sink = sink
        self._limit = limit
        self._start_ns = time.monotonic_ns()
        longest_first = sorted(secrets, key=len, reverse=True)  # a secret may contain another one
        self._masks = [(json.dumps(secret, ensure_ascii=False)[1:-1], MASK) for secret in longest_first if secret]
        self._write(dump_meta(meta))

    @property
    def full(self) -> bool:
        """True once the trial has seen as many events as it may."""
        return len(self.events) >= self._limit

    def now_ns(self) -> int:
        """Nanoseconds since the trial began, on the clock of the events."""
        return time.monotonic_ns() - self._start_ns

    def add(self, who: str, phase: Phase, what: str, value: Value | None = None, op: int | None = None) -> Event:
        """Record one event; the only way anything gets into a history."""
        event = Event(len(self.events), self.now_ns(), who, phase, what, value or {}, op)
        if self.full and phase is Phase.SEEN:
            return event
        line = event.dump()
        if any(secret in line for secret, _ in self._masks):
            line = self._masked(line)
            event = parse_event(json.loads(line))
        self.events.append(event)
        self._write(line)
        return event

    def finish(self) -> History:
        """Write the end mark and give the whole history."""
        self._write(END_LINE)
        return History(self.meta, tuple(self.events))

    def _masked(self, line: str) -> str:
        for secret, mask in self._masks:
            line = line.replace(secret, mask)
        return line

    def _write(self, line: str) -> None:
        try:
            self._sink.write(line + "\n")
            self._sink.flush()
        except UnicodeEncodeError:  # a lone surrogate from the wire: JSON can escape what UTF-8 cannot hold
            self._sink.write(json.dumps(json.loads(line)) + "\n")
        except OSError as error:
            raise HarnessError(f"cannot write the history ({error}); is the disk full?") from error
