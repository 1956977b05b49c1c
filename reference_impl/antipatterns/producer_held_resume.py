"""An AI SDK chat whose streams can be resumed for exactly as long as somebody writes them.

What is wrong: the buffer that a resume is served from belongs to the task that generates, and is freed when that task
ends (or dies with its process). There is no history on the server: the page that asked keeps what it received. So a
drop in the middle is healed without a word missing, which is what gets tested, and a phone that comes back a second
after the end is told with an empty success that there is nothing, and finds the answer nowhere (producer-held resume).

All the rest is the decent chat of `chat.py`.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from .chat import OPTIONS, Chat, Chats
from .common import KEEP, new_app
from .kind import Antipattern


class _Chat(Chat):
    def over(self, answer: dict[str, Any]) -> None:
        """The mistake: the producer is done, so what it held is garbage. Whoever wanted the answer has read it."""
        self.run = None
        self.messages.clear()
        self.answers.clear()


def build_app(limit: int = KEEP) -> web.Application:
    """The chat's routes but history. limit: chats remembered."""
    chats = Chats(limit, _Chat)
    app = new_app(*(route for route in chats.routes() if route.handler != chats.history))
    app.on_shutdown.append(chats.close)
    return app


ANTIPATTERN = Antipattern(
    id="producer-held-resume",
    title="Resumable chat whose buffer dies with the task that fills it",
    lesson=(
        "Resuming works only while the answer is being written; a second after its end the buffer is gone and nothing "
        "else holds a copy. Users who were away at that moment come back to a question without an answer."
    ),
    build_app=build_app,
    protocol="ai-sdk",
    options={"stop_path": OPTIONS["stop_path"]},
    contract={"disconnect": "continue", "concurrent_send": "reject", "idempotency": "key"},
)
