"""Refuse: nobody gets in, as during a deployment, a crash loop or behind an overloaded balancer."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import ClassVar

from .base import Direction, Flow
from .settings import Reaches, Settings


@dataclass(frozen=True)
class Refuse(Settings):
    """New connections are reset before a byte is read; those that are open go on untouched."""

    id: ClassVar[str] = "refuse"
    reaches: ClassVar[Reaches] = "new"
    refuses: ClassVar[bool] = True

    def begin(self, direction: Direction, rng: Random) -> Flow | None:
        """No connection ever comes under it."""
        return None
