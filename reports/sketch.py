"""The design of a result as the report tells it: two pictures, the moves between them, and advice for the stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from audit.outlook import Advice, Move
from audit.result import AuditResult

from .diagram import Diagram, diagram
from .plan import Link, by_rule
from .sources import Source, sources

MOST_MOVES = 20
MOST_ADVICE = 40


@dataclass(frozen=True, slots=True)
class Going:
    """A move, and the gaps that must turn green."""

    move: Move
    checks: tuple[Link, ...]
    command: str


@dataclass(frozen=True, slots=True)
class Sketch:
    """diagrams: today's, and the proposed one if there is one, each with the start of its anchors."""

    diagrams: tuple[tuple[str, Diagram], ...]
    transport: str
    moves: tuple[Going, ...]


@dataclass(frozen=True, slots=True)
class Counsel:
    """What to know of one stack: texts, each with the rules it is about and its sources."""

    stack: str
    advice: tuple[tuple[Advice, tuple[Source, ...]], ...]


def sketch(result: AuditResult, anchors: Mapping[tuple[str, str], str], prefix: str) -> Sketch | None:
    """None for a result that holds no design."""
    design = result.design
    if design is None:
        return None
    drawings = (design.today, design.proposed) if design.proposed else (design.today,)
    moves = (Going(move, by_rule(move.checks, anchors), _command(move)) for move in design.moves[:MOST_MOVES])
    pictures = ((f"{prefix}p{number}", diagram(drawing)) for number, drawing in enumerate(drawings, 1))
    return Sketch(tuple(pictures), design.transport, tuple(moves))


def _command(move: Move) -> str:
    """How to see that a move did what it should: only the scenarios that broke."""
    scenarios = dict.fromkeys(name.partition("@")[2] for name in move.checks)
    return " ".join(("durable-audit run TARGET", *(f"--scenario {scenario}" for scenario in scenarios)))


def counsel(result: AuditResult) -> tuple[Counsel, ...]:
    """Advice by stack, in the order of the result."""
    return tuple(_counsel(result))


def _counsel(result: AuditResult) -> Iterator[Counsel]:
    for stack, found in groupby(result.advice[:MOST_ADVICE], key=lambda each: each.stack):
        yield Counsel(stack, tuple((each, sources(each.sources)) for each in found))
