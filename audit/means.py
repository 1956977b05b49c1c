"""What can be done to a target that no client can do: make a credential for somebody, and start it again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from .load.result import HookResult

TOKEN = "{token}"
"""Stands in a header or query parameter of a target file for the credential that is made for a session."""


@dataclass(frozen=True, slots=True)
class Need:
    """A credential that is wanted. session: the one it must open. stranger: for the other user, not for ours.

    ttl_s: it must expire after so many seconds; None: it lasts for the whole trial.
    """

    session: str
    stranger: bool = False
    ttl_s: float | None = None


Mint: TypeAlias = Callable[[Need], Awaitable[str]]
Restart: TypeAlias = Callable[[], Awaitable[HookResult]]


@dataclass(frozen=True, slots=True)
class Means:
    """What this audit may do. None: there is no way, or it is not allowed. token: raises TargetError."""

    token: Mint | None = None
    restart: Restart | None = None


def filled(values: Mapping[str, str], token: str) -> dict[str, str]:
    """Headers or query parameters with the credential in its place."""
    return {name: value.replace(TOKEN, token) for name, value in values.items()}


def holds_place(*tables: Mapping[str, str]) -> bool:
    """Is there a place for a credential in any of them?"""
    return any(TOKEN in value for table in tables for value in table.values())
