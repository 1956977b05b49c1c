"""The single writer of a history: gives every event its index and time, and puts it on disk as it happens."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import TextIO

from .errors import HarnessError
from .event import Event, JsonValue, Phase, Value
from .history import END_LINE, History, dump_meta
from .masking import MASK

EVENT_LIMIT = 60_000
CHARACTER_LIMIT = 32_000_000
_ALWAYS = frozenset({"problem", "closed"})  # few, and they tell why nothing follows
# Words of docs/history-format.md: a header like `X-Role: user` must not eat them.
_OWN_WORDS = frozenset(
    "user assistant completed stopped failed superseded unknown running fin rst clean timeout local "  # noqa: SIM905
    "phone laptop tablet tab armed struck lifted ended deadline nobody".split()
)


class Recorder:
    """Appends events to `sink` (one line each, flushed) and keeps them. `secrets` never reach the file or the events.

    A trial that sees more than `limit` events or `characters` is a flood: `full` turns true, further `seen` events are
    dropped (and devices hang up), so that a hostile target can fill neither memory nor disk.
    """

    def __init__(
        self,
        sink: TextIO,
        meta: Value,
        secrets: Iterable[str] = (),
        limit: int = EVENT_LIMIT,
        characters: int = CHARACTER_LIMIT,
    ) -> None:
        self.meta = meta
        self.events: list[Event] = []
        self._sink = sink
        self._limit, self._characters, self._written = limit, characters, 0
        self._start_ns = time.monotonic_ns()
        self._secrets: list[str] = []
        self._traces: list[str] = []
        self.hide(*secrets)
        self._write(dump_meta(meta))

    @property
    def full(self) -> bool:
        """True once the trial has seen as much as it may."""
        return len(self.events) >= self._limit or self._written >= self._characters

    def hide(self, *secrets: str) -> None:
        """Let nothing more be written that holds one of these."""
        forms = {form for secret in secrets if secret for form in (secret, *_escaped(secret))}
        self._secrets = sorted({*self._secrets, *forms}, key=len, reverse=True)  # one may be part of another
        self._traces = [_escaped(secret)[0] for secret in self._secrets]

    def now_ns(self) -> int:
        """Nanoseconds since the trial began, on the clock of the events."""
        return time.monotonic_ns() - self._start_ns

    def add(self, who: str, phase: Phase, what: str, value: Value | None = None, op: int | None = None) -> Event:
        """Record one event; the only way anything gets into a history."""
        event = Event(len(self.events), self.now_ns(), who, phase, what, value or {}, op)
        if self.full and phase is Phase.SEEN and what not in _ALWAYS:
            return event
        line = event.dump()
        if any(trace in line for trace in self._traces):
            event = replace(event, value=self._masked(event.value))
            line = event.dump()
        self.events.append(event)
        self._write(line)
        return event

    def finish(self) -> History:
        """Write the end mark and give the whole history."""
        self._write(END_LINE)
        return History(self.meta, tuple(self.events))

    def _masked(self, value: JsonValue) -> JsonValue:
        """The value with every secret in its texts masked; its keys are ours."""
        if isinstance(value, dict):
            return {key: self._masked(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._masked(inner) for inner in value]
        if not isinstance(value, str) or value in _OWN_WORDS:
            return value
        for secret in self._secrets:
            value = value.replace(secret, MASK)
        return value

    def _write(self, line: str) -> None:
        self._written += len(line) + 1
        try:
            try:
                self._sink.write(line + "\n")
            except UnicodeEncodeError:  # a lone surrogate from the wire: JSON can escape what UTF-8 cannot hold
                self._sink.write(json.dumps(json.loads(line)) + "\n")
            self._sink.flush()
        except OSError as error:
            raise HarnessError(f"cannot write the history ({error}); is the disk full?") from error


def _escaped(text: str) -> tuple[str, str]:
    """The text as it stands inside JSON: as we write it, and as others do (an excerpt may show their JSON)."""
    return json.dumps(text, ensure_ascii=False)[1:-1], json.dumps(text)[1:-1]
