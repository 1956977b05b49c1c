"""An answer kept in memory while it is written, for any number of readers who come at any time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

BEAT = b": ping\n\n"
"""A comment of an event stream: it shows that the connection lives, and readers skip it (WHATWG HTML 9.2.7)."""


class Tape:
    """Chunks of one answer, append-only. Lives and dies with the process: it is a buffer, not a session."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._closed = False
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._chunks)

    def append(self, chunk: bytes) -> None:
        """Add a chunk; everyone who follows gets it."""
        self._chunks.append(chunk)
        self._wake()

    def close(self) -> None:
        """Nothing more will come; everyone who follows ends after the last chunk."""
        self._closed = True
        self._wake()

    async def follow(self, start: int = 0, beat_s: float | None = None) -> AsyncIterator[bytes]:
        """The chunks from position `start`, then those to come, until the tape is closed.

        beat_s: a BEAT whenever nothing came for so many seconds; None: never.
        """
        position = start
        while True:
            while position < len(self._chunks):
                yield self._chunks[position]
                position += 1
            if self._closed:
                return
            changed = self._changed
            try:
                async with asyncio.timeout(beat_s):
                    await changed.wait()
            except TimeoutError:
                yield BEAT

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
