"""Forks and their sources: who begins with whose content, so that it is kept as long as anyone needs it.

A source has a record for each of its forks, written before the fork is; the fork's first record names the source. When
a server dies between the two, or between deleting a fork and saying so, the source has a reference to nothing: those
are found out whenever it matters, that is when the source is deleted, or was deleted and is named again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeAlias

from ..errors import Refused, Unavailable
from . import content, decide, offset, problems
from .decide import Wanted
from .live import LiveStream, now_ms
from .log import StreamLog
from .record import Created, Source

_YOUNG_MS = 10_000  # a fork that is not there yet may be about to be created

Seek: TypeAlias = "Callable[[str], Awaitable[LiveStream | str]]"
Erase: TypeAlias = "Callable[[LiveStream], Awaitable[None]]"


class Forks:
    """seek: finds a stream by its name in storage, or the epoch it would have. erase: deletes one for good."""

    def __init__(self, seek: Seek, erase: Erase) -> None:
        self._seek = seek
        self._erase = erase

    async def refer(self, source: LiveStream | str, wanted: Wanted, name: str, epoch: str) -> tuple[Source, Created]:
        """Have the source know of a fork that is about to be created. Raises StreamRefused."""
        if isinstance(source, str):
            raise problems.unknown()
        made = source.state.created
        if wanted.content_type is not None and content.essence(wanted.content_type) != source.state.essence:
            raise problems.conflict("content-type", f"the source's content type is {made.content_type}")
        anchor = source.log.tail if wanted.anchor is None else _anchor(wanted.anchor, made.lineage)
        position = decide.inherited_until(source.log, source.kind, anchor, wanted.sub)
        await source.submit(lambda state: decide.reference(state, name, epoch, now_ms()))
        return Source(source.name, source.epoch, position, anchor, wanted.sub), made

    async def release(self, fork: LiveStream) -> None:
        """A fork was deleted: its source may be let go of, too."""
        made = fork.state.created.source
        source = None if made is None else await self._seek(made.name)
        if not isinstance(source, LiveStream) or made is None or source.epoch != made.epoch:
            return
        await source.submit(lambda state: decide.release(state, fork.name, fork.epoch))
        if source.state.deleted and not source.state.forks:
            await self._erase(source)

    async def forget_dead(self, source: LiveStream) -> None:
        """Forget forks that were never created, or that have ended."""
        for (name, epoch), at in tuple(source.state.forks.items()):
            fork = await self._seek(name)
            lives = isinstance(fork, LiveStream) and fork.epoch == epoch
            if not lives and now_ms() - at > _YOUNG_MS:
                with suppress(Refused):
                    await source.submit(lambda state, key=(name, epoch): decide.release(state, *key))  # type: ignore[misc]


def inherit(log: StreamLog, source: Source, found: tuple[str, StreamLog]) -> None:
    """Begin with the source's content. Raises Unavailable when it is not there any more."""
    epoch, content_ = found
    if epoch != source.epoch or content_.tail < source.position:
        raise Unavailable("the content that the stream begins with is gone")
    log.inherit(content_, source.position)


def _anchor(text: str, lineage: str) -> int:
    try:
        return offset.load(text, lineage)
    except problems.StreamRefused as problem:
        raise problems.malformed(problem.message) from None
