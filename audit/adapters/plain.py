"""What most protocols have no word for."""

from __future__ import annotations

from .base import Step, Unsupported, View


class Plain:
    """Base of adapters whose protocol knows prompts and stops and nothing beyond."""

    def steer(self, view: View, text: str, key: str) -> Step:
        """There is no way."""
        return Unsupported("the protocol has no command that reaches an answer while it is written")

    def approve(self, view: View, approval: str, granted: bool) -> Step:
        """There is no way."""
        return Unsupported("the protocol has no command that answers what an agent asks for")
