"""Cursors keep caches from answering a live request with the same old response for ever (PROTOCOL.md section 10.1)."""

from __future__ import annotations

import math
import random

_EPOCH_S = 1_728_432_000  # 9 October 2024
_INTERVAL_S = 20
_JITTER_S = (1, 3_600)
_LONGEST = 15  # digits that a cursor can have


def interval(now_s: float) -> int:
    """The number of the interval of time that `now_s` (seconds since 1970) is in."""
    return int(now_s - _EPOCH_S) // _INTERVAL_S


def floor(echoed: str | None, now_s: float) -> int:
    """The least cursor that may be given to a client that sent this one: none goes back, and none stands still."""
    if echoed is None or len(echoed) > _LONGEST or not (echoed.isascii() and echoed.isdigit()):
        return 0
    if int(echoed) < interval(now_s):
        return 0
    return int(echoed) + math.ceil(random.randint(*_JITTER_S) / _INTERVAL_S)
