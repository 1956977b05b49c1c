from __future__ import annotations

from audit.outlook import Drawing, Edge, Node
from reports.diagram_text import drawn
from reports.text import columns

NODES = (Node("a", "Phone", "device"), Node("b", "Your server", "server"))


def test_one_line_a_way_in_columns() -> None:
    edges = (
        Edge("b", "a", "words", "stream", ("loss", "order")),
        Edge("a", "b", "stop", "command"),
        Edge("a", "b", "no way back", "missing"),
    )
    assert drawn(Drawing("Today", NODES, edges, "")) == (
        "[Your server] =======> [Phone]       words  ✗ loss, order",
        "[Phone]       -------> [Your server] stop",
        "[Phone]       - - - -> [Your server] no way back",
    )


def test_it_fits_and_hides_nothing() -> None:
    nodes = (Node("a", "漢字" * 100, "device"), Node("b", "evil\n\x1b[31m\u202e", "server"))
    (line,) = drawn(Drawing("", nodes, (Edge("a", "b", "x" * 500, "stream"),), ""), width=80)
    assert columns(line) <= 80
    assert "\n" not in line and "\x1b" not in line


def test_edges_to_nowhere_are_left_out() -> None:
    assert drawn(Drawing("", NODES, (Edge("a", "c", "x", "stream"),), "")) == ()
