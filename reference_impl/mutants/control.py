"""What mutants of Live Control are made of: sessions that are deaf or talk on, streams that leave something out."""

from __future__ import annotations

import asyncio

from ..agents.script import parse_script
from ..agents.scripted import words
from ..live import LiveSession
from ..session.decide import Decision
from ..session.event import Event
from ..session.run import State
from ..session.state import Run
from ..session.subscription import Subscription
from ..transports.stream import Source, Stream
from .pieces import Frame, frames


class DeafSession(LiveSession):
    """Acknowledges some of the stops that mean something, and forgets them."""

    def ignores(self, run: Run, *, by_key: bool) -> bool:
        """Is the stop of this run lost? by_key: it names the prompt's key, not the run."""
        raise NotImplementedError

    async def stop(self, run: str | None, key: str | None, by: str) -> tuple[Decision, bool]:
        """As ever, unless it is lost."""
        meant = aimed_at(self, run, key)
        if meant is not None and self.ignores(meant, by_key=run is None):
            return Decision((), meant.id), False
        return await super().stop(run, key, by)


class TalkingSession(LiveSession):
    """Can go on writing a run that is over."""

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # whatever a session is made of
        self.talking: set[str] = set()

    def talk_on(self, run: Run, limit: int | None = None) -> None:
        """Let the agent of a run say the rest of its script, or so many words of it, whatever has become of the run."""
        if run.id not in self.talking:
            self.talking.add(run.id)
            self._in_background(self._talk(run, limit))

    async def _talk(self, run: Run, limit: int | None) -> None:
        said = len(run.text)
        left = parse_script(run.prompt).items - said
        count = 0
        async for word in words(parse_script(run.prompt), said):
            if self._over or count >= (left if limit is None else min(limit, left)):
                return
            count += 1
            self._journal.write(Event("text", run.id, {"text": word}))

    def _may_say(self, text: Event) -> bool:
        return text.run in self.talking or super()._may_say(text)


class RewrittenStream(Stream):
    """A device's connection whose frames are changed on their way out. task: what serves the connection."""

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # whatever a stream is made of
        self.task = asyncio.current_task()

    def follow(self, subscription: Source) -> None:
        """Follow what `rewrite` leaves of it."""
        super().follow(_Rewritten(subscription, self) if isinstance(subscription, Subscription) else subscription)

    def rewrite(self, form: str, frame: Frame) -> Frame | None:
        """What to send in the place of a frame; None: nothing."""
        raise NotImplementedError


class _Rewritten:
    def __init__(self, subscription: Subscription, stream: RewrittenStream) -> None:
        self._subscription, self._stream = subscription, stream

    def take(self, limit_bytes: int) -> bytes:
        """An empty piece would mean that there is nothing more to come."""
        form = self._subscription._form
        while piece := self._subscription.take(limit_bytes):
            sent = (self._stream.rewrite(form, frame) for frame in frames(form, piece))
            if kept := b"".join(frame.raw for frame in sent if frame is not None):
                return kept
        return b""


def aimed_at(session: LiveSession, run: str | None, key: str | None) -> Run | None:
    """The run that a stop would do something to."""
    state = session._state
    found = state.runs.get(run if run is not None else state.keys.get(key or "", ""))
    return found if found is not None and not found.state.ended and found.state is not State.STOPPING else None
