"""A design drawn with characters, for places that show no pictures."""

from __future__ import annotations

from audit.outlook import Drawing, Edge

from .text import columns, fit, visible

_LABEL = 20
_ARROWS = {"stream": "=======>", "command": "------->", "missing": "- - - ->"}
_MOST = 24


def drawn(drawing: Drawing, width: int = 110) -> tuple[str, ...]:
    """One line a way, none longer than `width`: `[Phone] - - - -> [Your server] after a drop: no way back  ✗ loss`."""
    labels = {node.id: f"[{fit(visible(node.label, 60), _LABEL)}]" for node in drawing.nodes}
    ways = [each for each in drawing.edges[:_MOST] if {each.start, each.end} <= labels.keys()]
    wide = max((columns(label) for label in labels.values()), default=0)
    return tuple(fit(_line(each, labels[each.start], labels[each.end], wide), width) for each in ways)


def _line(way: Edge, start: str, end: str, wide: int) -> str:
    broken = f"  ✗ {', '.join(way.broken)}" if way.broken else ""
    arrow = _ARROWS.get(way.kind, _ARROWS["stream"])
    return visible(f"{_padded(start, wide)} {arrow} {_padded(end, wide)} {way.what}{broken}")


def _padded(text: str, wide: int) -> str:
    return text + " " * (wide - columns(text))
