from __future__ import annotations

from itertools import combinations
from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.contract import Contract
from audit.migration import design
from audit.outlook import Drawing, Edge, Node
from audit.result import Judgment
from audit.situation import situation
from audit.way_out import plan
from reports.diagram import Diagram, diagram
from tests.audit.making import REMEDY, judgment

from . import samples
from .outlooks import TRAITS


def laid_out(agents: str, surfaces: tuple[str, ...]) -> list[Diagram]:
    """Today's picture and the proposed one of a target where everything broke."""
    found: list[Judgment] = [judgment(rule, "gap") for rule in ("loss", "join", "stop", "survival", "subagents")]
    target = {"protocol": "ai-sdk", "architecture": {"agents": agents, "surfaces": list(surfaces)}}
    steps = plan(found, (), {each.rule: REMEDY for each in found}, Contract())
    made = design(situation(target, TRAITS, found, ()), steps)
    assert made.proposed is not None
    return [diagram(made.today), diagram(made.proposed)]


@pytest.mark.parametrize("agents", ["single", "orchestrator", "multi"])
@pytest.mark.parametrize("surfaces", [("web-tab",), ("web-tab", "mobile"), ("web-tab", "mobile", "background")])
def test_nothing_covers_anything(agents: str, surfaces: tuple[str, ...]) -> None:
    for picture in laid_out(agents, surfaces):
        for a, b in combinations(picture.boxes, 2):
            assert a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y
        for one, other in combinations(picture.ways, 2):
            assert hypot(one.x - other.x, one.y - other.y) >= 16, (one.what, other.what)
        for way in picture.ways:
            for box in picture.boxes:
                assert not (box.x < way.x < box.x + box.width and box.y < way.y < box.y + box.height)


@pytest.mark.parametrize("agents", ["single", "orchestrator", "multi"])
def test_everything_lies_inside(agents: str) -> None:
    for picture in laid_out(agents, ("web-tab", "mobile", "background")):
        for box in picture.boxes:
            assert box.x >= 0 and box.x + box.width <= picture.width
            assert box.y >= 0 and box.y + box.height <= picture.height
            assert all(box.y < y < box.y + box.height for y, _ in box.lines)


def test_ways_are_numbered_in_order_and_say_what_crosses() -> None:
    (today, proposed) = laid_out("single", ("web-tab", "mobile"))
    assert [way.number for way in today.ways] == list(range(1, len(today.ways) + 1))
    assert (today.ways[0].start, today.ways[0].end) == ("Your server", "Browser tab")
    assert any(way.broken == ("join",) for way in today.ways)
    assert not any(way.broken for way in proposed.ways)


def test_an_edge_to_nowhere_is_left_out() -> None:
    nodes = (Node("a", "A", "device"), Node("b", "B", "server"))
    edges = (Edge("a", "nowhere", "x", "stream"), Edge("a", "b", "y", "command"))
    assert [way.what for way in diagram(Drawing("", nodes, edges, "")).ways] == ["y"]


def test_a_picture_of_nothing() -> None:
    assert diagram(Drawing("", (), (), "")).boxes == ()


_KIND = st.sampled_from(["device", "server", "session", "agent", "sub-agent"])
_NODES = st.lists(st.builds(Node, st.sampled_from("abcdefgh"), st.text(max_size=90), _KIND), unique_by=lambda n: n.id)
_EDGES = st.lists(
    st.builds(Edge, st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh"), st.text(), st.just("stream"))
)


@given(_NODES, _EDGES)
def test_whatever_it_is_given_it_draws(nodes: list[Node], edges: list[Edge]) -> None:
    found = diagram(Drawing("", tuple(nodes), tuple(edges), ""))
    assert len(found.boxes) == len(nodes)
    assert all(text for box in found.boxes for _, text in box.lines)


def test_hostile_designs_are_cut_to_size() -> None:
    found = samples.hostile().design
    assert found is not None
    nodes = tuple(Node(str(number), "x" * 10_000, "device") for number in range(1_000))
    edges = tuple(Edge("0", "1", "y", "stream") for _ in range(1_000))
    picture = diagram(Drawing("", nodes, edges, ""))
    assert (len(picture.boxes), len(picture.ways)) == (12, 24)
    assert all(len(line) <= 14 for box in picture.boxes for _, line in box.lines)
