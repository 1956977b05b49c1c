"""An AI SDK chat on three servers behind one port, written for one.

What is wrong: each server keeps its chats in its own memory, and the balancer deals connections out in turn. On one
server all is well; on three, a device that reconnects, a second device or a stop lands on a server that has never
heard of the chat, finds no run and no history, and may start another conversation of the same name there. It works
again with sticky sessions, until the server that a session sticks to goes away.

The servers are three states in this process. A connection belongs to the server it was dealt to for as long as it
lasts. Turns are counted for each chat, so that what becomes of one chat does not depend on how busy the others are:
for one chat at a time this is plain round robin. There are three, because with two the pair of requests that opens a
page (history, then stream) always lets the second one land where the last connection had been.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias
from weakref import WeakKeyDictionary

from aiohttp import web

from .chat import OPTIONS, Chats
from .common import KEEP, forget_oldest, new_app
from .kind import Antipattern

NODES = 3

_Serve: TypeAlias = Callable[[Chats, web.Request], Awaitable[web.StreamResponse]]


class _Balancer:
    """Deals connections out to nodes that know nothing of each other. limit: chats whose turn is remembered."""

    def __init__(self, nodes: Sequence[Chats], limit: int) -> None:
        self._nodes, self._limit = nodes, limit
        self._turns: dict[str, int] = {}
        self._dealt: WeakKeyDictionary[asyncio.BaseTransport, Chats] = WeakKeyDictionary()

    def to(self, serve: _Serve) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """A handler that has a request served by the node of its connection."""

        async def handle(request: web.Request) -> web.StreamResponse:
            if request.transport is None:
                raise web.HTTPBadRequest(reason="the connection is gone")
            if request.transport not in self._dealt:
                self._dealt[request.transport] = self._next(request.match_info["id"])
            return await serve(self._dealt[request.transport], request)

        return handle

    def _next(self, chat: str) -> Chats:
        turn = self._turns.pop(chat, -1) + 1
        forget_oldest(self._turns, lambda _: True, self._limit - 1)
        self._turns[chat] = turn
        return self._nodes[turn % len(self._nodes)]


def build_app(limit: int = KEEP, nodes: int = NODES) -> web.Application:
    """Below `/api/chat/{id}`: prompts (POST) and history, `stream` to resume, `stop`. limit: chats that each node
    remembers."""
    servers = [Chats(limit) for _ in range(nodes)]
    balancer = _Balancer(servers, limit)
    app = new_app(
        web.post("/api/chat/{id}", balancer.to(Chats.post)),
        web.get("/api/chat/{id}/stream", balancer.to(Chats.resume)),
        web.post("/api/chat/{id}/stop", balancer.to(Chats.stop)),
        web.get("/api/chat/{id}", balancer.to(Chats.history)),
    )
    app.on_shutdown.extend(server.close for server in servers)
    return app


ANTIPATTERN = Antipattern(
    id="sticky-nodes",
    title="A chat that lives in one of three servers, behind a balancer that does not know which",
    lesson=(
        "What a session holds depends on the server that a connection happens to reach. A reload, a second device or a "
        "stop finds the chat empty, and the same thing tried again may work."
    ),
    build_app=build_app,
    protocol="ai-sdk",
    options={"chat_path": "/api/chat/{id}", **OPTIONS},
    contract={"disconnect": "continue", "concurrent_send": "reject", "idempotency": "key"},
)
