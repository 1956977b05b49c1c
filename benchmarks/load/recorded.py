"""Our load with every arrival written down as the engine measured it. A locustfile; BENCH_ARRIVALS: the file.

Only for the error of the delays: it costs CPU, so throughput is never measured with it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from locust import events

from audit.load.locustfile import DurableSessionUser
from audit.load.sight import Sight

_take = Sight.message
_arrivals: list[tuple[int, bytes, float]] = []


class Recorded(DurableSessionUser):
    """The devices of this process."""


def _message(sight: Sight, payload: bytes, at: float) -> None:
    _arrivals.append((sight._seer.number, payload, at))
    _take(sight, payload, at)


Sight.message = _message  # type: ignore[method-assign, assignment]


@events.quit.add_listener  # type: ignore[untyped-decorator]
def _write(**_: Any) -> None:
    """Device, offset and instant (monotonic seconds) of every word."""
    rows = []
    for device, payload, at in _arrivals:
        event = json.loads(payload)
        if event.get("kind") == "text":
            rows.append((device, event["offset"], at))
    Path(os.environ["BENCH_ARRIVALS"]).write_text(json.dumps(rows))
