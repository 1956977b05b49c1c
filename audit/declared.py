"""Declared versus measured: what a target file claims, beside what the audit saw. Pure.

A claim is kept when a rule that holds the target to it passed and none failed, refuted by one gap, unproven otherwise.
What the contract says nothing about is listed as undeclared: nobody can be held to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .event import JsonValue, Value
from .finding import Verdict
from .outlook import Claim, Standing
from .result import Judgment

_AT_MOST = 12  # judgments named as evidence of one claim


@dataclass(frozen=True, slots=True)
class _Held:
    """The rules that hold a target to something, and what their passing means."""

    rules: tuple[str, ...]
    kept: str


_CONTRACT: Mapping[tuple[str, str], _Held] = {
    ("disconnect", "continue"): _Held(("survival", "tab-close"), "Answers went on when connections were lost."),
    ("disconnect", "cancel"): _Held(("survival",), "A lost connection ended the work."),
    ("idempotency", "key"): _Held(("resubmission",), "A repeated key made one run."),
}
_ANY_VALUE: Mapping[str, _Held] = {
    "concurrent_send": _Held(("concurrency", "interrupt"), "A prompt during a run was treated as declared."),
    "retention_s": _Held(("retention", "completion-window"), "Who came back within that time got everything."),
    "stop_budget_ms": _Held(("stop", "control-delay"), "Output ceased in time after every stop."),
}
_NEEDED_FOR = {
    "disconnect": "whether an answer has to survive a lost connection (survival)",
    "concurrent_send": "what has to become of a prompt sent during a run (concurrency)",
    "retention_s": "how long a device may stay away and still resume (retention)",
    "idempotency": "whether a repeated prompt may make a second run (resubmission)",
}
_WIRE = {"chat-sse": "sse", "ai-sdk": "sse", "openai-responses": "sse", "json-socket": "websocket"}


def claims(target: Value, traits: Value, judgments: Sequence[Judgment]) -> tuple[Claim, ...]:
    """Every claim: of the contract, of the protocol's options, of the architecture. target: redacted."""
    seen = _Seen(judgments)
    contract = _of_contract(_table(target, "contract"), seen)
    return (*contract, *_of_options(traits, seen), *_of_shape(target, traits, seen))


class _Seen:
    """What the judgments say of some rules."""

    def __init__(self, judgments: Sequence[Judgment]) -> None:
        self._judgments = judgments

    def claim(self, key: str, declared: str, held: _Held) -> Claim:
        """A claim, settled by the rules that hold the target to it."""
        gaps, passes, other = (self._of(held.rules, verdict) for verdict in _SETTLING)
        if gaps:
            heaviest = max(gaps, key=lambda each: each.severity.weight)  # the first of equals
            return _claim(key, declared, "refuted", heaviest.why, gaps)
        if passes:
            return _claim(key, declared, "kept", held.kept + _figures(passes), passes)
        why = other[0].why if other else f"No rule that was played tells ({', '.join(held.rules)})."
        return _claim(key, declared, "unproven", why, other)

    def broken(self, *rules: str) -> tuple[Judgment, ...]:
        return self._of(rules, Verdict.GAP)

    def _of(self, rules: Sequence[str], verdict: Verdict) -> tuple[Judgment, ...]:
        return tuple(each for each in self._judgments if each.rule in rules and each.verdict is verdict)


_SETTLING = (Verdict.GAP, Verdict.PASS, Verdict.INCONCLUSIVE)


def _claim(key: str, declared: str, standing: Standing, measured: str, evidence: Sequence[Judgment] = ()) -> Claim:
    names = tuple(f"{each.rule}@{each.scenario}" for each in evidence)
    return Claim(key, declared, standing, measured, names[:_AT_MOST])


def _figures(passes: Sequence[Judgment]) -> str:
    """The worst of what was measured in milliseconds, if anything was."""
    worst = max((each.spread[1] for each in passes if each.unit == "ms" and each.spread), default=None)
    return "" if worst is None else f" The slowest took {worst:.0f} ms."


