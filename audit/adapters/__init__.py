"""The wire protocols an audit can speak. A new one is a new file and a new line here."""

from __future__ import annotations

from . import ai_sdk, chat_sse, json_socket, openai_responses, session
from .kind import AdapterKind

ADAPTERS: tuple[AdapterKind, ...] = (
    session.KIND,
    chat_sse.KIND,
    ai_sdk.KIND,
    openai_responses.KIND,
    json_socket.KIND,
)
