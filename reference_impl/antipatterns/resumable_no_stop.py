"""Background responses that survive every drop, and cannot be stopped.

What is wrong: `cancel` sets a flag that no worker reads. The request is accepted, the button turns gray, the page stops
drawing, and the run goes on to its end: other devices watch it write, its tools keep acting, its tokens are paid for.

Delivery, on the other hand, is right: runs live in tasks of their own, every event has a sequence number, and a stream
resumes exactly after the number it is given, during the run and after it. A repeated `Idempotency-Key` makes one run.

Wire format: OpenAI's Responses API in background mode (events with `type` and `sequence_number`; `starting_after` is
exclusive).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator

from aiohttp import web

from ..agents.script import Script
from . import responses
from .common import KEEP, generate
from .kind import Antipattern


class _Background(responses.Response):
    """It would have to look at `cancel_requested` between two words, and nobody wrote that."""

    cancel_requested = False

    def cancel(self) -> None:
        """Set the flag. That is all: see the module's docstring."""
        self.cancel_requested = True

    async def words(self, script: Script) -> AsyncGenerator[str, None]:
        """The agent's words."""
        async for word in generate(script):
            yield word


def build_app(limit: int = KEEP) -> web.Application:
    """The routes of responses.py."""
    return responses.build_app(_Background, limit)


ANTIPATTERN = Antipattern(
    id="resumable-no-stop",
    title="Background responses whose cancel nobody reads",
    lesson=(
        "Stop is only local: the cancel is accepted and the run goes on to its end. Users press stop and keep paying, "
        "and the agent keeps acting, while their other devices still show it writing."
    ),
    build_app=build_app,
    protocol="openai-responses",
    options={},
    contract={"disconnect": "continue", "concurrent_send": "parallel", "idempotency": "key"},
)
