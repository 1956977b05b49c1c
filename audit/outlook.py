"""What a team can do with an audit: the plan, refuted claims, today's design and the next one, advice. Types only.

They are part of the result (`audit.result.AuditResult`): every field is plain JSON. `rule@scenario` names a judgment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

_STRICT = {"extra": "forbid"}  # what pydantic reads when it loads one of these

Standing: TypeAlias = Literal["kept", "refuted", "unproven", "undeclared"]
NodeKind: TypeAlias = Literal["device", "server", "session", "agent", "sub-agent"]
EdgeKind: TypeAlias = Literal["stream", "command", "missing"]


@dataclass(frozen=True, slots=True)
class Step:
    """One remedy of the plan, once, with everything that it closes.

    effort: as in `audit.result.Remedy`. closes: gaps that no earlier step closed. diagnoses: ids of those it treats.
    letter, score: the grade once this step and all before it are done, if nothing else changes. spares: numbers
    (from 1) of earlier steps that nobody needs who goes straight to this one.
    """

    action: str
    gain: str
    cost: str
    effort: str
    closes: tuple[str, ...]
    diagnoses: tuple[str, ...] = ()
    letter: str = ""
    score: float | None = None
    spares: tuple[int, ...] = ()
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class Claim:
    """Something the target file says, beside what was measured.

    key: its path in the file. declared: the value, as text. measured: what the audit saw, in a sentence. evidence:
    the judgments that say so.
    """

    key: str
    declared: str
    standing: Standing
    measured: str
    evidence: tuple[str, ...] = ()
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class Node:
    """A box of a drawing."""

    id: str
    label: str
    kind: NodeKind
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class Edge:
    """What crosses from node `start` to node `end`. missing: it should, and cannot. broken: rules that failed on it."""

    start: str
    end: str
    what: str
    kind: EdgeKind
    broken: tuple[str, ...] = ()
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture of a design, as data. says: the same in words."""

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    says: str
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class Move:
    """One step of a migration. checks: judgments that turn from gap to pass. back: how to undo it."""

    title: str
    does: str
    gain: str
    cost: str
    checks: tuple[str, ...]
    back: str
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class Design:
    """today: as declared and measured. proposed: None when the evidence asks for nothing. transport: which, and why."""

    today: Drawing
    proposed: Drawing | None = None
    transport: str = ""
    moves: tuple[Move, ...] = ()
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class Advice:
    """What is particular to one stack. rules: the broken ones it is about. sources: specifications, pages, threads."""

    stack: str
    text: str
    rules: tuple[str, ...]
    sources: tuple[str, ...]
    __pydantic_config__ = _STRICT
