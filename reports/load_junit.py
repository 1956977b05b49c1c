"""JUnit XML of a load run: one suite, a case for each gate, and one for whether the run proves anything at all.

A gate that failed is a failure; one that could not be judged is an error, and so is every gate of a void run: nothing
about it was proven. Schema: the common subset that Jenkins and GitLab read.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from audit.finding import Verdict
from audit.load.result import LoadResult

from . import load_hooks, load_storms, load_view, load_words
from .load_view import Gate
from .text import visible

PROVES = "the run proves something"
_OUTCOMES = {Verdict.GAP: "failure", Verdict.INCONCLUSIVE: "error"}


def render(result: LoadResult) -> str:
    """One run as an XML document. Valid XML 1.0 whatever its texts hold."""
    name = visible(load_words.name(result))
    cases = [_proof(result), *load_view.gates(result)]
    counts = _counts(cases)
    root = Element("testsuites", {"name": name, **counts})
    suite = SubElement(root, "testsuite", {"name": "load", **counts, "time": f"{result.seconds:.3f}"})
    properties = SubElement(suite, "properties")
    keys = ("seed", "devices", "resumes", "events", "unanswered", "interrupted")
    told = {key: getattr(result, key) for key in keys}
    for key, value in told.items():
        SubElement(properties, "property", {"name": key, "value": str(value).lower()})
    for case in cases:
        _case(suite, f"{name}.load", case, result)
    said = (load_view.command(result), *load_hooks.sentences(result), *load_storms.sentences(result))
    SubElement(suite, "system-out").text = "\n".join(visible(line) for line in said)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _proof(result: LoadResult) -> Gate:
    """Void and incomplete runs must not pass as empty suites."""
    reason = result.void or result.partial
    word = "void" if result.void else "interrupted" if result.interrupted else "not complete"
    return Gate(PROVES, reason, Verdict.INCONCLUSIVE if reason else Verdict.PASS, word)


def _counts(cases: list[Gate]) -> dict[str, str]:
    verdicts = [case.verdict for case in cases]
    failures, errors = verdicts.count(Verdict.GAP), verdicts.count(Verdict.INCONCLUSIVE)
    return {"tests": str(len(cases)), "failures": str(failures), "errors": str(errors), "skipped": "0"}


def _case(suite: Element, where: str, gate: Gate, result: LoadResult) -> None:
    case = SubElement(suite, "testcase", {"name": visible(gate.gate, 200), "classname": visible(where)})
    outcome = _OUTCOMES.get(gate.verdict)
    if outcome is not None:
        message = visible(f"{gate.word}: {gate.value}")
        SubElement(case, outcome, {"message": message}).text = visible(" ".join(load_words.sentences(result)))
