"""What the devices measured, in the form Locust's statistics take it: response times in Locust's own buckets."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Any

from ..event import Value
from .figures import GROWTH, ZERO, Histogram

VIOLATIONS = ("lost", "repeated", "reordered", "foreign", "unended", "wrong_end", "after_stop", "unanswered")
NAMES = {
    "resume_delay": "resume",
    "caught_up_delay": "caught up",
    "join_delay": "join",
    "first_item_delay": "first item",
    "item_delay": "item",
    "stop_delay": "stop",
    "steer_delay": "steer",
}


def entries(fresh: dict[str, Value], stats: Any, entry_type: Any, method: str) -> Iterator[tuple[str, Any]]:
    """One Locust StatsEntry per measure that has something new."""
    for measure, row in fresh.items():
        found = Histogram.load(row)
        if found.count:
            name = NAMES.get(measure, measure)
            yield name, _filled(entry_type(stats, name, method), found)


def _filled(entry: Any, found: Histogram) -> Any:
    now = int(time.time())
    entry.num_requests = found.count
    entry.num_reqs_per_sec = {now: found.count}
    entry.total_response_time = found.total
    entry.last_request_timestamp = time.time()
    entry.max_response_time = found.largest
    times: dict[int, int] = {}
    for key, count in found.buckets.items():
        value = rounded(0.0 if key == ZERO else math.exp((key + 0.5) * GROWTH))
        times[value] = times.get(value, 0) + count
    entry.response_times = times
    entry.min_response_time = min(times)
    return entry


def rounded(value: float) -> int:
    """Milliseconds as Locust buckets them: two significant digits from 100 on, whole below."""
    if value < 100:
        return round(value)
    return int(round(value, -1 if value < 1_000 else -2 if value < 10_000 else -3))