def _of_contract(contract: Mapping[str, JsonValue], seen: _Seen) -> Iterator[Claim]:
    for name in (*_NEEDED_FOR, "stop_budget_ms"):
        key, value = f"contract.{name}", contract.get(name)
        held = _ANY_VALUE.get(name) or _CONTRACT.get((name, str(value)))
        if value is None and name in _NEEDED_FOR:
            yield Claim(key, "", "undeclared", f"Nothing says {_NEEDED_FOR[name]}.")
        elif value is not None and held:
            yield seen.claim(key, _told(value), held)


_OPTIONS: Mapping[str, tuple[str, str, _Held]] = {
    "resumes": (
        "options: resume",
        "a device can come back",
        _Held(("loss", "early-resume", "hang", "resume-delay"), "Whoever came back got the rest."),
    ),
    "observable": (
        "options: join",
        "a second device can follow",
        _Held(("join", "discovery", "live-view"), "Other devices had it all, live."),
    ),
    "history": (
        "options: history",
        "answers can be read again",
        _Held(("completion-window",), "History held what was said."),
    ),
}
_STOP = _Held(("stop", "stop-reach", "stop-vs-disconnect"), "Stops stopped, and nothing else did.")
_ENDINGS = _Held(("termination", "stop-visibility", "failure-truth"), "Every run ended once, and said how.")


def _of_options(traits: Value, seen: _Seen) -> Iterator[Claim]:
    """What the protocol, with these options, says that it can do."""
    for trait, (key, declared, held) in _OPTIONS.items():
        if traits.get(trait):
            yield seen.claim(key, declared, held)
    if traits.get("stop") == "command":
        yield seen.claim("options: stop", "there is a stop command", _STOP)
    if endings := _list(traits.get("endings")):
        yield seen.claim("protocol: endings", ", ".join(map(str, endings)), _ENDINGS)


def _of_shape(target: Value, traits: Value, seen: _Seen) -> Iterator[Claim]:
    shape = _table(target, "architecture")
    if (streaming := shape.get("streaming")) is not None:
        yield _streaming(str(streaming), target, seen)
    if shape.get("agents") == "orchestrator" or shape.get("agents") == "multi":
        held = _Held(("subagents",), "Every sub-agent was heard on every device.")
        claim = seen.claim("architecture.agents", _told(shape["agents"]), held)
        mute = claim.standing == "unproven" and not traits.get("agents")
        yield _mute(claim) if mute else claim
    if len(_list(shape.get("surfaces"))) > 1:
        held = _Held(("join", "handoff", "convergence"), "A second device could carry on what the first began.")
        yield seen.claim("architecture.surfaces", _told(shape["surfaces"]), held)


def _mute(claim: Claim) -> Claim:
    why = "The protocol does not say which agent speaks, so what each of them says cannot be told apart."
    return Claim(claim.key, claim.declared, "unproven", why)


def _streaming(declared: str, target: Value, seen: _Seen) -> Claim:
    """What carried the words, against what was said to; and whether they came one by one at all."""
    key, lumps = "architecture.streaming", seen.broken("buffering")
    wire = _wire(target)
    if wire and wire != declared:
        told = f"The audit spoke {target.get('protocol')}, which streams over {wire}."
        return Claim(key, declared, "refuted", told)
    if lumps and declared != "polling":
        return _claim(key, declared, "refuted", f"Words did not stream. {lumps[0].why}", lumps)
    if not wire:
        return Claim(key, declared, "unproven", "The protocol does not tell what carries it.")
    return Claim(key, declared, "kept", f"The audit spoke {target.get('protocol')}, which streams over {wire}.")


def _wire(target: Value) -> str:
    protocol = str(target.get("protocol"))
    if protocol == "session":
        return str(_table(target, "options").get("transport") or "websocket")
    return _WIRE.get(protocol, "")


def _told(value: JsonValue) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _table(target: Value, name: str) -> Mapping[str, JsonValue]:
    found = target.get(name)
    return found if isinstance(found, dict) else {}


def _list(value: JsonValue) -> Sequence[JsonValue]:
    return value if isinstance(value, list | tuple) else ()
