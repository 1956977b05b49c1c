"""What an agent is to a session: something that reads a prompt and writes an answer. It never meets a device."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol


class BadPrompt(Exception):
    """This agent cannot answer this prompt at all; `code` goes to whoever asked, with the message."""

    code = "bad-prompt"


class AgentFailure(Exception):
    """The agent broke down in the middle of its answer; the message becomes the `error` of the run's ending."""


class Agent(Protocol):
    """Turns a prompt into an answer, piece by piece. One instance serves every session."""

    def check(self, prompt: str) -> None:
        """Refuse a prompt before its run exists. Raises BadPrompt."""
        ...

    def answer(self, prompt: str) -> AsyncGenerator[str, None]:
        """Yield the pieces of the answer as they are ready. Raises AgentFailure.

        A stop arrives as cancellation: the generator is closed at its current await and must let go of its work.
        """
        ...
