"""Small honest servers that do it the usual wrong way, for comparison with the session server beside them.

Each is what a competent team writes in a hurry: it works on a desk, over a good network, with one device. None has a
session layer; that is the point. All of them answer with the scripted agent (docs/protocol.md).
"""

from __future__ import annotations

from . import (
    buffered_path,
    cancel_on_disconnect,
    naive_sse,
    open_sessions,
    private_socket,
    producer_held_resume,
    relay_orchestrator,
    resumable_no_stop,
    sticky_nodes,
)
from .kind import Antipattern

ANTIPATTERNS: tuple[Antipattern, ...] = (
    naive_sse.ANTIPATTERN,
    cancel_on_disconnect.ANTIPATTERN,
    private_socket.ANTIPATTERN,
    resumable_no_stop.ANTIPATTERN,
    relay_orchestrator.ANTIPATTERN,
    producer_held_resume.ANTIPATTERN,
    sticky_nodes.ANTIPATTERN,
    buffered_path.ANTIPATTERN,
    open_sessions.ANTIPATTERN,
)

__all__ = ["ANTIPATTERNS", "Antipattern"]
