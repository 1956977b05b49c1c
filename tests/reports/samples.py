"""Results to render: one with many gaps, the perfect reference, one that proves nothing, a hostile and a huge one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from audit.contract import CAPABILITIES
from audit.finding import Verdict
from audit.result import (
    SCHEMA,
    AuditResult,
    Cap,
    CapabilityScore,
    Excerpt,
    Grade,
    Judgment,
    RunFile,
    Untested,
)

from . import outlooks, tapes
from .words import CONFLICT, RULES, SCENARIOS, TRAP

PASS, GAP, OPEN, NONE = Verdict.PASS, Verdict.GAP, Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE
RUNNER = "durable-audit run acme.toml --scenario"


def judgment(rule: str, scenario: str, verdict: Verdict, why: str = "", **more: Any) -> Judgment:
    """One judgment about a rule whose words are known."""
    info = RULES[rule]
    known: dict[str, Any] = {"trials": 0 if verdict in (OPEN, NONE) else 3}
    if verdict is GAP:
        known |= {"gaps": 3, "low": 0.438, "trial": 2, "run": f"{scenario}-2.jsonl", "evidence": (5, 12, 19)}
        known["replay"] = f"{RUNNER} {scenario} --seed 7 --trial 2"
    return Judgment(rule, scenario, info.capability, info.severity, verdict, why or f"{rule} held.", **(known | more))


def score(findings: tuple[Judgment, ...], capability: str) -> CapabilityScore:
    """Counts and a weighted mean, as an audit would put them into its result."""
    here = [found for found in findings if found.capability == capability]
    total = {verdict: sum(f.severity.weight for f in here if f.verdict is verdict) for verdict in Verdict}
    count = {verdict: sum(f.verdict is verdict for f in here) for verdict in Verdict}
    proven, all_of_it = total[PASS] + total[GAP], total[PASS] + total[GAP] + total[OPEN]
    return CapabilityScore(
        score=100 * total[PASS] / proven if proven else None,
        floor=100 * total[PASS] / all_of_it if all_of_it else 0.0,
        ceiling=100 * (total[PASS] + total[OPEN]) / all_of_it if all_of_it else 100.0,
        passed=count[PASS],
        gap=count[GAP],
        inconclusive=count[OPEN],
        not_applicable=count[NONE],
    )


def result(name: str, findings: tuple[Judgment, ...], verdict: Grade, **more: Any) -> AuditResult:
    """A result around some judgments."""
    runs = tuple(
        RunFile(f"{scenario}-{trial}.jsonl", scenario, trial, trial == 0, f"{trial:x}{'0c4f9a7e' * 8}"[:64])
        for scenario in dict.fromkeys(found.scenario for found in findings)
        for trial in range(4)
    )
    known: dict[str, Any] = {
        "schema": SCHEMA,
        "ruleset": "2026.11",
        "tool": "0.1.0",
        "created": "2026-11-20T10:00:00Z",
        "argv": ("durable-audit", "run", f"{name}.toml", "--seed", "7"),
        "profile": "quick",
        "seed": 7,
        "environment": {
            "durable-audit": "0.1.0",
            "python": "3.11.7",
            "platform": "Linux 6.1 x86_64",
            "processors": "8",
        },
        "target": target(name),
        "grade": verdict.letter,
        "verdict": verdict,
        "scores": {capability: score(findings, capability) for capability in CAPABILITIES},
        "findings": findings,
        "diagnoses": (),
        "runs": runs,
        "rules": RULES,
        "scenarios": SCENARIOS,
    }
    return outlooks.with_outlook(AuditResult(**(known | more)))


def target(name: str, **contract: Any) -> dict[str, Any]:
    """A redacted target."""
    return {
        "name": name,
        "base_url": "http://127.0.0.1:8031",
        "protocol": "ai-sdk",
        "options": {"path": "/api/chat", "resume": True},
        "architecture": {
            "streaming": "sse",
            "needs": list(CAPABILITIES),
            "agents": "single",
            "surfaces": ["web-tab", "mobile"],
        },
        "contract": {
            "disconnect": "continue",
            "concurrent_send": None,
            "retention_s": 3600,
            "stop_budget_ms": 1000,
            "idempotency": None,
            **contract,
        },
        "headers": {"authorization": "•••"},
    }


def bad() -> AuditResult:
    """Most of what can break is broken."""
    findings = (
        judgment(
            "loss",
            "network-drop",
            GAP,
            "The phone never showed tok-0006 … tok-0012 (7 of 12 words) of run-1; the laptop showed them.",
            device="phone",
            value=7.0,
            unit="words",
            spread=(4.0, 9.0),
            excerpt=tapes.lost(),
        ),
        judgment(
            "loss",
            "dead-air",
            GAP,
            "The phone never showed tok-0031 … tok-0060 (30 of 60 words) of run-1; the laptop showed them, and its way "
            "back failed: no such stream.",
            device="phone",
            value=30.0,
            unit="words",
            excerpt=tapes.sparse(),
        ),
        judgment(
            "duplication",
            "network-drop",
            GAP,
            "The phone shows tok-0003, tok-0004, tok-0005 and tok-0006 twice.",
            device="phone",
            gaps=1,
            low=0.06,
            high=0.79,
            value=4.0,
            unit="words",
            excerpt=tapes.repeated(),
        ),
        judgment(
            "order",
            "burst-resume",
            GAP,
            "On the phone, tok-0004, tok-0005 and tok-0006 came after tok-0008.",
            device="phone",
            gaps=2,
            low=0.2,
            high=0.94,
            excerpt=tapes.reordered(),
        ),
        judgment(
            "survival",
            "network-drop",
            GAP,
            "The run was stopped 40 ms after the phone lost its connection; the target declares that it goes on.",
            device="phone",
            excerpt=tapes.lost(),
        ),
        judgment(
            "discovery",
            "device-join",
            GAP,
            "The laptop joined while run-1 was going on and was told that there is nothing.",
            device="laptop",
            excerpt=tapes.refused_join(),
        ),
        judgment(
            "join",
            "device-join",
            GAP,
            "The laptop never showed tok-0001 … tok-0009 (9 of 9 words) of run-1.",
            device="laptop",
            value=9.0,
            unit="words",
            excerpt=tapes.refused_join(),
        ),
        judgment(
            "convergence",
            "tab-switch",
            GAP,
            "The tab shows 4 words of run-1, the laptop 8.",
            device="tab",
            excerpt=tapes.frozen(),
        ),
        judgment(
            "stop",
            "midstream-stop",
            GAP,
            "The phone pressed stop and was told yes; 7 more words came later than 1,000 ms after that.",
            device="phone",
            value=1_230.0,
            unit="ms",
            spread=(1_120.0, 4_020.0),
            excerpt=tapes.ignored_stop(),
        ),
        judgment(
            "stop-reach",
            "stop-elsewhere",
            GAP,
            "Only the connection that asked can stop, by hanging up.",
            device="laptop",
        ),
        judgment("resume-delay", "network-drop", PASS, value=41.5, unit="ms", spread=(12.0, 80.0)),
        judgment("termination", "network-drop", PASS),
        judgment("termination", "dead-air", PASS),
        judgment("buffering", "network-drop", PASS, value=0.12, unit="share"),
        judgment("isolation", "device-join", PASS),
        judgment("hang", "dead-air", OPEN, "The fault left no receipt: it did not happen, so this proves nothing."),
        judgment("hang", "long-absence", OPEN, "The fault left no receipt: it did not happen, so this proves nothing."),
        judgment("stop-idempotence", "midstream-stop", OPEN, "No stop ever took effect."),
        judgment("presence", "device-join", NONE, "This history holds no case of it."),
        judgment("order", "network-drop", PASS),
        judgment("order", "dead-air", PASS),
    )
    verdict = Grade(
        "D",
        "A dropped connection or a second device regularly costs users their answer or their control.",
        score=31.4,
        caps=(
            Cap("D", "a lost connection ends the answer although the product promises that it goes on", "survival"),
            Cap("C", "words are lost for good when a device comes back", "loss"),
        ),
        raises=(
            "Close survival (D → C, 31.4 → 44.0): A lost connection does what was promised. Stop wiring the request's "
            "abort signal into generation.",
            "Close stop (44.0, still C): Stop stops. Add a stop command.",
        ),
    )
    untested = (
        Untested("server-restart", "The target declares no hook that restarts it."),
        Untested("browser-tab", "No Chromium was found on this machine."),
    )
    return result("acme-chat", findings, verdict, diagnoses=(TRAP, CONFLICT), untested=untested)


def reference() -> AuditResult:
    """Every promise kept."""
    findings = tuple(
        found if found.verdict is NONE else judgment(found.rule, found.scenario, PASS) for found in bad().findings
    )
    verdict = Grade("A+", "Every promise was tested and kept: users lose nothing and stay in control.", score=100.0)
    told = target("reference", concurrent_send="queue", idempotency="key")
    told |= {"protocol": "session", "options": {"transport": "sse"}}
    return result("reference", findings, verdict, target=told)


def inconclusive() -> AuditResult:
    """Nothing could be proven."""
    why = "The fault-free twin failed: no word of run-1 arrived within 5 s."
    findings = tuple(judgment(found.rule, found.scenario, OPEN, why, unproven=3) for found in bad().findings)
    verdict = Grade("?", "Nothing could be proven either way, so there is no grade.")
    return result("unsure-bot", findings, verdict, partial="interrupted after 4 of 8 scenarios")


NASTY = (
    "<script>alert(1)</script>",
    "</style></svg></title><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" x=\'',
    "{{ 7 * 7 }}{% raw %}",
    "\u202etxt.exe\u2066 \u200b\ufeff",
    "bell\x07 escape\x1b[31m null\x00 line\nfeed\u2028 c1\x85",
    "lone \ud83d surrogate \udc00",
    "javascript:alert(1)",
    "]]>&<!--",
    "| pipe `tick` [link](javascript:alert(1)) @everyone #1",
    "x" * 100_000,
    "漢字" * 500,
)


def hostile() -> AuditResult:
    """Every text that a target could have a hand in tries to break out."""
    findings = tuple(
        replace(
            bad().findings[0],
            rule=nasty[:200],
            scenario=nasty[:200],
            why=nasty,
            device=nasty,
            unit=nasty,
            run=nasty,
            replay=nasty,
            excerpt=_nasty_excerpt(nasty),
        )
        for nasty in NASTY
    )
    everything = "".join(NASTY)
    verdict = Grade("F", everything, caps=(Cap("F", everything, everything),), raises=NASTY)
    evil = replace(TRAP, title=everything, felt=everything, proof=NASTY)
    rules = {nasty[:200]: replace(RULES["loss"], title=nasty, felt=nasty, source=NASTY) for nasty in NASTY}
    return result(
        everything,
        (*findings, replace(findings[0], verdict=OPEN), replace(findings[1], verdict=PASS)),
        verdict,
        rules=rules,
        diagnoses=(evil,),
        untested=(Untested(everything, everything),),
        environment={everything: everything},
        argv=NASTY,
        partial=everything,
        target={"name": everything, "base_url": everything, everything: {everything: list(NASTY)}},
        **outlooks.hostile(NASTY),
    )


def _nasty_excerpt(nasty: str) -> Excerpt:
    return Excerpt(
        events=(
            {"i": 0, "t": 0, "who": nasty, "phase": "note", "what": "device", "value": {"kind": nasty}},
            {
                "i": 1,
                "t": 1_000,
                "who": nasty,
                "phase": "seen",
                "what": "text",
                "value": {"text": nasty, "cursor": nasty},
            },
            {
                "i": 2,
                "t": 2_000,
                "who": nasty,
                "phase": "seen",
                "what": "end",
                "value": {"reason": nasty, "run": nasty},
            },
            {"i": 3, "t": 3_000, "who": nasty, "phase": nasty, "what": nasty, "value": {nasty: nasty}},
            {"i": 4, "t": 4_000, "who": "stage", "phase": "note", "what": "mark", "value": {"name": nasty}},
            {"i": 5, "t": 5_000, "who": f"link:{nasty}", "phase": "note", "what": "fault", "value": {"fault": nasty}},
            {"i": 6, "t": 6_000, "who": nasty, "phase": "invoke", "what": "prompt", "value": {"label": nasty}},
            {"i": 7, "t": 7_000, "who": nasty, "phase": "fail", "what": "prompt", "op": 6, "value": {"status": nasty}},
        ),
        marks={"1": nasty, "2": "missing", "3": "evidence"},
        devices={nasty: nasty, "<b>phone</b>": "<i>"},
        cut=3,
    )


def huge() -> AuditResult:
    """Sixty gaps with forty events each, and the run files of a standard profile."""
    base = bad()
    drawn = [found for found in base.findings if found.excerpt is not None]
    findings = tuple(
        replace(drawn[number % len(drawn)], scenario=f"scenario-{number:02d}", low=1 - number / 100)
        for number in range(60)
    )
    return result("huge", findings, base.verdict, diagnoses=base.diagnoses)
