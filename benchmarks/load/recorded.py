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
from audit.load.wire.forecast import Forecast
from audit.load.words_ahead import WordsAhead

_take, _foresee, _came = Sight.message, Sight.foresee, WordsAhead.came
_devices: dict[Forecast, int] = {}
_arrivals: list[tuple[int, bytes, float]] = []


class Recorded(DurableSessionUser):
    """The devices of this process."""


def _message(sight: Sight, payload: bytes, at: float) -> Sight | None:
    _arrivals.append((sight._seer.number, payload, at))
    return _take(sight, payload, at)


def _ahead(sight: Sight, data: bytes) -> Forecast | None:
    found = _foresee(sight, data)
    if found is not None:
        _devices[found] = sight._seer.number
    return found


def _as_foreseen(words: WordsAhead, data: bytes, at: float) -> None:
    _arrivals.append((_devices[words], data[data.index(b"{") :], at))
    _came(words, data, at)


Sight.message, Sight.foresee = _message, _ahead  # type: ignore[method-assign, assignment]
WordsAhead.came = _as_foreseen  # type: ignore[method-assign, assignment]


@events.quit.add_listener  # type: ignore[untyped-decorator]
def _write(**_: Any) -> None:
    """Device, offset and instant (monotonic seconds) of every word."""
    rows = []
    for device, payload, at in _arrivals:
        event = json.loads(payload)
        if event.get("kind") == "text":
            rows.append((device, event["offset"], at))
    Path(os.environ["BENCH_ARRIVALS"]).write_text(json.dumps(rows))
