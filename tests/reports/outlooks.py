"""The plan, claims, design and advice of sample results: worked out as an audit does, or made of nasty texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from audit.advice import advice
from audit.contract import Contract
from audit.declared import claims
from audit.migration import design
from audit.outlook import Advice, Claim, Design, Drawing, Edge, Move, Node, Step
from audit.result import AuditResult
from audit.situation import situation
from audit.way_out import plan

TRAITS = {
    "subscribes": False,
    "resumes": True,
    "observable": True,
    "history": True,
    "stop": "hangup",
    "endings": ["completed", "stopped", "failed"],
}


def with_outlook(result: AuditResult) -> AuditResult:
    """The result with what an audit would add to it, unless it has that already."""
    if result.plan or result.design:
        return result
    told = result.target.get("contract") or {}
    contract = Contract(**{each.name: told[each.name] for each in fields(Contract) if each.name in told})
    remedies = {rule: info.remedy for rule, info in result.rules.items()}
    steps = plan(result.findings, result.diagnoses, remedies, contract)
    case = situation(result.target, TRAITS, result.findings, result.diagnoses)
    return replace(
        result,
        traits=TRAITS,
        plan=steps,
        claims=claims(result.target, TRAITS, result.findings),
        design=design(case, steps),
        advice=advice(result.target, case.stacked),
    )


def hostile(nasty: Sequence[str]) -> dict[str, Any]:
    """Every text of them tries to break out."""
    nodes = tuple(Node(text, text, "device") for text in nasty)
    edges = tuple(Edge(text, nasty[0], text, "missing", (text,)) for text in nasty)
    drawing = Drawing(nasty[0], nodes, edges, nasty[1])
    moves = tuple(Move(text, text, text, text, (text, f"{text}@{text}"), text) for text in nasty)
    return {
        "plan": tuple(Step(text, text, text, text, (text,), (text,), text, 1.0, (1,)) for text in nasty),
        "claims": tuple(Claim(text, text, "refuted", text, (text,)) for text in nasty),
        "design": Design(drawing, drawing, nasty[0], moves),
        "advice": tuple(Advice(text, text, (text,), tuple(nasty)) for text in nasty),
    }
