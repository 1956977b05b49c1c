"""The numbers of the charts as a JSON block in the page. It holds numbers and words of ours, and is escaped all the
same: nothing in it can end the block or begin a comment."""

from __future__ import annotations

import json
from collections.abc import Sequence

from .load_hooks import Flag
from .load_plots import SHAPES, Plot, stretch
from .load_scale import Axis
from .load_series import Series
from .text import visible

_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&'\u2028\u2029"}


def data(
    plots: Sequence[Plot],
    series: Series,
    time: Axis,
    spans: Sequence[tuple[float, float]],
    flags: Sequence[Flag] = (),
) -> str:
    """The charts of a run over time."""
    stretches = [stretch(point, series.end_s) for point in series.points]
    return block(plots, [point.middle_s for point in series.points], stretches, time, spans, flags)


def block(
    plots: Sequence[Plot],
    places: Sequence[float],
    names: Sequence[str],
    time: Axis,
    spans: Sequence[tuple[float, float]],
    flags: Sequence[Flag] = (),
) -> str:
    """What the script of the page draws, as JSON that is safe inside a script element (WHATWG HTML 4.12.1.3).

    places: where each point of the lines stands on the axis that all charts share, ascending; names: what it is called.
    """
    value = {
        "times": [round(place, 3) for place in places],
        "stretches": list(names),
        "axis": _axis(time),
        "spans": [[round(a, 3), round(b, 3)] for a, b in spans],
        "flags": [{"at": round(flag.at_s, 3), "text": flag.text, "tone": flag.tone} for flag in flags],
        "shapes": SHAPES,
        "plots": {plot.key: _plot(plot) for plot in plots},
    }
    return json.dumps(value, separators=(",", ":"), allow_nan=False).translate(_ESCAPES)


def _axis(axis: Axis) -> dict[str, object]:
    return {
        "range": [axis.low, axis.high],
        "ticks": [value for value, _ in axis.ticks],
        "texts": [text for _, text in axis.ticks],
        "log": axis.log,
    }


def _short(value: float) -> float:
    return float(f"{value:.5g}")


def _plot(plot: Plot) -> dict[str, object]:
    lines = [
        {
            "name": visible(line.name, 60),
            "tone": line.tone,
            "style": line.style,
            "values": [None if value is None else _short(value) for value in line.values],
            "ranges": [None if ends is None else [*map(_short, ends)] for ends in line.ranges],
        }
        for line in plot.lines
    ]
    return {
        "kind": plot.kind,
        "unit": plot.unit,
        "axis": _axis(plot.axis),
        "lines": lines,
    }
