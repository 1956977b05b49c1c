"""Boxes and ways of a design, laid out as a picture: columns from devices to agents, every way numbered.

What crosses is told below the picture, by number: no label can cover another, and the picture reads on a phone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot

from audit.outlook import Drawing, Edge, Node

from .text import columns, fit, visible

_WIDTH, _HEIGHT, _BETWEEN, _ROW, _MARGIN = 148, 92, 132, 112, 12
_APART = 26  # of parallel ways; their numbers must not touch
_LINE = 17
_LETTERS = 14  # of a box's label, a line
_HEAD = 9
_MOST_NODES, _MOST_EDGES = 12, 24
_COLUMN = {"device": 0, "server": 1, "session": 1, "agent": 2, "sub-agent": 3}


@dataclass(frozen=True, slots=True)
class Box:
    """A node: its corner and size, and its label in lines, each with the height of its baseline."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    lines: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Way:
    """A numbered edge. line, head: SVG paths; x, y: where its number stands. start, end: labels of its boxes."""

    number: int
    kind: str
    line: str
    head: str
    x: float
    y: float
    start: str
    end: str
    what: str
    broken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Diagram:
    """A drawing laid out in `width` × `height` units."""

    title: str
    says: str
    width: int
    height: int
    boxes: tuple[Box, ...]
    ways: tuple[Way, ...]


def diagram(drawing: Drawing) -> Diagram:
    """Lay a drawing out. Edges between boxes that are not there are left out."""
    nodes = drawing.nodes[:_MOST_NODES]
    places = _columns(nodes, drawing.edges)
    tallest = max((len([1 for column in places.values() if column == each]) for each in places.values()), default=1)
    boxes = {node.id: box for node, box in zip(nodes, _boxes(nodes, places, tallest), strict=True)}
    labels = {node.id: visible(node.label, 60) for node in nodes}
    edges = [each for each in drawing.edges[:_MOST_EDGES] if {each.start, each.end} <= boxes.keys()]
    ways = tuple(_way(number, edge, edges, boxes, labels) for number, edge in enumerate(edges, 1))
    wide = 1 + max(places.values(), default=0)
    return Diagram(
        title=drawing.title,
        says=drawing.says,
        width=2 * _MARGIN + wide * _WIDTH + (wide - 1) * _BETWEEN,
        height=2 * _MARGIN + tallest * _ROW,
        boxes=tuple(boxes.values()),
        ways=ways,
    )


def _columns(nodes: Sequence[Node], edges: Sequence[Edge]) -> dict[str, int]:
    """Sub-agents stand behind the agent they speak through; where they speak for themselves, beside it."""
    agents = {node.id for node in nodes if node.kind == "agent"}
    relayed = {edge.start for edge in edges if edge.end in agents}
    return {
        node.id: 2 if node.kind == "sub-agent" and node.id not in relayed else _COLUMN.get(node.kind, 1)
        for node in nodes
    }


def _boxes(nodes: Sequence[Node], places: Mapping[str, int], tallest: int) -> list[Box]:
    beside = {column: [node.id for node in nodes if places[node.id] == column] for column in set(places.values())}
    return [_box(node, places[node.id], beside[places[node.id]], tallest) for node in nodes]


def _box(node: Node, column: int, beside: Sequence[str], tallest: int) -> Box:
    x = _MARGIN + column * (_WIDTH + _BETWEEN)
    middle = _MARGIN + tallest * _ROW * (beside.index(node.id) + 0.5) / len(beside)
    words = _lines(visible(node.label, 60))
    first = middle - (len(words) - 1) * _LINE / 2 + 5
    lines = tuple((round(first + number * _LINE, 1), word) for number, word in enumerate(words))
    return Box(x, round(middle - _HEIGHT / 2, 1), _WIDTH, _HEIGHT, node.kind, lines)


def _lines(label: str) -> list[str]:
    lines: list[str] = []
    for word in label.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and columns(longer) <= _LETTERS:
            lines[-1] = longer
        else:
            lines.append(fit(word, _LETTERS))
    return lines[:4]


def _way(number: int, edge: Edge, edges: Sequence[Edge], boxes: Mapping[str, Box], labels: Mapping[str, str]) -> Way:
    x1, y1 = _port(edge, edge.start, edges, boxes)
    x2, y2 = _port(edge, edge.end, edges, boxes)
    long = hypot(x2 - x1, y2 - y1) or 1.0
    dx, dy = (x2 - x1) / long, (y2 - y1) / long
    back_x, back_y = x2 - _HEAD * dx, y2 - _HEAD * dy
    side_x, side_y = -dy * _HEAD / 2, dx * _HEAD / 2
    return Way(
        number=number,
        kind=edge.kind,
        line=f"M{x1:.1f} {y1:.1f}L{back_x:.1f} {back_y:.1f}",
        head=_triangle((x2, y2), (back_x + side_x, back_y + side_y), (back_x - side_x, back_y - side_y)),
        x=round((x1 + x2) / 2, 1),
        y=round((y1 + y2) / 2, 1),
        start=labels[edge.start],
        end=labels[edge.end],
        what=edge.what,
        broken=edge.broken,
    )


def _triangle(*corners: tuple[float, float]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners) + "Z"


def _port(edge: Edge, here: str, edges: Sequence[Edge], boxes: Mapping[str, Box]) -> tuple[float, float]:
    """Where a way leaves a box: on the side that faces the other one, all ways of a side in the order of what they lead
    to, so that they do not cross."""
    box = boxes[here]
    side = _side(edge, here, boxes)
    together = [each for each in edges if here in (each.start, each.end) and _side(each, here, boxes) == side]
    together.sort(key=lambda each: boxes[_other(each, here)].y)
    apart = min(_APART, (box.height - 10) / len(together))
    middle = box.y + box.height / 2 + (together.index(edge) - (len(together) - 1) / 2) * apart
    return box.x + (box.width if side > 0 else 0.0), middle


def _other(edge: Edge, here: str) -> str:
    return edge.end if edge.start == here else edge.start


def _side(edge: Edge, here: str, boxes: Mapping[str, Box]) -> int:
    """1: to the right; -1: to the left, as are ways to a box of the same column."""
    return 1 if boxes[_other(edge, here)].x > boxes[here].x else -1
