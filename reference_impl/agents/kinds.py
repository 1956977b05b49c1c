"""The agents that a worker can be given, by name."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from .base import Agent
from .openai import OpenAIAgent
from .orchestrator import Orchestrator
from .scripted import ScriptedAgent


class NotConfigured(Exception):
    """The agent needs something from the environment that is not there; the message names it."""


def named(name: str) -> Agent:
    """The agent of that name, ready to answer. Raises NotConfigured."""
    return KINDS[name]()


def _openai() -> Agent:
    """From OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_MODEL."""
    model = os.environ.get("OPENAI_MODEL", "")
    if not model:
        raise NotConfigured("OPENAI_MODEL is not set: it names the model that answers")
    base = os.environ.get("OPENAI_BASE_URL") or "https://api.openai.com/v1"
    if not base.startswith(("http://", "https://")):
        raise NotConfigured("OPENAI_BASE_URL is not an http(s) address")
    return OpenAIAgent(base, os.environ.get("OPENAI_API_KEY", ""), model)


KINDS: Final[dict[str, Callable[[], Agent]]] = {
    "scripted": ScriptedAgent,
    "openai": _openai,
    "orchestrator": Orchestrator,
}
