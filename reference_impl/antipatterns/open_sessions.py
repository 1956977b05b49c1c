"""An AI SDK chat that does everything well, for everybody.

What is wrong: nobody checks who asks. A request may say who sends it (`Authorization`, a cookie); no chat knows whose
it is, so there is nothing to compare that with. Whoever has or guesses a chat's id reads it, watches it live, writes
into it and stops it, with another user's credential, an expired one, or none. In use it shows nowhere: pages ask for
chats of their own. Drops, second devices and stops are handled well (`chat.py`), so an audit that plays one user finds
next to nothing, and that is the lesson.
"""

from __future__ import annotations

from aiohttp import web

from .chat import OPTIONS, Chats
from .common import KEEP, new_app
from .kind import Antipattern


def build_app(limit: int = KEEP) -> web.Application:
    """The chat's routes, and nothing before them. limit: chats remembered."""
    chats = Chats(limit)
    app = new_app(*chats.routes())
    app.on_shutdown.append(chats.close)
    return app


ANTIPATTERN = Antipattern(
    id="open-sessions",
    title="A good chat that never asks who is there",
    lesson=(
        "Any credential, or none, reads and controls any session: its id is all that protects it. Users notice nothing "
        "until somebody else reads their conversation, writes into it, or stops their answer."
    ),
    build_app=build_app,
    protocol="ai-sdk",
    options=OPTIONS,
    contract={"disconnect": "continue", "concurrent_send": "reject", "idempotency": "key"},
    auth={
        "headers": {"Authorization": "Bearer ann-of-demonstrations"},
        "stranger": {"headers": {"Authorization": "Bearer mallory-of-demonstrations"}},
    },
)
