"""What devices had last seen when something first went wrong on them (`audit.load.samples`), read leniently."""

from __future__ import annotations

from dataclasses import dataclass

from audit.event import Value
from audit.load.result import LoadResult

from . import load_scale
from .text import count, visible

MOST = 8  # devices
LINES = 12  # of what each had seen, the last
_LINE = 180  # characters


@dataclass(frozen=True, slots=True)
class Sample:
    """One device. lane: its last lines; before: how many more were kept, in words."""

    title: str
    where: str
    lane: tuple[str, ...]
    before: str


def samples(result: LoadResult) -> tuple[Sample, ...]:
    """The first devices with a fault."""
    return tuple(_sample(sample, result.seconds) for sample in result.samples[:MOST])


def left_out(result: LoadResult) -> int:
    """How many samples the result holds and the report does not show."""
    return max(len(result.samples) - MOST, 0)


def _sample(sample: Value, seconds: float) -> Sample:
    seen = sample.get("seen")
    lines = [str(line) for line in seen] if isinstance(seen, (list, tuple)) else []
    at = sample.get("at_s")
    told = f"At {load_scale.clock(at, seconds)}: " if isinstance(at, (int, float)) else ""
    more = len(lines) - LINES
    return Sample(
        title=f"{told}{visible(sample.get('fault', 'a fault'), 160)}",
        where=f"device {visible(sample.get('device', '?'), 40)}, session {visible(sample.get('session', '?'), 80)}",
        lane=tuple(visible(line.strip(), _LINE) for line in lines[-LINES:]),
        before=f"{count(more, 'earlier line')} in the JSON result" if more > 0 else "",
    )
