"""Taking secrets out of what is about to be written down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

MASK = "•••"
SHORTEST = 4  # masking shorter strings would eat ordinary text


def lookalikes(secrets: Iterable[str]) -> frozenset[str]:
    """The secrets that can be told from ordinary text, each also as a URL would show it."""
    told = set(secrets)
    return frozenset(each for each in told | {quote(each, safe="") for each in told} if len(each) >= SHORTEST)


def masked(value: Any, secrets: Iterable[str]) -> Any:
    """A JSON value with every secret in it masked. Tuples become lists."""
    return _masked(value, sorted(secrets, key=len, reverse=True))  # a secret may be part of another one


def _masked(value: Any, secrets: list[str]) -> Any:
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, MASK)
        return value
    if isinstance(value, Mapping):
        return {_masked(key, secrets): _masked(inner, secrets) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(inner, secrets) for inner in value]
    return value
