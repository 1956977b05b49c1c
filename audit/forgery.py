"""Cursors that nobody gave a device: garbage, one from the future, one from another session. Pure."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

Forged: TypeAlias = Literal["garbage", "future", "foreign"]

GARBAGE = "no-such-place"
BEYOND = 1_000_000  # no trial says so much

_NUMBERED = re.compile(r"(.*?)([0-9]{1,15})", re.DOTALL)
_UNNAMED = frozenset({"int"})  # kinds of cursor that do not say which log they are of: any is one of ours


def forged(kind: Forged, own: str | None, other: str | None, cursors: str) -> str | None:
    """A false cursor of that kind, made of a true one; None where there can be none.

    own: the device's. other: one that was given out in another session. cursors: their kind (`Traits.cursor`).
    """
    if own is None or cursors == "none":
        return None
    if kind == "garbage":
        return GARBAGE
    if kind == "foreign":
        return None if cursors in _UNNAMED or other == own else other
    parts = _NUMBERED.fullmatch(own)
    return f"{parts[1]}{int(parts[2]) + BEYOND}" if parts else None
